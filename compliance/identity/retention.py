"""ID and face images live as long as the person's country allows, then they are destroyed, here and at the provider."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import or_, select

from compliance.audit import door
from daigou.core import clock
from daigou.core.access import system
from daigou.core.db import db, load, load_locked, transaction
from daigou.documents import service as documents
from daigou.documents.models import StoredFile
from daigou.providers.payment import Rejected

from .models import IdentityCheck, RetentionRule
from .provider import provider

SYSTEM = system("identity")
DOCUMENT, FACE = "identity_document", "identity_face"
BATCH = 200


def days_of(country: str, kind: str, day: date) -> int:
    """The newest row of the country, else of all (``*``). LookupError without one: then nothing may be kept."""
    statement = (
        select(RetentionRule)
        .where(
            RetentionRule.kind == kind, RetentionRule.country.in_((country, "*")), RetentionRule.valid_from <= day,
            or_(RetentionRule.valid_to.is_(None), RetentionRule.valid_to > day),
        )
        .order_by((RetentionRule.country == country).desc(), RetentionRule.valid_from.desc())
    )  # fmt: skip
    found = db.session.execute(statement.limit(1)).scalar_one_or_none()
    if found is None:
        raise LookupError(f"no retention row for {kind}")
    return found.days


def set_days(check: IdentityCheck, country: str) -> None:
    """Counted from today, the day of the decision. A card check leaves no image."""
    if check.method == "card":
        return
    today = clock.today()
    check.document_until = today + timedelta(days=days_of(country, DOCUMENT, today))
    if check.method == "photos":
        check.face_until = today + timedelta(days=days_of(country, FACE, today))


def due() -> list[UUID]:
    """Checks of which an image must be gone by now, the oldest first."""
    today = clock.today()
    which = or_(IdentityCheck.document_until <= today, IdentityCheck.face_until <= today)
    statement = select(IdentityCheck.id).where(which).order_by(IdentityCheck.id).limit(BATCH)
    with transaction():
        return list(db.session.execute(statement).scalars())


def destroy(check_id: UUID) -> None:
    """Destroy what is due of one check. Run again, it finds nothing left to do."""
    with transaction():
        check = load(IdentityCheck, id=check_id)
    if check.method == "provider" and check.provider_id and _is_due(check.document_until):
        _redact(check.provider_id)
    with transaction():
        check = load_locked(IdentityCheck, id=check_id)
        gone = []
        if _is_due(check.document_until):
            gone += _destroy_files(check, DOCUMENT)
            check.document_until = None
        if _is_due(check.face_until):
            gone += _destroy_files(check, FACE)
            check.face_until = None
        door.record(SYSTEM, check, "images_destroyed", check=check.ref, files=gone)


def forget(account_id: UUID) -> None:
    """Have the provider destroy all it holds of a person who was erased. Run again, it answers the same."""
    asked = select(IdentityCheck.provider_id).where(
        IdentityCheck.account_id == account_id, IdentityCheck.method == "provider",
        IdentityCheck.provider_id.is_not(None),
    )  # fmt: skip
    with transaction():
        known = list(db.session.scalars(asked))
    for provider_id in known:
        _redact(str(provider_id))


def _is_due(until: date | None) -> bool:
    return until is not None and until <= clock.today()


def _redact(provider_id: str) -> None:
    """Rejected: it was redacted before, or it is not theirs any more."""
    try:
        provider().redact_check(provider_id)
    except Rejected:
        return


def _destroy_files(check: IdentityCheck, kind: str) -> list[str]:
    statement = select(StoredFile).where(
        StoredFile.about == check.stream, StoredFile.kind == kind, StoredFile.deleted_at.is_(None)
    )
    files = list(db.session.execute(statement).scalars())
    for file in files:
        documents.destroy(SYSTEM, file, "retention")
    return [file.ref for file in files]
