"""What an erasure had left, and has had its time."""

from __future__ import annotations

from typing import Final
from uuid import UUID

from sqlalchemy import select

from compliance.audit import door
from daigou.core import clock, outbox
from daigou.core.crypto import vault
from daigou.core.db import db, load_locked, transaction
from daigou.documents import service as documents
from daigou.documents.models import StoredFile

from . import holds
from .actor import SYSTEM
from .erasing import leaving
from .forgetting import forget
from .models_requests import PrivacyRequest, Probes, Remainder
from .rules import COPY_KEPT
from .subject import Person, models, person_with

BATCH: Final = 500


def run_due() -> int:
    """The nightly job: what an erasure had left and has had its time. How many purposes went."""
    rows = select(Remainder).where(Remainder.gone_at.is_(None), Remainder.until <= clock.today())
    with transaction():
        due = [(r.id, r.subject, r.purpose) for r in db.session.scalars(rows.order_by(Remainder.until).limit(BATCH))]
    return sum(_let_go(*row) for row in due)


def _let_go(remainder_id: UUID, subject: str, purpose: str) -> bool:
    with transaction():
        if any(purpose in hold.purposes for hold in holds.holds_on(subject)):
            return False
    vault().keys.destroy(subject, purpose, "retention ended")
    with transaction():
        row = load_locked(Remainder, id=remainder_id)
        if row.gone_at is None:
            row.gone_at = clock.now()
            door.note(SYSTEM, f"erasure/{subject}", "erasure:remainder_gone", subject=subject, purpose=purpose)
        forget(_known_as(subject), leaving(subject))
        if purpose == "identity":
            outbox.put("erasure.identity", account_id=_known_as(subject).account_id)
    return True


def _known_as(subject: str) -> Person:
    accounts = models()["accounts"]
    return person_with(db.session.execute(select(accounts.id).where(accounts.subject == subject)).scalar_one())


def expire() -> int:
    """The nightly job: words to search for, and copies that nobody fetched, past their days."""
    return _expire_probes() + _expire_copies()


def _expire_probes() -> int:
    with transaction():
        old = db.session.scalars(select(Probes).where(Probes.kept_until < clock.today()).limit(BATCH)).all()
        for row in old:
            vault().keys.destroy(row.subject, "account", "kept long enough")
            db.session.delete(row)
    return len(old)


def _expire_copies() -> int:
    with transaction():
        rows = select(PrivacyRequest).where(PrivacyRequest.file_id.is_not(None)).limit(BATCH)
        old = db.session.scalars(rows.where(PrivacyRequest.state_since < clock.now() - COPY_KEPT)).all()
        for row in old:
            file = db.session.get(StoredFile, row.file_id)
            if file is not None and file.deleted_at is None:
                documents.destroy(SYSTEM, file, "retention")
            row.file_id = None
    return len(old)
