"""Who stands behind a reference: told to an officer who says what for, and written down before it is told."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256

from compliance.audit import door, proposals
from daigou.accounts.models import Account, Merchant
from daigou.core.access import Actor, require
from daigou.core.db import db, find, transaction
from daigou.core.errors import NotFound
from daigou.core.i18n import lazy

from .models import Reveal


@dataclass(frozen=True, slots=True)
class Person:
    """In clear. ``name`` and ``email`` are empty where the person was erased."""

    subject: str
    name: str
    email: str
    country: str
    roles: tuple[str, ...]


def reveal(actor: Actor, subject: str, reason: str) -> Person:
    """Invalid without a reason, NotFound for a reference that is nobody's. The look stands in the person's own life."""
    require(actor, "person.reveal")
    words = proposals.checked(reason)
    with transaction():
        person = _person(subject)
        row = Reveal(subject=subject, officer=actor.account_id, reason=words)
        db.session.add(row)
        # A reason is free words and may name somebody, so the log holds its hash, salted by the row's own key.
        digest = sha256(row.id.bytes + words.encode()).hexdigest()
        door.note(actor, f"person/{subject}", "person:revealed", subject=subject, reason_sha256=digest)
    return person


def _person(subject: str) -> Person:
    account = find(Account, subject=subject)
    if account is not None:
        return Person(subject, str(account.name or ""), str(account.email or ""), account.country, tuple(account.roles))
    merchant = find(Merchant, subject=subject)
    if merchant is not None:
        return Person(subject, merchant.name, "", merchant.country, ("merchant",))
    raise NotFound("person.unknown", lazy("Nobody has this reference here."))
