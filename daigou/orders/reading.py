"""Orders as their people read them: lists, one order with all that belongs to it, its history."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from compliance.audit.models import Entry
from compliance.screening import service as screening
from daigou.accounts.models import Merchant
from daigou.core.access import Actor, require
from daigou.core.db import Page, db, keyset, load
from daigou.core.errors import NotFound
from daigou.core.i18n import lazy
from daigou.core.money import Money, total
from daigou.ledger import service as ledger
from traceability.passport.models import Passport

from .models import Bill, Order, OrderItem


@dataclass(frozen=True, slots=True)
class Happened:
    """One entry of an order's life; ``item`` is None where it concerns the whole order."""

    at: datetime
    kind: str
    item: OrderItem | None


@dataclass(frozen=True, slots=True)
class Whole:
    """An order and all that its page shows. ``held`` is what the ledger holds for each item, by its key."""

    order: Order
    items: Sequence[OrderItem]
    bill: Bill
    merchants: dict[UUID, Merchant]
    passports: dict[UUID, str]
    held: dict[str, Money]
    history: Sequence[Happened]
    standing: str  # what screening says: see compliance.screening.rules

    @property
    def held_total(self) -> Money:
        return total(self.held.values(), self.order.currency)


def orders(actor: Actor, cursor: str | None) -> tuple[Page, dict[UUID, list[OrderItem]]]:
    """The shopper's orders, newest first, and their items by order: two queries."""
    statement = select(Order).where(Order.account_id == actor.account_id)
    page = keyset(statement, Order.created_at, Order.id, cursor=cursor, size=12)
    return page, _items_by_order([order.id for order in page])


def whole(actor: Actor, ref: str) -> Whole:
    """One order of the actor's own (staff may read any): seven queries, however many items. NotFound for another's."""
    order = load(Order, ref=ref)
    require(actor, "order.view", order)
    items = _items_by_order([order.id]).get(order.id, [])
    bill = db.session.execute(select(Bill).filter_by(order_id=order.id, kind="goods")).scalar_one()
    merchants, passports = _beside(order)
    return Whole(
        order,
        items,
        bill,
        merchants,
        passports,
        ledger.balances("escrow", order.currency, [item.id for item in items]),
        history(order, items, bill),
        screening.standing(order.ref),
    )


def own(actor: Actor, ref: str) -> Order:
    """An order by itself, for whoever may see its money. NotFound for another's."""
    order: Order = load(Order, ref=ref)
    require(actor, "order.view_money", order)
    return order


def history(order: Order, items: Sequence[OrderItem], bill: Bill) -> list[Happened]:
    """What the audit log says of the order, its bill and its items, oldest first, in one query."""
    owner = {item.stream: item for item in items}
    streams = [order.stream, bill.stream, *owner]
    statement = select(Entry.at, Entry.kind, Entry.stream).where(Entry.stream.in_(streams)).order_by(Entry.at, Entry.id)
    return [Happened(at, kind, owner.get(stream)) for at, kind, stream in db.session.execute(statement)]


def purchases(actor: Actor, states: Sequence[str], cursor: str | None) -> Page:
    """The merchant's items in these states, the longest waiting first."""
    statement = select(OrderItem).where(OrderItem.merchant_id == actor.merchant_id, OrderItem.state.in_(states))
    return keyset(statement, OrderItem.state_since, OrderItem.id, cursor=cursor, size=50, descending=False)


def item_of_merchant(actor: Actor, ref: str) -> OrderItem:
    """One item that the merchant is to buy. What is not paid yet, or another's, doesn't exist for it."""
    item = load(OrderItem, ref=ref)
    require(actor, "item.purchase", item)
    if item.is_("payment_pending"):
        raise NotFound("item.not_found", lazy("There is no such thing here, or it is not yours."))
    return item


def item_with_merchant(actor: Actor, ref: str) -> tuple[OrderItem, Merchant]:
    """An item for either side of its sale, with who sells it; NotFound for others."""
    item = load(OrderItem, ref=ref)
    require(actor, "conversation.open", item)
    return item, load(Merchant, id=item.merchant_id)


def _items_by_order(keys: Sequence[UUID]) -> dict[UUID, list[OrderItem]]:
    statement = select(OrderItem).where(OrderItem.order_id.in_(keys)).order_by(OrderItem.order_id, OrderItem.line_no)
    found: dict[UUID, list[OrderItem]] = {}
    for item in db.session.execute(statement).scalars():
        found.setdefault(item.order_id, []).append(item)
    return found


def _beside(order: Order) -> tuple[dict[UUID, Merchant], dict[UUID, str]]:
    """Who sells an order's items, by key, and the passports of those that have one, by item."""
    statement = (
        select(OrderItem.id, Merchant, Passport.ref)
        .join(Merchant, Merchant.id == OrderItem.merchant_id)
        .outerjoin(Passport, Passport.item_id == OrderItem.id)
        .where(OrderItem.order_id == order.id)
    )
    rows = db.session.execute(statement).all()
    return {row.Merchant.id: row.Merchant for row in rows}, {row.id: row.ref for row in rows if row.ref}
