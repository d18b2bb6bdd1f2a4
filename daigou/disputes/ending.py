"""After a case: what waited for it goes on."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from compliance.audit import door
from daigou.core import outbox
from daigou.core.access import system
from daigou.core.db import db, load, load_locked, transaction
from daigou.ledger.service import balance
from daigou.orders.models import Bill, OrderItem
from daigou.payments import service as payments
from daigou.payments.paying.models import Attempt
from daigou.shipping import service as shipping
from daigou.shipping.models import Parcel

from .models import Dispute

SYSTEM = system("disputes")


def go_on(dispute_id: UUID) -> None:
    """Releases and refunds that were held up by the case, for each item (or the parcel) that its payment was for."""
    row = load(Dispute, id=dispute_id)
    attempt = db.session.get_one(Attempt, row.attempt_id)
    bill = db.session.get_one(Bill, attempt.bill_id)
    if attempt.is_("surplus") or row.settled_at is None:
        return
    if bill.parcel_id is not None:
        _parcel(bill.parcel_id)
        return
    statement = select(OrderItem.id).where(OrderItem.order_id == bill.order_id).order_by(OrderItem.id)
    for item_id in db.session.execute(statement).scalars().all():
        _item(item_id, row)


def _item(item_id: UUID, row: Dispute) -> None:
    with transaction():
        item = load_locked(OrderItem, id=item_id)
        held = balance("escrow", item.currency, item.id)
        if item.is_("completed", "refunded"):
            payments.release_item(SYSTEM, item, "dispute_over")
        elif item.is_("invalid") and held:
            outbox.put("item.invalid", item_id=item.id)
        elif item.is_("withdrawn") and held:
            outbox.put("item.withdrawn", item_id=item.id, way="original")
        elif item.can("refund") and not held:
            door.transition(SYSTEM, item, "refund", dispute=row.ref)  # the bank has paid it back
            db.session.flush()
            shipping.complete_orders(SYSTEM, [item.order_id])


def _parcel(parcel_id: UUID) -> None:
    with transaction():
        parcel = load_locked(Parcel, id=parcel_id)
        if parcel.is_("completed"):
            payments.settle_parcel(SYSTEM, parcel)
