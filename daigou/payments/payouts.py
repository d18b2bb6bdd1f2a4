"""What a merchant sees of its money: coming, held, released, and why not yet."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select

from daigou.accounts.models import Merchant
from daigou.core.access import Actor
from daigou.core.db import Page, db, keyset
from daigou.core.money import Money
from daigou.ledger.service import balance
from daigou.orders.models import OrderItem

from . import rails
from .models import PayoutAccount, Refund, Release

# States in which an item's money is held for its merchant.
HELD = (
    *("paid", "purchased", "received", "inspected", "in_stock", "in_parcel", "shipped", "delivered"),
    "return_requested",
)


@dataclass(frozen=True, slots=True)
class Overview:
    """``held`` is in escrow, ``owed`` is the merchant's and not sent yet, ``paid`` has been sent so far."""

    merchant: Merchant
    account: PayoutAccount | None
    rail: str | None
    held: Money
    held_items: int
    owed: Money
    paid: Money


def overview(actor: Actor) -> Overview:
    merchant = db.session.get_one(Merchant, actor.merchant_id)
    held, count = _held(merchant)
    return Overview(
        merchant=merchant,
        account=db.session.execute(select(PayoutAccount).filter_by(merchant_id=merchant.id)).scalar_one_or_none(),
        rail=rails.rail_of(merchant.id),
        held=held,
        held_items=count,
        owed=balance("payable", merchant.currency, merchant.id),
        paid=_paid(merchant),
    )


def _held(merchant: Merchant) -> tuple[Money, int]:
    due = OrderItem.merchant_goods_minor + OrderItem.merchant_freight_minor - OrderItem.commission_minor
    statement = select(func.coalesce(func.sum(due), 0), func.count()).where(
        OrderItem.merchant_id == merchant.id, OrderItem.state.in_(HELD)
    )
    amount, count = db.session.execute(statement).one()
    return Money(int(amount), merchant.currency), int(count)


def _paid(merchant: Merchant) -> Money:
    statement = select(func.coalesce(func.sum(Release.amount_minor), 0)).where(
        Release.merchant_id == merchant.id, Release.state == "paid", Release.currency == merchant.currency
    )
    return Money(int(db.session.execute(statement).scalar_one()), merchant.currency)


def releases(actor: Actor, cursor: str | None) -> Page:
    """The merchant's releases, newest first."""
    statement = select(Release).where(Release.merchant_id == actor.merchant_id)
    return keyset(statement, Release.created_at, Release.id, cursor=cursor)


def troubled(model: Any, limit: int = 100) -> list[Any]:
    """Refunds or releases that failed and wait for a person, oldest first."""
    statement = select(model).where(model.state == "failed").order_by(model.created_at).limit(limit)
    return list(db.session.execute(statement).scalars())


def by_bank(limit: int = 100) -> list[Refund]:
    """Refunds that go to a bank account: those that were named one first."""
    statement = select(Refund).where(Refund.state.in_(("bank_wanted", "bank_named")))
    return list(db.session.execute(statement.order_by(Refund.state, Refund.created_at).limit(limit)).scalars())
