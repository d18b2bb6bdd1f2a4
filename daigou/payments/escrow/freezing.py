"""Money of a payment that a bank disputes stays where it is until the case is decided."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from daigou.core.db import db
from daigou.orders.models import Bill
from daigou.payments.paying.models import Attempt


def item_is_frozen(order_id: UUID) -> bool:
    """Whether a bank disputes a payment for this order. Locks its payments, so that no case opens meanwhile."""
    return is_frozen(Bill.order_id == order_id)


def parcel_is_frozen(parcel_id: UUID) -> bool:
    return is_frozen(Bill.parcel_id == parcel_id)


def is_frozen(which: object) -> bool:
    """Whether a payment of these bills is disputed."""
    statement = (
        select(Attempt)
        .join(Bill, Bill.id == Attempt.bill_id)
        .where(which, Attempt.state == "succeeded")  # type: ignore[arg-type]
        .order_by(Attempt.id)
        .with_for_update(of=Attempt)
        .execution_options(populate_existing=True)
    )
    return any(attempt.disputed_at is not None for attempt in db.session.execute(statement).scalars().all())
