"""The other way to be known: photos of the document in hand and of the face, for an officer (S3, S5)."""

from __future__ import annotations

from typing import Any

from compliance.audit import door
from daigou.accounts.models import Account
from daigou.core.access import Actor, require
from daigou.core.db import load, load_locked, transaction
from daigou.core.errors import Impossible, Invalid
from daigou.core.i18n import lazy
from daigou.documents import access
from daigou.documents import service as documents
from daigou.documents.inspection import Checked
from daigou.documents.models import StoredFile

from . import checking, rules
from .models import IdentityCheck

PHOTO_LIMIT = 10 * 2**20  # bytes


def readable(actor: Actor, file: StoredFile) -> None:
    """The person themselves and the officers; for all others there is no such file."""
    require(actor, "document.view", load(IdentityCheck, id=_check_id(file)))


def _check_id(file: StoredFile) -> str:
    return file.about.removeprefix("identity_check/")


for _kind in rules.IMAGES:
    access.by_kind[_kind] = readable


def read_photo(upload: Any, field: str) -> Checked:
    """A photo as it may be kept, before any transaction begins; Invalid at ``field``."""
    try:
        return documents.check(upload, allowed=documents.IMAGES, limit=PHOTO_LIMIT)
    except Invalid as refusal:
        raise Invalid({field: refusal.fields["file"]}, code=refusal.code) from refusal


def send(actor: Actor, name: str, document: Checked, face: Checked) -> IdentityCheck:
    """Give both photos to the officers. Impossible while an earlier pair is being looked at."""
    checking.require_name(name)
    with transaction():
        load_locked(Account, id=actor.account_id)
        check = checking.intend(actor, "photos", name)
        if not check.is_("intended"):
            raise Impossible("identity.sent", lazy("Your photos are with an officer already."))
        for kind, photo in zip(rules.IMAGES, (document, face), strict=True):
            documents.store(
                actor, check.stream, check.subject, "identity", kind, photo,
                allowed=documents.IMAGES, limit=PHOTO_LIMIT,
            )  # fmt: skip
        door.transition(actor, check, "submit", check=check.ref)
    return check
