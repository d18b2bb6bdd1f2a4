"""Bills: issued, and ended when nobody paid. What happens when they are paid stands in settling.py."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select

from compliance.audit import door
from daigou.core import ids, outbox
from daigou.core.access import Actor
from daigou.core.db import db, transaction

from .models import Bill, Order, OrderItem


def issue_bill(  # noqa: PLR0913  a bill is what it names
    actor: Actor,
    *,
    kind: str,
    account_id: UUID,
    subject: str,
    about_ref: str,
    currency: str,
    rows: Sequence[dict[str, Any]],
    split: Sequence[dict[str, Any]],
    due_until: datetime,
    order_id: UUID | None = None,
    parcel_id: UUID | None = None,
) -> Bill:
    """A new bill, due. ``rows`` ({"label", "minor"}) are what people read, ``split`` ({"escrow", "minor"}) its parts.

    Both must sum to the same positive total: ValueError otherwise, for that is a defect.
    """
    total = sum(int(row["minor"]) for row in rows)
    if total <= 0 or total != sum(int(part["minor"]) for part in split):
        raise ValueError(f"a bill of {total} whose parts do not sum to it")
    bill = Bill(
        ref=ids.new_ref("BIL"),
        kind=kind,
        account_id=account_id,
        subject=subject,
        order_id=order_id,
        parcel_id=parcel_id,
        about_ref=about_ref,
        currency=currency,
        total_minor=total,
        split=list(split),
        rows=list(rows),
        due_until=due_until,
    )
    with transaction():
        door.created(actor, bill, bill=bill.ref, total=f"{total} {currency}")
    return bill


def end_bill(actor: Actor, bill: Bill, move: str, /, **facts: Any) -> None:
    """Cancel or expire a bill that is due. Whatever page was opened for it is taken away at the provider."""
    with transaction():
        door.transition(actor, bill, move, **facts)
        outbox.put("bill.over", bill_id=bill.id)


def lock_items(order: Order) -> Sequence[OrderItem]:
    """The order's items in their order, read afresh and locked."""
    statement = select(OrderItem).filter_by(order_id=order.id).order_by(OrderItem.id).with_for_update()
    return db.session.execute(statement.execution_options(populate_existing=True)).scalars().all()
