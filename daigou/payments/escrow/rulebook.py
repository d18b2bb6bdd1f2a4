"""The rules by which held money is settled: dated rows that the code executes, and what each has done."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import date, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import or_, select

from compliance.audit import door
from daigou.core import clock, kept
from daigou.core.access import Actor, require
from daigou.core.db import Page, db, keyset
from daigou.core.i18n import lazy
from daigou.core.money import Money
from daigou.orders.models import OrderItem

from .models import SettlementDecision, SettlementRule

# Why each rule does what it does. The figures stand in its row.
WHY = {
    "receipt_confirmed": lazy("The shopper confirmed that it arrived and is right."),
    "delivery_silence": lazy("It was delivered and nobody said anything against it for the whole time to object."),
    "rest_after_refund": lazy("A part was refunded; what was left of the item’s money is the merchant’s."),
    "not_bought": lazy("The merchant could not buy it, so everything that was paid for it goes back."),
    "hold_limit_release": lazy(
        "Money may not be held any longer. The purchase is proven and the inspection was accepted, so the merchant is "
        "paid. The shopper’s protection goes on: a later refund is taken back from the merchant."
    ),
    "hold_limit_refund": lazy(
        "Money may not be held any longer, and the purchase or its inspection is not proven. So it goes back."
    ),
    "deposit_return": lazy(
        "A deposit covers refunds after a release. When the shop has nothing open any more, or has risen above the "
        "first tier, it stays for the time in which shoppers’ banks may still claim, and then goes back."
    ),
    "hold_limit_person": lazy("Money may not be held any longer, but a case is open. A person decides."),
}
EFFECTS = {
    "release": lazy("Releases what is held to the merchant"),
    "refund": lazy("Refunds what is held to the shopper"),
    "person": lazy("Puts it before a person"),
    "deposit": lazy("Lets two officers return a merchant’s deposit"),
}
# From which states an item's money may be released by a rule; the others need the item to be over.
ACCEPTED = ("in_stock", "in_parcel", "shipped", "delivered")
STATES = {"hold_limit_release": ACCEPTED}
OVER = ("completed", "refunded")


def rules(day: date | None = None) -> list[SettlementRule]:
    """The rows that are in force on a day (today)."""
    day = day or clock.today()
    statement = (
        select(SettlementRule)
        .where(SettlementRule.valid_from <= day, or_(SettlementRule.valid_to.is_(None), SettlementRule.valid_to > day))
        .order_by(SettlementRule.name, SettlementRule.valid_from)
    )
    return list({row.name: row for row in db.session.execute(statement).scalars()}.values())


def span(name: str) -> timedelta:
    """How long a rule waits. LookupError where no row stands for today: an installation without its rules."""
    days = kept.once_a_minute("settlement_spans", _spans)
    if name not in days:
        raise LookupError(f"no settlement rule {name} today")
    return timedelta(days=days[name])


def _spans() -> dict[str, int]:
    return {row.name: row.days for row in rules() if row.days is not None}


def may_release(item: OrderItem, rule: str) -> bool:
    return item.is_(*OVER, *STATES.get(rule, ()))


def decided(actor: Actor, item: OrderItem, rule: str, effect: str, amount: Money, ref: str, **grounds: Any) -> None:
    """Keep what a rule did, in the transaction in which it did it."""
    found = {"state": item.state, **_grounds(item), **{k: v for k, v in grounds.items() if v is not None}}
    row = SettlementDecision(
        item_id=item.id,
        item_ref=item.ref,
        order_ref=item.order_ref,
        merchant_id=item.merchant_id,
        rule=rule,
        effect=effect,
        currency=amount.currency,
        amount_minor=amount.minor,
        result_ref=ref,
        grounds=found,
    )
    db.session.add(row)
    door.record(actor, item, "settled_by_rule", rule=rule, effect=effect, amount=str(amount), result=ref or None)


def _grounds(item: OrderItem) -> dict[str, Any]:
    days = {"purchased_at": item.purchased_at, "delivered_at": item.delivered_at}
    return {name: moment.isoformat() for name, moment in days.items() if moment is not None}


def of_order(order_ref: str) -> Sequence[SettlementDecision]:
    """What rules did with an order's money, oldest first. The caller may see the order."""
    statement = select(SettlementDecision).filter_by(order_ref=order_ref).order_by(SettlementDecision.created_at)
    return db.session.execute(statement).scalars().all()


def of_items(item_ids: Iterable[UUID]) -> dict[UUID, SettlementDecision]:
    """The newest decision of each item that has one."""
    statement = (
        select(SettlementDecision)
        .where(SettlementDecision.item_id.in_(list(item_ids)))
        .order_by(SettlementDecision.created_at)
    )
    return {row.item_id: row for row in db.session.execute(statement).scalars()}


def all_decisions(actor: Actor, cursor: str | None) -> Page:
    """For officers, newest first."""
    require(actor, "books.view")
    return keyset(select(SettlementDecision), SettlementDecision.created_at, SettlementDecision.id, cursor=cursor)
