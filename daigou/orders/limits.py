"""What a shopper has under way, held against what their tier allows: in euros, whatever they pay in."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from sqlalchemy import ARRAY, ColumnElement, String, any_, bindparam, func, literal, select

from compliance.identity import tiers
from compliance.identity.rules import Limits, Spent
from daigou.core import clock
from daigou.core.db import db
from daigou.core.money import Money, total
from daigou.pricing import service as pricing

from .models import Order, Quote

MONTH = timedelta(days=30)
LOOK_BACK = timedelta(days=180)  # an order that is older is over, or in the hands of support
UNDER_WAY = ("placed", "paid")
COUNTED = (*UNDER_WAY, "completed")


def _is_one_of(states: tuple[str, ...]) -> ColumnElement[bool]:
    """As an array: an IN is written anew each time it is asked."""
    return Order.state == any_(literal(list(states), ARRAY(String)))


# Built once: every order asks it.
_SPENT = (
    select(
        Order.currency,
        func.coalesce(func.sum(Order.total_minor).filter(Order.created_at > bindparam("month")), 0),
        func.count().filter(_is_one_of(UNDER_WAY)),
    )
    .where(Order.account_id == bindparam("account"), Order.created_at > bindparam("since"), _is_one_of(COUNTED))
    .group_by(Order.currency)
)


def require_room(limits: Limits, quote: Quote) -> None:
    """Impossible when this quote's order would go beyond the limits of its shopper. The caller has locked the account
    until the order is placed, so that two orders at once can't both use the same room."""
    tiers.require_room(limits, spent(quote.account_id), pricing.in_euro(quote.total))


def spent(account_id: UUID) -> Spent:
    """What is under way now and was ordered in the last 30 days."""
    now = clock.now()
    values = {"account": account_id, "month": now - MONTH, "since": now - LOOK_BACK}
    rows = db.session.execute(_SPENT, values).all()
    month = total((pricing.in_euro(Money(int(minor), currency)) for currency, minor, _ in rows), pricing.EURO)
    return Spent(sum(count for _, _, count in rows), month)


def of_shopper(account_id: UUID) -> tuple[Limits, Spent]:
    """For the page that shows both."""
    return tiers.limits_of(account_id), spent(account_id)
