"""Free storage and its end: the countdown, and the letters ahead of it. Nothing is ever destroyed by itself."""

from __future__ import annotations

from datetime import datetime, time, timedelta
from uuid import UUID

from sqlalchemy import select

from daigou.core import clock
from daigou.core.db import db, load, transaction
from daigou.orders.models import OrderItem

from . import letters, rules
from .models import StockUnit


def remind() -> int:
    """Write to shoppers whose free storage ends in so many days (rules.REMIND_DAYS); how many letters are due today.

    Runs once a day; running twice on one day writes once, for each letter is known by its item and its day.
    """
    due = [(item, days) for days in rules.REMIND_DAYS for item in _ending_in(days)]
    for item_id, days in due:
        with transaction():
            letters.storage_ends(load(OrderItem, id=item_id), days)
    return len(due)


def _ending_in(days: int) -> list[UUID]:
    begin = datetime.combine(clock.today() + timedelta(days=days), time.min, clock.now().tzinfo)
    statement = select(StockUnit.item_id).where(
        StockUnit.left_at.is_(None),
        StockUnit.storage_until >= begin,
        StockUnit.storage_until < begin + timedelta(days=1),
    )
    return list(db.session.execute(statement).scalars())
