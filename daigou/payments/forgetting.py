"""Somebody was erased: what the payment provider knows of the payer goes too, the payments stay on its books."""

from __future__ import annotations

import logging
from uuid import UUID

from sqlalchemy import select

from compliance.audit import door
from daigou.core.db import db, transaction
from daigou.providers.payment import Rejected

from .actor import SYSTEM
from .paying.models import Attempt
from .provider import provider

log = logging.getLogger(__name__)


def forget(account_id: UUID) -> int:
    """How many customers the provider dropped. Run again, it finds them gone; Unanswered: tried again by the queue."""
    known = select(Attempt.payment_intent_id, Attempt.subject).where(
        Attempt.account_id == account_id, Attempt.payment_intent_id.is_not(None)
    )
    with transaction():
        rows = db.session.execute(known).all()
    dropped = sum(_drop(str(row.payment_intent_id)) for row in rows)
    if dropped:
        with transaction():
            subject = rows[0].subject
            door.note(SYSTEM, f"erasure/{subject}", "erasure:provider_told", subject=subject, dropped=dropped)
    return dropped


def _drop(intent_id: str) -> bool:
    try:
        return provider().forget_payer(intent_id)
    except Rejected as rejected:  # of another account of ours, or so old that nobody knows it
        log.info("nothing to forget there", extra={"about": intent_id, "code": rejected.code})
        return False
