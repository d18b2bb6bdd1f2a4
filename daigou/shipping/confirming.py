"""The end of the way: the shopper has it, the merchant is paid, the carrier too."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import exists, select

from compliance.audit import door
from daigou.core import clock
from daigou.core.access import Actor
from daigou.core.db import db, load_locked, transaction
from daigou.core.errors import Refusal
from daigou.orders.models import Order, OrderItem
from daigou.payments import service as payments
from daigou.payments.escrow import rulebook

from . import letters
from .gathering import locked_items
from .models import Parcel, ParcelItem

CONFIRMED, SILENT = "receipt_confirmed", "delivery_silence"
# States in which nothing is left to be done for an item.
ENDED = ("completed", "refunded", "returned", "withdrawn", "invalid")


def confirm(actor: Actor, ref: str, rule: str = CONFIRMED) -> Parcel:
    """Parcel -> completed: its delivered items complete and their money is released. Items in a return wait for it."""
    with transaction():
        parcel = load_locked(Parcel, ref=ref)
        door.transition(actor, parcel, "confirm")
        items = [i for i in locked_items(parcel) if i.is_("delivered")]
        for item in items:
            door.transition(actor, item, "complete", parcel=parcel.ref)
            payments.release_item(actor, item, rule=rule)
        payments.settle_parcel(actor, parcel)
        complete_orders(actor, {i.order_id for i in items})
        letters.completed(parcel)
        return parcel


def complete_orders(actor: Actor, order_ids: Iterable[UUID]) -> None:
    """An order is complete when none of its items has anything left to do."""
    db.session.flush()
    for key in sorted(order_ids):
        order = load_locked(Order, id=key)
        open_items = select(exists().where(OrderItem.order_id == key, OrderItem.state.not_in(ENDED)))
        if order.can("complete") and not db.session.execute(open_items).scalar_one():
            door.transition(actor, order, "complete")


def complete_rest(actor: Actor, limit: int = 100) -> int:
    """Items whose return was declined after their parcel was complete: they complete after two weeks of silence too."""
    due = (
        select(OrderItem.id)
        .join(ParcelItem, ParcelItem.item_id == OrderItem.id)
        .join(Parcel, Parcel.id == ParcelItem.parcel_id)
        .where(
            OrderItem.state == "delivered",
            OrderItem.state_since < clock.now() - rulebook.span(SILENT),
            ParcelItem.removed_at.is_(None),
            Parcel.state == "completed",
        )
        .limit(limit)
    )
    keys = list(db.session.execute(due).scalars())
    return sum(_complete(actor, key) for key in keys)


def _complete(actor: Actor, item_id: UUID) -> bool:
    with transaction():
        item = load_locked(OrderItem, id=item_id)
        if not item.is_("delivered"):
            return False
        door.transition(actor, item, "complete")
        payments.release_item(actor, item, rule=SILENT)
        complete_orders(actor, [item.order_id])
        return True


def confirm_silent(actor: Actor, limit: int = 100) -> int:
    """Complete deliveries nobody said anything about for two weeks, unless a return is open for one of their items."""
    returning = (
        exists()
        .where(ParcelItem.parcel_id == Parcel.id, ParcelItem.removed_at.is_(None))
        .where(OrderItem.id == ParcelItem.item_id, OrderItem.state == "return_requested")
    )
    due = (
        select(Parcel.ref)
        .where(Parcel.state == "delivered", Parcel.delivered_at < clock.now() - rulebook.span(SILENT), ~returning)
        .order_by(Parcel.delivered_at)
        .limit(limit)
    )
    done = 0
    for ref in list(db.session.execute(due).scalars()):
        try:
            confirm(actor, ref, SILENT)
            done += 1
        except Refusal:
            continue  # somebody was faster
    return done
