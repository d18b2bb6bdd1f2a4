"""Parcels that did not arrive: a person decides what becomes of goods and freight, and the money follows at once."""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from compliance.audit import door, proposals
from daigou.core import clock
from daigou.core.access import Actor, require, system
from daigou.core.db import Page, db, keyset, load, load_locked, transaction
from daigou.core.errors import Invalid
from daigou.core.i18n import lazy
from daigou.core.money import Money
from daigou.ledger.service import balance, balances
from daigou.orders.models import OrderItem
from daigou.payments import service as payments
from daigou.shipping import service as shipping
from daigou.shipping.gathering import locked_items
from daigou.shipping.models import Parcel, ParcelItem
from daigou.shipping.quoting import items_of

from . import insurance

SYSTEM = system("aftersales")

WRECKED = ("returned", "lost", "damaged", "seized")
GOODS = ("refund", "insurance", "back_in_stock")
FREIGHT = ("refund", "carrier")


@dataclass(frozen=True, slots=True)
class Ruling:
    """``goods``: refunded whole at the cost of what is held; refunded, with the merchant paid and the insurer owing; or
    (what came back) in our stock again. ``freight``: refunded, or the carrier's."""

    goods: str
    freight: str
    reason: str


@dataclass(frozen=True, slots=True)
class Wreck:
    """A parcel with what is held for it and for each of its items."""

    parcel: Parcel
    items: list[OrderItem]
    held: dict[str, Money]
    freight: Money


def queue(actor: Actor, cursor: str | None) -> Page:
    """Parcels that wait for a decision, the longest waiting first."""
    require(actor, "parcel.settle")
    statement = select(Parcel).where(Parcel.state.in_(WRECKED))
    return keyset(statement, Parcel.state_since, Parcel.id, cursor=cursor, descending=False)


def view(actor: Actor, ref: str) -> Wreck:
    parcel: Parcel = load(Parcel, ref=ref)
    require(actor, "parcel.settle", parcel)
    items = items_of(parcel)
    held = balances("escrow", parcel.currency, [item.id for item in items])
    return Wreck(parcel, items, held, balance("escrow", parcel.currency, parcel.id))


def settle(actor: Actor, ref: str, ruling: Ruling) -> Parcel:
    """Carry out a ruling. What is refunded and not held any more is paid of our own (``compensation``)."""
    with transaction():
        parcel: Parcel = load_locked(Parcel, ref=ref)
        require(actor, "parcel.settle", parcel)
        _refuse_odd(parcel, ruling)
        words = proposals.checked(ruling.reason)
        parcel.ruling = words
        door.transition(actor, parcel, "settle", parcel=parcel.ref, goods=ruling.goods, freight=ruling.freight)
        items = [item for item in locked_items(parcel) if item.is_("shipped")]
        for item in items:
            _settle_item(actor, item, parcel, ruling)
        _settle_freight(actor, parcel, ruling)
        shipping.complete_orders(SYSTEM, {item.order_id for item in items})
    return parcel


def _refuse_odd(parcel: Parcel, ruling: Ruling) -> None:
    if ruling.goods not in GOODS or ruling.freight not in FREIGHT:
        raise Invalid({"goods": lazy("Choose one of these.")})
    if ruling.goods == "insurance" and not insurance.is_insured(parcel):
        raise Invalid({"goods": lazy("Only an insured parcel that was lost or damaged is the insurer’s matter.")})
    if ruling.goods == "back_in_stock" and not parcel.is_("returned"):
        raise Invalid({"goods": lazy("Only what came back to us can be put into stock again.")})


def _settle_item(actor: Actor, item: OrderItem, parcel: Parcel, ruling: Ruling) -> None:
    if ruling.goods == "back_in_stock":
        door.transition(actor, item, "take_back", parcel=parcel.ref)
        _leave(item)
        return
    door.transition(actor, item, "write_off", parcel=parcel.ref)
    db.session.flush()
    if ruling.goods == "insurance":
        insurance.cover(actor, parcel, item)
    payments.compensate(actor, item, item.total, "parcel_not_delivered")


def _leave(item: OrderItem) -> None:
    """Out of the parcel, so that it can be put into another one."""
    row = db.session.execute(select(ParcelItem).filter_by(item_id=item.id, removed_at=None)).scalar_one_or_none()
    if row is not None:
        row.removed_at = clock.now()


def _settle_freight(actor: Actor, parcel: Parcel, ruling: Ruling) -> None:
    if ruling.freight == "carrier":
        payments.settle_parcel(actor, parcel)
    elif balance("escrow", parcel.currency, parcel.id):
        payments.refund_parcel(actor, parcel.id, "parcel_not_delivered")
