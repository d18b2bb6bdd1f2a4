"""The nightly run."""

from __future__ import annotations

import logging

from daigou.core import clock
from daigou.core.db import transaction
from daigou.payments import news

from . import running

log = logging.getLogger(__name__)


def nightly() -> None:
    """Yesterday, and whatever was missed; officers hear of faults when there are new ones."""
    outcomes = running.catch_up(clock.today())
    faults = sum(n for outcome in outcomes for (kind, _), n in outcome.found.items() if kind == "fault")
    waiting = sum(outcome.open for outcome in outcomes)
    log.info("reconciled", extra={"days": len(outcomes), "faults": faults})
    if waiting:
        with transaction():
            news.books_do_not_match(waiting, outcomes[-1].day)
