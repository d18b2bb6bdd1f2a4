"""What happens to returns by itself."""

from __future__ import annotations

import logging
from uuid import UUID

from daigou.core.db import db
from daigou.payments import news

from . import labels, service, standing

log = logging.getLogger(__name__)


def refund_succeeded(refund_id: str) -> None:
    """Its case and item are over, and its shopper hears of it."""
    service.refund_succeeded(UUID(refund_id))
    news.refund_succeeded(UUID(refund_id))


def buy_label(label_id: str) -> None:
    """The way back of an approved return, where it is ours."""
    labels.buy(UUID(label_id))


def rate_standings() -> None:
    """The ratings of everybody with news. One that fails holds up no other."""
    for account_id in standing.due():
        try:
            standing.rate(account_id)
        except Exception:
            db.session.rollback()
            log.exception("rating failed", extra={"about": str(account_id)})
