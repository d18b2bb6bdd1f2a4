"""Handing over to the carrier: look whether it was done, buy once, keep the label, tell everybody."""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID

from sqlalchemy import update

from compliance.audit import door
from compliance.customs import forms
from daigou.core import clock, faults
from daigou.core.db import db, load, load_locked, transaction
from daigou.core.money import Money
from daigou.pricing import service as pricing
from daigou.providers.carrier import Bought
from daigou.warehouse.models import StockUnit
from daigou.warehouse.receiving import home, place, who
from traceability.passport import service as passports

from . import letters, packing, papers, screening
from .carrier import carrier
from .gathering import locked_items
from .models import Parcel
from .rules import is_s10

SHIPPER = papers.SHIPPER


def send(parcel_id: UUID) -> None:
    """Buy the postage of a packed parcel and mark it shipped. Run again, it goes on where it stopped."""
    parcel = load(Parcel, id=parcel_id)
    if not parcel.is_("packed") or not screening.may_leave(parcel):
        return
    line = packing.line_of(parcel)
    if line is None:
        raise LookupError(f"no line {parcel.line_code}")
    sent = papers.consignment(parcel)
    printed = papers.declaration(parcel, sent)
    cover = _insured_usd(parcel)
    shipment = parcel.shipment_id or _shipment(parcel, sent)
    faults.point("ship.before_call")
    bought = carrier().buy(shipment, line.carrier, line.service, cover)
    faults.point("ship.after_effect")
    label = carrier().label(bought.label_url)
    _settle(parcel_id, bought, {
        "label": label,
        "customs_form": forms.customs_form_pdf(printed),
        "invoice": forms.invoice_pdf(printed),
    })  # fmt: skip


def _shipment(parcel: Parcel, sent: papers.Consignment) -> str:
    """The carrier's shipment for this parcel: found by our reference if an earlier answer was lost, made if not."""
    found = carrier().shipment_of(parcel.ref) or carrier().create(sent)
    faults.point("ship.announced")
    with transaction():
        faults.step("ship.announce")
        row = load_locked(Parcel, id=parcel.id)
        row.shipment_id = found
        door.record(SHIPPER, row, "announced", shipment=found)
    return found


def _insured_usd(parcel: Parcel) -> Decimal | None:
    """What the aggregator insures, in its currency, at today's published rate."""
    if not parcel.insured:
        return None
    value = Money(parcel.declared_minor, parcel.currency)
    return pricing.rate(parcel.currency, "USD", with_spread=False).convert(value).decimal


def _settle(parcel_id: UUID, bought: Bought, made: dict[str, bytes]) -> None:
    with transaction():
        faults.step("ship.settle")
        parcel = load_locked(Parcel, id=parcel_id)
        if not parcel.is_("packed"):
            return
        kept = {kind: papers.keep(parcel, kind, content) for kind, content in made.items()}
        now = clock.now()
        parcel.shipment_id, parcel.tracker_id = bought.shipment_id, bought.tracker_id
        parcel.tracking_code, parcel.label_file_id = bought.tracking_code, kept["label"].id
        parcel.shipped_at = parcel.tracked_at = now
        door.transition(SHIPPER, parcel, "ship", code=bought.tracking_code, postal=is_s10(bought.tracking_code))
        items = locked_items(parcel)
        evidence = {"customs_form": kept["customs_form"].sha256, "carrier": str(parcel.line_code)}
        for item in items:
            door.transition(SHIPPER, item, "ship", parcel=parcel.ref)
            passports.record(item.id, "shipping", "in_transit", place(home()), who(home()), evidence, now)
        db.session.execute(update(StockUnit).where(StockUnit.item_id.in_([i.id for i in items])).values(left_at=now))
        letters.shipped(parcel)
