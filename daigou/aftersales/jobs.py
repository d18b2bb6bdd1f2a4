"""What happens to returns by itself."""

from __future__ import annotations

from uuid import UUID

from daigou.payments import news

from . import service


def refund_succeeded(refund_id: str) -> None:
    """Its case and item are over, and its shopper hears of it."""
    service.refund_succeeded(UUID(refund_id))
    news.refund_succeeded(UUID(refund_id))
