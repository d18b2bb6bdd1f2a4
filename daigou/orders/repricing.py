"""The price changed before the merchant bought: the shopper pays the difference (补款), gets it back, or declines.

The merchant reports the goods' new price. Higher: the item waits in balance_due for a bill of the difference, at the
rate that the order locked; paid, it goes on, declined or left unpaid, everything that was paid for the item goes back.
Lower: the difference goes back, and the item goes on at once.
"""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal
from uuid import UUID

from sqlalchemy import select

from compliance.audit import door
from daigou.accounts.models import Merchant
from daigou.core import clock, ids, outbox
from daigou.core.access import Actor, require
from daigou.core.db import db, find, load, load_locked, transaction
from daigou.core.errors import Impossible, Invalid
from daigou.core.i18n import format_money, lazy
from daigou.core.money import Money
from daigou.providers.stripe.amounts import charge_limits, payable

from . import letters
from .bills import end_bill, issue_bill
from .models import Bill, Order, OrderItem, PriceChange
from .rules import DIFFERENCE_HOURS, MOST_RISE, commission_at

REASONS = ("supplier", "variant", "sale", "mistake")


def report_price(actor: Actor, item_ref: str, goods: Money, reason: str) -> PriceChange:
    """All pieces of a paid item now cost ``goods``, in the merchant's currency. Impossible once it was bought.

    Invalid (field ``goods``) for another currency, the same price, more than MOST_RISE times the price, or a rise that
    is too small to be billed.
    """
    if reason not in REASONS:
        raise Invalid({"reason": lazy("Choose one of the reasons.")})
    with transaction():
        item: OrderItem = load_locked(OrderItem, ref=item_ref)
        require(actor, "item.reprice", item)
        item.machine.find(item.state, "raise_price")
        _refuse(item, goods)
        change = _change(item, goods, reason)
        door.created(actor, change, item=item.ref, before=change.before_minor, after=change.after_minor, reason=reason)
        db.session.flush()
        (_ask if goods.minor > item.merchant_goods_minor else _lower)(actor, item, change)
    return change


def item_of(actor: Actor, item_ref: str) -> OrderItem:
    """An item whose price this actor may report."""
    item: OrderItem = load(OrderItem, ref=item_ref)
    require(actor, "item.reprice", item)
    return item


def _refuse(item: OrderItem, goods: Money) -> None:
    if goods.currency != item.merchant_currency:
        words = lazy("The price is in %(currency)s, your shop’s currency.", currency=item.merchant_currency)
        raise Invalid({"goods": words})
    if goods.minor == item.merchant_goods_minor:
        raise Invalid({"goods": lazy("This is the price that was ordered.")})
    if goods.minor <= 0 or goods.minor > item.merchant_goods_minor * MOST_RISE:
        words = lazy("More than twice the price is another offer. Say that the item can’t be bought.")
        raise Invalid({"goods": words})
    if find(PriceChange, item_id=item.id, state="lowering"):
        raise Impossible("price.changing", lazy("The last change of this price is being worked on. Try in a minute."))


def _change(item: OrderItem, goods: Money, reason: str) -> PriceChange:
    before = Money(item.goods_minor, item.currency)
    after = payable(goods.convert(Decimal(item.rate), item.currency))
    least, _most = charge_limits(item.currency)
    difference = after - before
    if goods.minor > item.merchant_goods_minor and difference < least:
        words = lazy("The least that can be asked for is %(amount)s.", amount=format_money(least))
        raise Invalid({"goods": words})
    return PriceChange(
        ref=ids.new_ref("PRC"),
        item_id=item.id,
        account_id=item.account_id,
        subject=item.subject,
        merchant_id=item.merchant_id,
        merchant_ref=item.merchant_ref,
        order_ref=item.order_ref,
        merchant_currency=item.merchant_currency,
        before_minor=item.merchant_goods_minor,
        after_minor=goods.minor,
        currency=item.currency,
        difference_minor=difference.minor,
        reason=reason,
    )


