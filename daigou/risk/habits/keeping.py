"""The habit of an account as it was last worked out, from nothing but its payments: a second run changes nothing."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, or_, select
from sqlalchemy.dialects.postgresql import insert

from daigou.core import clock, ids
from daigou.core.db import db, find, transaction

from .models import SpendingHabit
from .rules import Habit, Payment, as_json, from_json, habit_of


def keep(account_id: UUID, payments: Sequence[Payment]) -> Habit:
    """Work the habit out anew; who has no payment within its span has none."""
    habit, now = habit_of(payments), clock.now()
    with transaction() as session:
        if not payments:
            session.execute(delete(SpendingHabit).filter_by(account_id=account_id))
            return habit
        values = {"figures": as_json(habit), "computed_at": now}
        statement = insert(SpendingHabit).values(id=ids.new_id(), created_at=now, account_id=account_id, **values)
        news = or_(
            SpendingHabit.figures != statement.excluded.figures, SpendingHabit.computed_at < now - timedelta(days=1)
        )
        session.execute(statement.on_conflict_do_update(index_elements=["account_id"], set_=values, where=news))
    return habit


def of(account_id: UUID) -> Habit:
    """For a page. Whoever judges a payment reads it with everything else, in one statement."""
    row = find(SpendingHabit, account_id=account_id)
    return from_json(row.figures if row else None)


def stale(before: datetime, limit: int) -> list[UUID]:
    """Accounts whose habit was last worked out before a moment: what is too old must leave it."""
    statement = select(SpendingHabit.account_id).where(SpendingHabit.computed_at < before)
    return list(db.session.execute(statement.order_by(SpendingHabit.computed_at).limit(limit)).scalars())
