"""What a merchant sees of its money: coming, held, released, paid, and why not yet."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from daigou.accounts.models import Merchant
from daigou.core.access import Actor
from daigou.core.db import Page, db, keyset
from daigou.core.money import Money
from daigou.ledger.service import balance
from daigou.orders.models import Bill, OrderItem
from daigou.payments.escrow import holding, rulebook
from daigou.payments.escrow.models import Release
from daigou.payments.paying.models import Attempt

from . import rails, terms
from .models import Payout, PayoutAccount, Recourse

# States in which an item's money is held for its merchant.
HELD = (
    *("paid", "balance_due", "purchased", "received", "inspected", "in_stock", "in_parcel", "shipped", "delivered"),
    "return_requested",
)


@dataclass(frozen=True, slots=True)
class Overview:
    """``held`` is in escrow, ``owed`` is the merchant's and not sent yet, ``paid`` has been sent so far.

    ``claim`` is what the merchant owes back, ``deposit`` what it has put up against that.
    """

    merchant: Merchant
    account: PayoutAccount | None
    rail: str | None
    obstacle: str
    held: Money
    held_items: int
    owed: Money
    paid: Money
    claim: Money
    deposit: Money
    terms: terms.Terms


def overview(actor: Actor) -> Overview:
    merchant = db.session.get_one(Merchant, actor.merchant_id)
    held, count = _held(merchant)
    way = rails.way(merchant.id, merchant.currency)
    return Overview(
        merchant=merchant,
        account=db.session.execute(select(PayoutAccount).filter_by(merchant_id=merchant.id)).scalar_one_or_none(),
        rail=way.rail,
        obstacle=way.obstacle,
        held=held,
        held_items=count,
        owed=balance("payable", merchant.currency, merchant.id),
        paid=_paid(merchant),
        claim=balance("claim", merchant.currency, merchant.id),
        deposit=balance("deposit", merchant.currency, merchant.id),
        terms=terms.of_merchant(merchant.id),
    )


def _held(merchant: Merchant) -> tuple[Money, int]:
    due = OrderItem.merchant_goods_minor + OrderItem.merchant_freight_minor - OrderItem.commission_minor
    statement = select(func.coalesce(func.sum(due), 0), func.count()).where(
        OrderItem.merchant_id == merchant.id, OrderItem.state.in_(HELD)
    )
    amount, count = db.session.execute(statement).one()
    return Money(int(amount), merchant.currency), int(count)


def _paid(merchant: Merchant) -> Money:
    statement = select(func.coalesce(func.sum(Payout.amount_minor), 0)).where(
        Payout.merchant_id == merchant.id,
        Payout.state == "paid",
        Payout.currency == merchant.currency,
        Payout.out_of == "payable",
    )
    return Money(int(db.session.execute(statement).scalar_one()), merchant.currency)


@dataclass(frozen=True, slots=True)
class Coming:
    """One item whose money is held: ``next`` is the day on which it moves by itself, if it does."""

    item: OrderItem
    next: date | None
    limit: date | None


@dataclass(frozen=True, slots=True)
class ComingPage:
    rows: list[Coming]
    next: str | None


def coming(actor: Actor, cursor: str | None) -> ComingPage:
    """What is held for the merchant, the newest order first, each with the day that it waits for."""
    statement = select(OrderItem).where(OrderItem.merchant_id == actor.merchant_id, OrderItem.state.in_(HELD))
    page = keyset(statement, OrderItem.created_at, OrderItem.id, cursor=cursor, size=12)
    paid = _paid_at({item.order_id for item in page.rows})
    silence = rulebook.span("delivery_silence") if page.rows else None
    rows = []
    for item in page.rows:
        by_itself = item.delivered_at + silence if silence and item.delivered_at and item.is_("delivered") else None
        limit = paid.get(item.order_id)
        rows.append(Coming(item, by_itself.date() if by_itself else None, limit))
    return ComingPage(rows, page.next)


def _paid_at(order_ids: Iterable[UUID]) -> dict[UUID, date]:
    """Until when each order's money may be held."""
    statement = (
        select(Bill.order_id, Attempt.state_since, Attempt.method)
        .join(Attempt, (Attempt.bill_id == Bill.id) & (Attempt.state == "succeeded"))
        .where(Bill.order_id.in_(list(order_ids)), Bill.kind == "goods")
    )
    limits: dict[tuple[date, str | None], Any] = {}
    found: dict[UUID, date] = {}
    for order_id, at, method in db.session.execute(statement).all():
        assert order_id is not None  # asked for by it
        key = (at.date(), method)
        if key not in limits:
            limits[key] = holding.deadline(at, method)
        if limits[key] is not None:
            found[order_id] = limits[key].day
    return found


def releases(actor: Actor, cursor: str | None) -> Page:
    """The merchant's releases, newest first."""
    statement = select(Release).where(Release.merchant_id == actor.merchant_id)
    return keyset(statement, Release.created_at, Release.id, cursor=cursor)


def history(actor: Actor, cursor: str | None) -> Page:
    """The merchant's payouts, newest first; what was refused went into another one."""
    statement = select(Payout).where(Payout.merchant_id == actor.merchant_id, Payout.state != "refused")
    return keyset(statement, Payout.created_at, Payout.id, cursor=cursor, size=12)


def claims(actor: Actor, cursor: str | None) -> Page:
    """What was taken back from the merchant, newest first."""
    statement = select(Recourse).where(Recourse.merchant_id == actor.merchant_id)
    return keyset(statement, Recourse.created_at, Recourse.id, cursor=cursor)
