"""What a bank's case has come to: applied from the provider's own word, in any order, any number of times."""

from __future__ import annotations

import logging

from compliance.audit import door
from daigou.core import clock, faults, ids, outbox
from daigou.core.access import system
from daigou.core.db import db, find, load_locked, transaction
from daigou.ledger.service import post
from daigou.payments.paying.models import Attempt
from daigou.payments.provider import provider
from daigou.providers.payment import DisputeSeen

from . import rules, settling
from .models import Dispute

log = logging.getLogger(__name__)
SYSTEM = system("disputes")


def refetch(provider_id: str) -> None:
    """Ask the provider how a case stands, and bring ours to there."""
    apply(provider().dispute_seen(provider_id))


def apply(seen: DisputeSeen) -> None:
    """Book each of its lines once, freeze what it is about while it is open, and settle it when it is over."""
    with transaction():
        faults.step("dispute.apply")
        known = find(Attempt, charge_id=seen.charge_id)
        if known is None:
            log.error("a dispute of a payment that is not ours", extra={"dispute": seen.id})
            return
        settling.lock_items(known)
        attempt = load_locked(Attempt, id=known.id)  # before the case: refunds and releases wait for this one too
        row = _row(attempt, seen)
        row.provider_status, row.due_at = seen.status, seen.due_at or row.due_at
        for line in sorted(seen.lines, key=lambda line: line.created):
            post(SYSTEM, row, "disputed", f"stripe:{line.id}", rules.moved(str(row.id), line))
        _move(row, seen)
        db.session.flush()
        if row.is_(*rules.OPEN):
            attempt.disputed_at = attempt.disputed_at or clock.now()
        elif seen.status in ("won", "lost", "warning_closed", "prevented"):
            settling.settle(attempt, row)


def _row(attempt: Attempt, seen: DisputeSeen) -> Dispute:
    row = find(Dispute, provider_id=seen.id)
    if row is not None:
        return load_locked(Dispute, id=row.id)
    row = Dispute(
        ref=ids.new_ref("DSP"),
        provider_id=seen.id,
        attempt_id=attempt.id,
        account_id=attempt.account_id,
        subject=attempt.subject,
        order_ref=attempt.order_ref,
        reason=seen.reason,
        provider_status=seen.status,
        currency=seen.amount.currency,
        amount_minor=seen.amount.minor,
        due_at=seen.due_at or clock.now() + rules.URGENT,
    )
    door.created(SYSTEM, row, dispute=row.ref, provider=seen.id, reason=seen.reason, amount=str(row.amount))
    db.session.flush()
    outbox.put("dispute.assemble", dispute_id=row.id)
    return row


def _move(row: Dispute, seen: DisputeSeen) -> None:
    """A step that ours has taken already, or that the provider tells late, is none."""
    name = rules.MOVES.get(seen.status)
    if row.is_("submitting") and seen.status in ("under_review", "warning_under_review"):
        name = "confirm"
    if name is None or not row.can(name):
        return
    door.transition(SYSTEM, row, name, dispute=row.ref, provider=seen.status)
    if name in ("confirm", "review"):
        row.submitted_at = clock.now()
    if name in ("win", "lose"):
        outbox.put("dispute.decided", dispute_id=row.id)
