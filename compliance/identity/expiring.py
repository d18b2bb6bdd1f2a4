"""An identity document ends: its holder hears of it 60, 30 and 7 days ahead, and then the tier falls by itself."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from sqlalchemy import select

from compliance.audit import door
from daigou.core import clock
from daigou.core.access import system
from daigou.core.db import db, load_locked, transaction

from . import letters
from .models import Identity

SYSTEM = system("identity")
REMIND_DAYS = (60, 30, 7)


def lower_expired() -> int:
    """The job: remind, or lower what has ended. How many were looked at; run twice, it changes nothing more."""
    soon = clock.today() + timedelta(days=REMIND_DAYS[0])
    statement = select(Identity.id).where(
        Identity.document_expires <= soon, Identity.state.in_(("verified", "advanced"))
    )
    with transaction():
        due = list(db.session.execute(statement.order_by(Identity.document_expires)).scalars())
    for identity_id in due:
        _look(identity_id)
    return len(due)


def _look(identity_id: UUID) -> None:
    with transaction():
        identity = load_locked(Identity, id=identity_id)
        ends = identity.document_expires
        if ends is None or not identity.is_("verified", "advanced"):
            return
        left = (ends - clock.today()).days
        if left >= 0:
            letters.document_ends(identity, ends, min((days for days in REMIND_DAYS if left <= days), default=0))
            return
        door.transition(SYSTEM, identity, "lower", reason="document_expired")
        identity.advanced_asked_at = identity.name_verified_at = None
        if identity.account_id is not None:
            letters.document_ended(identity)
