"""Freight bills: paid, or over when nobody paid."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from compliance.audit import door
from daigou.core import clock
from daigou.core.access import Actor
from daigou.core.db import db, load, load_locked, transaction
from daigou.orders import screening
from daigou.orders import service as orders
from daigou.orders.models import Bill
from daigou.payments import service as payments

from .building import thaw
from .models import Parcel
from .papers import SHIPPER


def freight_paid(bill_id: UUID) -> None:
    """Parcel -> freight paid. Money for a parcel that will not be sent goes back at once."""
    bill = load(Bill, id=bill_id)
    with transaction():
        parcel = load_locked(Parcel, id=bill.parcel_id)
        if parcel.is_("freight_pending"):
            door.transition(SHIPPER, parcel, "pay", bill=bill.ref)
        elif parcel.is_("draft", "cancelled"):
            payments.refund_parcel(SHIPPER, parcel.id, "parcel_not_sent")


def let_go_unpaid(actor: Actor, limit: int = 200) -> int:
    """Parcels whose freight nobody paid in time are drafts again; their items stay in them."""
    overdue = (
        select(Bill.id)
        .where(Bill.state == "due", Bill.due_until <= clock.now(), Bill.kind == "freight")
        .order_by(Bill.due_until)
        .limit(limit)
    )
    keys = list(db.session.execute(overdue).scalars())
    return sum(_let_go(actor, key) for key in keys)


def _let_go(actor: Actor, bill_id: UUID) -> bool:
    with transaction():
        bill = load_locked(Bill, id=bill_id)
        if not bill.is_("due") or bill.due_until > clock.now() or screening.waits(bill):
            return False
        orders.end_bill(actor, bill, "expire", bill=bill.ref)
        parcel = load_locked(Parcel, id=bill.parcel_id)
        if parcel.is_("freight_pending"):
            door.transition(actor, parcel, "reopen")
            thaw(parcel)
        return True
