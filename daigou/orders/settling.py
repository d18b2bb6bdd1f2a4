"""A bill is paid: what it was for goes on."""

from __future__ import annotations

from compliance.audit import door
from daigou.core import outbox
from daigou.core.access import Actor
from daigou.core.db import load_locked, transaction

from . import repricing
from .bills import lock_items
from .models import Bill, Order


def settle_bill(actor: Actor, bill: Bill) -> None:
    """The money is in: the caller holds the bill's lock and has posted it. Goods become paid; what else it was for
    (freight, a cover) is told on."""
    with transaction():
        door.transition(actor, bill, "settle", bill=bill.ref)
        if bill.kind == "goods":
            _pay_goods(actor, bill)
        elif bill.kind == "difference":
            repricing.pay_difference(actor, bill)
        else:
            outbox.put(f"{bill.kind}.paid", bill_id=bill.id)


def _pay_goods(actor: Actor, bill: Bill) -> None:
    order = load_locked(Order, id=bill.order_id)
    door.transition(actor, order, "pay", bill=bill.ref)
    for item in lock_items(order):
        door.transition(actor, item, "pay", bill=bill.ref)
    outbox.put("order.paid", order_id=order.id)
    outbox.put("invoice.order", order_id=order.id)
