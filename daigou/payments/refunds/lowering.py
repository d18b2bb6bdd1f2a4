"""A price that fell before the merchant bought: the difference leaves the item's escrow and goes back to its payer."""

from __future__ import annotations

from uuid import UUID

from compliance.audit import door
from daigou.core.db import load, load_locked, transaction
from daigou.ledger.service import post
from daigou.orders import letters, repricing
from daigou.orders.models import Order, OrderItem, PriceChange
from daigou.payments.actor import SYSTEM

from . import refunding, rules


def lower_price(change_id: UUID) -> None:
    """Once: the item's prices, what is held for it and the refund change together, so that the books hold at any time.

    An item that was given up in the meantime is refunded whole by whoever gave it up.
    """
    with transaction():
        known = load(PriceChange, id=change_id)
        order: Order = load_locked(Order, id=load(OrderItem, id=known.item_id).order_id)
        item: OrderItem = load_locked(OrderItem, id=known.item_id)
        change: PriceChange = load_locked(PriceChange, id=change_id)
        if not change.is_("lowering"):
            return
        if item.is_("paid", "purchased", "received", "inspected", "in_stock"):
            _give_back(order, item, change)
        door.transition(SYSTEM, change, "settle", item=item.ref)


def _give_back(order: Order, item: OrderItem, change: PriceChange) -> None:
    surplus = -change.difference
    repricing.apply(order, item, change)
    if not surplus:
        return  # less than a minor unit of the shopper's currency
    lines = rules.set_apart(str(item.id), str(change.id), surplus)
    post(SYSTEM, change, "price_fell", f"price:{change.id}", lines, item=item.ref)
    refunding.refund_apart(SYSTEM, item, str(change.id), surplus, "price_fell")
    letters.tell_price_fell(item, change)
