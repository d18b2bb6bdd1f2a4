"""A bank takes a payment back. For now: the books stay true, and a person is told."""

from __future__ import annotations

import logging

from compliance.audit import door
from daigou.core import outbox
from daigou.core.db import find, load_locked, transaction
from daigou.ledger.service import post
from daigou.providers.payment import DisputeSeen

from . import rules
from .models import Attempt
from .starting import SYSTEM

log = logging.getLogger(__name__)


def apply(seen: DisputeSeen) -> None:
    """Book each of the dispute's lines once, note it on the payment, and put it before an officer."""
    with transaction():
        known = find(Attempt, charge_id=seen.charge_id)
        if known is None:
            log.error("a dispute of a payment that is not ours", extra={"dispute": seen.id})
            return
        attempt = load_locked(Attempt, id=known.id)
        fresh = [
            line
            for line in seen.lines
            if post(SYSTEM, attempt, "disputed", f"stripe:{line.id}", rules.disputed(line), dispute=seen.id)
        ]
        if fresh:
            door.record(SYSTEM, attempt, "disputed", dispute=seen.id, reason=seen.reason, status=seen.status)
            outbox.put("dispute.seen", attempt_id=attempt.id)
