"""Where a shopper's money is: an order's or a parcel's money step by step, from the postings themselves."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from daigou.core.db import db
from daigou.core.money import Money, total
from daigou.ledger.models import Account, Posting, Transaction
from daigou.orders.models import Bill, Order, OrderItem, PriceChange
from daigou.payments.paying.models import Attempt
from daigou.payments.refunds.models import Refund

# What a posting says of held money, in the order of its life: kind of transaction -> step. Other kinds move nothing of
# the shopper's (money set apart stays held).
STEPS = {
    "captured": "paid",
    "refund_promised": "refunding",
    "refund_undone": "refund_failed",
    "refunded": "refunded",
    "released": "released",
    "freight_settled": "released",
}


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that happened to an order's money. ``item`` is its title, empty where it concerns several."""

    at: datetime
    kind: str
    amount: Money
    item: str = ""
    method: str | None = None


@dataclass(frozen=True, slots=True)
class Whereabouts:
    """Where everything that was paid is now; the four parts sum to ``paid``."""

    paid: Money
    held: Money
    going_back: Money
    refunded: Money
    released: Money
    steps: Sequence[Step]


def of_order(order: Order, items: Sequence[OrderItem]) -> Whereabouts:
    """An order's money, goods and differences: four queries, however many items."""
    titles = {str(item.id): item.title for item in items} | _set_apart(items)
    return _summed(Bill.order_id == order.id, order.currency, titles)


def of_parcel(parcel_id: UUID, currency: str) -> Whereabouts:
    """A parcel's freight, insurance, duty and tax: three queries."""
    return _summed(Bill.parcel_id == parcel_id, currency, {str(parcel_id): ""})


def _summed(bills: Any, currency: str, titles: dict[str, str]) -> Whereabouts:
    back = _refunds(list(titles))
    steps = sorted([*_paid(bills, currency), *_moved(currency, titles, back)], key=lambda step: step.at)
    sums = {kind: total((s.amount for s in steps if s.kind == kind), currency) for kind in set(STEPS.values())}
    going = sums["refunding"] - sums["refund_failed"] - sums["refunded"]
    held = sums["paid"] - sums["released"] - sums["refunding"] + sums["refund_failed"]
    return Whereabouts(sums["paid"], held, going, sums["refunded"], sums["released"], steps)


def _set_apart(items: Sequence[OrderItem]) -> dict[str, str]:
    """What was taken out of an item's escrow for its refund when its price fell: owner -> the item's title."""
    statement = select(PriceChange.id, OrderItem.title).join(OrderItem, OrderItem.id == PriceChange.item_id)
    found = db.session.execute(statement.where(PriceChange.item_id.in_([item.id for item in items])))
    return {str(key): title for key, title in found}


def _refunds(owners: list[str]) -> dict[str, str]:
    """Refund -> the owner of the escrow that it came from."""
    statement = select(Refund.id, Refund.escrow_owner).where(Refund.escrow_owner.in_(owners))
    return {str(key): owner for key, owner in db.session.execute(statement)}


def _paid(bills: Any, currency: str) -> list[Step]:
    """Each payment as one step, with the way it was paid: what it credited to escrow."""
    statement = (
        select(func.min(Transaction.created_at), Attempt.method, func.sum(-Posting.amount))
        .join(Bill, Bill.id == Attempt.bill_id)
        .join(Transaction, Transaction.about == func.concat("attempt/", Attempt.id))
        .join(Posting, Posting.transaction_id == Transaction.id)
        .join(Account, Account.id == Posting.account_id)
        .where(
            bills,
            Attempt.state == "succeeded",
            Transaction.kind == "captured",
            Account.kind == "escrow",
        )
        .group_by(Attempt.id)
    )
    found = db.session.execute(statement)
    return [Step(at, "paid", Money(int(minor), currency), "", method) for at, method, minor in found]


def _moved(currency: str, titles: dict[str, str], back: dict[str, str]) -> list[Step]:
    """What left escrow, and what of it has left us."""
    statement = (
        select(Transaction.created_at, Transaction.kind, Account.kind, Account.owner, Posting.amount)
        .join(Posting, Posting.transaction_id == Transaction.id)
        .join(Account, Account.id == Posting.account_id)
        .where(
            Account.owner.in_([*titles, *back]),
            Account.kind.in_(("escrow", "refund_due")),
            Transaction.kind.in_(set(STEPS) - {"captured"}),
        )
        .order_by(Posting.id)
    )
    steps = []
    for at, kind, book, owner, minor in db.session.execute(statement):
        # A refund's promise and its undoing are read off escrow, its end off what was promised.
        if (book == "refund_due") == (kind == "refunded"):
            title = titles.get(owner or "") or titles.get(back.get(owner or "", ""), "")
            steps.append(Step(at, STEPS[kind], _amount(kind, minor, currency), title))
    return steps


def _amount(kind: str, minor: int, currency: str) -> Money:
    """As people read it: positive, but for what a bank sent back after its refund had left."""
    return Money(-minor if kind == "refund_undone" else minor, currency)


def items_of(order_id: UUID) -> list[OrderItem]:
    statement = select(OrderItem).filter_by(order_id=order_id).order_by(OrderItem.line_no)
    return list(db.session.execute(statement).scalars())