def _ask(actor: Actor, item: OrderItem, change: PriceChange) -> None:
    bill = issue_bill(
        actor,
        kind="difference",
        account_id=item.account_id,
        subject=item.subject,
        order_id=item.order_id,
        about_ref=item.order_ref,
        currency=item.currency,
        rows=[{"label": item.title, "minor": change.difference_minor}],
        split=[{"escrow": str(item.id), "minor": change.difference_minor}],
        due_until=clock.now() + timedelta(hours=DIFFERENCE_HOURS),
    )
    db.session.flush()
    change.bill_id = bill.id
    door.transition(actor, change, "ask", bill=bill.ref)
    door.transition(actor, item, "raise_price", bill=bill.ref)
    letters.tell_price_rose(item, change, bill)


def _lower(actor: Actor, item: OrderItem, change: PriceChange) -> None:
    door.transition(actor, change, "lower")
    outbox.put("item.price_fell", change_id=change.id)


def pay_difference(actor: Actor, bill: Bill) -> None:
    """The difference is in: the item goes on at its new price. The caller holds the bill's lock."""
    order: Order = load_locked(Order, id=bill.order_id)
    change = _of_bill(bill)
    item: OrderItem = load_locked(OrderItem, id=change.item_id)
    apply(order, item, change)
    door.transition(actor, change, "settle", bill=bill.ref)
    door.transition(actor, item, "pay_difference", bill=bill.ref)
    letters.tell_difference_paid(item)


def apply(order: Order, item: OrderItem, change: PriceChange) -> None:
    """The item's two prices become the new ones; its fee and freight stay. The caller holds their locks."""
    item.commission_minor = commission_at(item.commission_minor, change.before_minor, change.after_minor)
    item.merchant_goods_minor = change.after_minor
    item.goods_minor += change.difference_minor
    order.total_minor += change.difference_minor


def decline(actor: Actor, item_ref: str) -> OrderItem:
    """The shopper does not want it at the new price. Impossible once the difference is being paid."""
    with transaction():
        known = load(OrderItem, ref=item_ref)
        require(actor, "item.decline", known)
        waiting = waiting_for(known.id)
        if waiting is None:
            raise Impossible("price.not_asked", lazy("Nothing is asked for this item any more."))
        bill = load_locked(Bill, id=waiting.bill_id)
        if bill.is_("processing", "paid"):
            raise Impossible("price.paying", lazy("A payment is already on its way, so this can’t be cancelled here."))
        end_bill(actor, bill, "cancel")
        return give_up(actor, bill, "decline")


def give_up(actor: Actor, bill: Bill, move: str) -> OrderItem:
    """Declined, or not paid in time: all that was paid for the item goes back. The bill is over and locked."""
    change = _of_bill(bill)
    item: OrderItem = load_locked(OrderItem, id=change.item_id)
    door.transition(actor, change, move)
    door.transition(actor, item, "decline_price", change=change.ref)
    outbox.put("item.declined", item_id=item.id)
    letters.tell_declined(item, load(Merchant, id=item.merchant_id).name)
    return item


def waiting_for(item_id: UUID) -> PriceChange | None:
    """The change that the shopper is asked about."""
    return find(PriceChange, item_id=item_id, state="awaiting")


def waiting_in(order_id: UUID) -> dict[UUID, tuple[PriceChange, Bill]]:
    """What an order's shopper is asked about, by item: the change and the bill of its difference."""
    statement = (
        select(PriceChange, Bill)
        .join(Bill, Bill.id == PriceChange.bill_id)
        .where(Bill.order_id == order_id, PriceChange.state == "awaiting")
    )
    return {change.item_id: (change, bill) for change, bill in db.session.execute(statement)}


def _of_bill(bill: Bill) -> PriceChange:
    found: PriceChange = load_locked(PriceChange, bill_id=bill.id)
    return found
