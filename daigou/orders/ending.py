"""How orders end that nobody pays: cancelled by their shopper, or run out."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from compliance.audit import door
from daigou.core import clock, outbox
from daigou.core.access import Actor, require
from daigou.core.db import db, load, load_locked, transaction
from daigou.core.errors import Impossible
from daigou.core.i18n import lazy

from . import letters, repricing, screening, stock
from .bills import end_bill, lock_items
from .models import Bill, Order, OrderItem, Quote


def cancel(actor: Actor, order_ref: str) -> Order:
    """Cancel an order before it is paid: the bill is void, the stock goes back. Impossible once a payment is going."""
    with transaction():
        bill = load_locked(Bill, order_id=_own(actor, order_ref).id, kind="goods")
        if bill.is_("processing", "paid"):
            raise Impossible("order.paying", lazy("A payment is already on its way, so this can’t be cancelled here."))
        order = load_locked(Order, ref=order_ref)
        end_bill(actor, bill, "cancel")
        door.transition(actor, order, "cancel")
        _let_go(actor, order)
    return order


def withdraw_item(actor: Actor, item_ref: str, way: str = "original") -> OrderItem:
    """Take back one paid item before its merchant has bought it: all of it is refunded at once, in ``way``.

    Impossible once it is bought; the merchant's and the shopper's word wait for each other, and the first one counts.
    """
    with transaction():
        item: OrderItem = load_locked(OrderItem, ref=item_ref)
        require(actor, "order.cancel", item)
        if not item.is_("paid"):
            raise Impossible("item.bought", lazy("It can’t be cancelled any more: the merchant has bought it already."))
        door.transition(actor, item, "withdraw", way=way)
        if item.listing_id:
            stock.put_back([(item.listing_id, item.quantity)])
        outbox.put("item.withdrawn", item_id=item.id, way=way)
    return item


def expire_bill(actor: Actor, bill_id: UUID) -> bool:
    """A bill that nobody paid in time; False when somebody was faster. Freight bills end with their parcel."""
    with transaction():
        bill = load_locked(Bill, id=bill_id)
        if not bill.is_("due") or bill.due_until > clock.now() or screening.waits(bill):
            return False
        end_bill(actor, bill, "expire")
        if bill.kind == "goods":
            order = load_locked(Order, id=bill.order_id)
            door.transition(actor, order, "expire")
            _let_go(actor, order)
            letters.tell_expired(order)
        elif bill.kind == "difference":
            repricing.give_up(actor, bill, "expire")
        elif bill.kind == "cover":
            outbox.put("cover.unpaid", bill_id=bill.id)
    return True


def expire_quote(actor: Actor, quote_id: UUID) -> bool:
    with transaction():
        quote = load_locked(Quote, id=quote_id)
        if not quote.is_("issued") or quote.valid_until > clock.now():
            return False
        door.transition(actor, quote, "expire")
    return True


def overdue(limit: int = 500) -> tuple[list[UUID], list[UUID]]:
    """Keys of bills (freight's end with their parcels) and quotes whose time is over."""
    now = clock.now()
    bills = select(Bill.id).where(Bill.state == "due", Bill.due_until <= now, Bill.kind != "freight")
    quotes = select(Quote.id).where(Quote.state == "issued", Quote.valid_until <= now)
    found = [list(db.session.execute(rows.limit(limit)).scalars()) for rows in (bills, quotes)]
    return found[0], found[1]


def _own(actor: Actor, order_ref: str) -> Order:
    order = load(Order, ref=order_ref)
    require(actor, "order.cancel", order)
    return order


def _let_go(actor: Actor, order: Order) -> None:
    items = lock_items(order)
    for item in items:
        door.transition(actor, item, "withdraw")
    stock.put_back((item.listing_id, item.quantity) for item in items if item.listing_id)
