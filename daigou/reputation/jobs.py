"""What reputation does by itself. Each can run twice."""

from __future__ import annotations

import logging
from uuid import UUID

from daigou.core.db import db, transaction

from . import figures, letters, service

log = logging.getLogger(__name__)


def ask_for_reviews() -> None:
    """Each shopper hears once of each item that can be reviewed."""
    with transaction():
        for item in letters.unasked():
            letters.ask(item)


def refresh_figures() -> None:
    """Every shop's figures: complaints grow old, and answers come. One that fails holds up no other."""
    after: UUID | None = None
    while shops := figures.shops(after):
        for merchant_id in shops:
            try:
                figures.keep(merchant_id)
            except Exception:
                db.session.rollback()
                log.exception("figures failed", extra={"about": str(merchant_id)})
        after = shops[-1]


def follow_decision(case_id: str) -> None:
    """An officer has decided on a review that was held back."""
    service.follow(UUID(case_id))
