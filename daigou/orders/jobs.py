"""What happens to orders by itself."""

from __future__ import annotations

import logging
from uuid import UUID

from daigou.core.access import system
from daigou.core.db import load, transaction
from daigou.core.errors import Refusal

from . import ending, letters, screening
from .bills import lock_items
from .models import Order

log = logging.getLogger(__name__)
CLOCK = system("orders")


def expire_due() -> None:
    """End bills and quotes whose time is over, each in a transaction of its own."""
    bills, quotes = ending.overdue()
    for expire, keys in ((ending.expire_bill, bills), (ending.expire_quote, quotes)):
        for key in keys:
            try:
                expire(CLOCK, key)
            except Refusal:
                log.exception("not expired", extra={"about": str(key)})


def tell_paid(order_id: str) -> None:
    """The order's money is in: its shopper and its merchants hear of it, once."""
    with transaction():
        order = load(Order, id=UUID(order_id))
        letters.tell_paid(order, lock_items(order))


def screen(order_id: str) -> None:
    """A placed order: its shopper and destination against the lists."""
    screening.screen_placed(UUID(order_id))
