"""Which payments a refund is taken from: an item may have been paid by several, a part of it from the balance."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from daigou.core.db import db, load_locked
from daigou.core.errors import Impossible
from daigou.core.i18n import lazy
from daigou.core.money import Money
from daigou.orders.models import Bill, OrderItem
from daigou.payments.paying.models import Attempt

from . import rules
from .models import Refund

_NOT_PAID = lazy("There is no payment for this to refund.")


def of_item(item: OrderItem, amount: Money) -> list[tuple[Attempt, Money]]:
    """An item's payments with what each gives back: the provider's first, then what came from the balance."""
    return of_owner(item.id, amount)


def of_owner(owner: UUID, amount: Money) -> list[tuple[Attempt, Money]]:
    """The same for whatever owns a part of a bill."""
    return _drawn(_payments(Bill.split.contains([{"escrow": str(owner)}])), amount)


def of_parcel(parcel_id: UUID, amount: Money) -> list[tuple[Attempt, Money]]:
    return _drawn(_payments(Bill.parcel_id == parcel_id, Bill.kind == "freight"), amount)


def currency_of(parcel_id: UUID) -> str:
    """What a parcel's freight was billed in."""
    statement = select(Bill.currency).filter_by(parcel_id=parcel_id, kind="freight").limit(1)
    found = db.session.execute(statement).scalar_one_or_none()
    if found is None:
        raise Impossible("refund.not_paid", _NOT_PAID)
    return found


def _payments(*which: Any) -> list[Attempt]:
    """The locked attempts whose payments counted; their locks are what refunds of one payment wait for."""
    statement = (
        select(Attempt.id)
        .join(Bill, Bill.id == Attempt.bill_id)
        .where(*which, Attempt.state == "succeeded")
        .order_by(Attempt.source, Attempt.id)
    )
    keys = db.session.execute(statement).scalars().all()
    if not keys:
        raise Impossible("refund.not_paid", _NOT_PAID)
    locked = {key: load_locked(Attempt, id=key) for key in sorted(keys)}  # one order: no two of us block
    return [locked[key] for key in keys]


def _drawn(payments: list[Attempt], amount: Money) -> list[tuple[Attempt, Money]]:
    if len(payments) == 1 or any(payment.currency != amount.currency for payment in payments):
        return [(payments[0], amount)]
    promised = _promised([payment.id for payment in payments])
    rooms = [payment.amount - Money(promised.get(payment.id, 0), payment.currency) for payment in payments]
    return [(payment, part) for payment, part in zip(payments, rules.drawn(amount, rooms), strict=True) if part]


def _promised(keys: list[UUID]) -> dict[UUID, int]:
    """What was promised of each payment, in one query."""
    statement = (
        select(Refund.attempt_id, func.sum(Refund.amount_minor))
        .where(Refund.attempt_id.in_(keys), Refund.state != "failed")
        .group_by(Refund.attempt_id)
    )
    return {key: int(minor) for key, minor in db.session.execute(statement)}
