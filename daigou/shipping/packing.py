"""The packing table: what was paid for is packed, weighed again, and asked to be sent."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from compliance.audit import door
from daigou.core import clock, outbox
from daigou.core.access import Actor, require
from daigou.core.db import Page, db, keyset, load, load_locked, transaction
from daigou.core.errors import Impossible, Invalid
from daigou.core.i18n import lazy
from daigou.orders.models import OrderItem
from daigou.warehouse.models import StockUnit
from daigou.warehouse.receiving import home, place, who
from traceability.passport import service as passports

from . import quoting, rules, screening
from .models import CarrierLine, Parcel

TABLE = ("freight_paid", "packed")
ASK_AGAIN_AFTER = timedelta(minutes=10)  # longer than the outbox leases a job, so that two never run at once


def to_pack(actor: Actor, cursor: str | None) -> Page:
    """Parcels to pack and to hand over, the longest waiting first."""
    require(actor, "warehouse.work")
    statement = select(Parcel).where(Parcel.state.in_(TABLE))
    return keyset(statement, Parcel.state_since, Parcel.id, cursor=cursor, descending=False)


def on_table(actor: Actor, ref: str) -> tuple[Parcel, list[tuple[OrderItem, StockUnit]]]:
    """A parcel and where its items lie."""
    require(actor, "warehouse.work")
    parcel = load(Parcel, ref=ref)
    items = quoting.items_of(parcel)
    units = {u.item_id: u for u in db.session.execute(_units(items)).scalars()}
    return parcel, [(i, units[i.id]) for i in items]


def _units(items: list[OrderItem]):  # type: ignore[no-untyped-def]
    return select(StockUnit).where(StockUnit.item_id.in_([i.id for i in items]))


def pack(actor: Actor, ref: str, weight_g: int, *, sure: bool = False) -> Parcel:
    """Parcel -> packed, with the scale's word. Invalid at ``weight_g`` when it is heavier than what was billed.

    ``sure`` says that it was weighed twice: the difference is ours then, never the shopper's. A line's limit stays one.
    """
    with transaction():
        parcel = load_locked(Parcel, ref=ref)
        parcel.machine.find(parcel.state, "pack")
        _check_weight(parcel, weight_g, sure)
        parcel.packed_g = weight_g
        door.transition(actor, parcel, "pack", weight_g=weight_g, billed_g=parcel.actual_g, sure=sure)
        for item in quoting.items_of(parcel):
            evidence = {"weight_g": weight_g}
            spot = place(home())
            passports.record(item.id, "packing", "in_progress", spot, who(home()), evidence, parent_id=parcel.id)
        return parcel


def _check_weight(parcel: Parcel, weight_g: int, sure: bool) -> None:
    line = line_of(parcel)
    if line is not None and weight_g > line.max_weight_g:
        words = lazy("%(line)s takes at most %(grams)d g.", line=line.name, grams=line.max_weight_g)
        raise Invalid({"weight_g": words}, "parcel.too_heavy")
    if rules.is_too_heavy(weight_g, parcel.actual_g) and not sure:
        words = lazy(
            "%(billed)d g were billed. Weigh again, and say that you are sure if it stays so.", billed=parcel.actual_g
        )
        raise Invalid({"weight_g": words}, "parcel.heavier")


def line_of(parcel: Parcel) -> CarrierLine | None:
    """The line it was submitted with, on its lane: as it stood on that day or its newest row."""
    lane = {"code": parcel.line_code, "origin": home().country, "destination": parcel.country}
    statement = select(CarrierLine).filter_by(**lane).order_by(CarrierLine.valid_from.desc()).limit(1)
    return db.session.execute(statement).scalar_one_or_none()


def ask_to_ship(actor: Actor, ref: str) -> Parcel:
    """Have the carrier's label bought by a job. Asked twice within minutes, it is one request."""
    require(actor, "parcel.ship")
    screening.require_clear(load(Parcel, ref=ref))  # what is found is kept, also when this refuses
    with transaction():
        parcel = load_locked(Parcel, ref=ref)
        require(actor, "parcel.ship", parcel)
        parcel.machine.find(parcel.state, "ship")
        asked = parcel.ship_requested_at
        if asked is not None and clock.now() - asked < ASK_AGAIN_AFTER:
            raise Impossible("parcel.ship_asked", lazy("The label is being bought already. It is here in a moment."))
        parcel.ship_requested_at = clock.now()
        door.record(actor, parcel, "ship_requested")
        outbox.put("parcel.ship", parcel_id=parcel.id)
        return parcel
