"""A parcel's papers: customs form, invoice and label, and who may read them."""

from __future__ import annotations

import io
from decimal import Decimal
from typing import Any
from uuid import UUID

from flask import current_app
from sqlalchemy import select

from compliance.customs import forms
from compliance.customs import service as duties
from compliance.customs.rules import EU
from daigou.core import clock
from daigou.core.access import Actor, require, system
from daigou.core.db import db, load
from daigou.core.money import Money
from daigou.documents import access
from daigou.documents import service as documents
from daigou.documents.models import StoredFile
from daigou.orders.models import OrderItem
from daigou.providers.carrier import Consignment, Content, Party, TaxId
from daigou.warehouse.models import StockUnit, Warehouse

from . import quoting
from .models import Parcel
from .rules import Size

LIMIT = 10 * 1024 * 1024
SHIPPER = system("shipping")


def consignment(parcel: Parcel) -> Consignment:
    """Everything the carrier must know, from what was frozen and weighed."""
    items = quoting.items_of(parcel)
    units = _units(items)
    return Consignment(
        reference=parcel.ref,
        sender=_sender(parcel),
        receiver=_receiver(parcel),
        weight_g=max(parcel.packed_g or parcel.actual_g, sum(u.weight_g for u in units.values()) + 1),
        length_mm=parcel.length_mm,
        width_mm=parcel.width_mm,
        height_mm=parcel.height_mm,
        contents=tuple(_content(i, units[i.id]) for i in items),
        incoterm=str(parcel.incoterm),
        tax_ids=_tax_ids(parcel),
    )


def way_back(parcel: Parcel, item: OrderItem, size: Size, reference: str) -> Consignment:
    """One item of a delivered parcel on its way back to us: returned goods, nothing is imported again."""
    return Consignment(
        reference=reference,
        sender=_sender(parcel),
        receiver=_receiver(parcel),
        weight_g=size.weight_g,
        length_mm=size.length_mm,
        width_mm=size.width_mm,
        height_mm=size.height_mm,
        contents=(_content(item, _units([item])[item.id]),),
        incoterm="DAP",
        is_return=True,
    )


def _units(items: list[OrderItem]) -> dict[UUID, StockUnit]:
    statement = select(StockUnit).where(StockUnit.item_id.in_([i.id for i in items]))
    return {u.item_id: u for u in db.session.execute(statement).scalars()}


def _content(item: OrderItem, unit: StockUnit) -> Content:
    paid = Money(item.goods_minor, item.currency)
    return Content(item.title, item.quantity, paid, unit.weight_g, item.hs_code, item.origin)


def _sender(parcel: Parcel) -> Party:
    depot = db.session.get_one(Warehouse, parcel.warehouse_id)
    known = {
        k: str(depot.address.get(k, "")) for k in ("name", "street", "city", "postal_code", "region", "phone", "email")
    }
    config = current_app.extensions["config"]
    return Party(
        **known, country=depot.country, company=str(depot.address.get("company", "")), tax_id=config.eori_number
    )


def _receiver(parcel: Parcel) -> Party:
    known: dict[str, Any] = parcel.consignee
    names = ("name", "street", "city", "postal_code", "region", "phone", "email", "tax_id")
    return Party(**{k: str(known.get(k) or "") for k in names}, country=parcel.country)


def _tax_ids(parcel: Parcel) -> tuple[TaxId, ...]:
    config = current_app.extensions["config"]
    sender = [("EORI", config.eori_number)]
    if parcel.country in EU:  # the number says that VAT was charged at sale: nobody else's customs may read it
        sender.append(("IOSS", config.ioss_number))
    found = [TaxId("SENDER", kind, number, parcel.country) for kind, number in sender if number]
    receiver = str((parcel.consignee or {}).get("tax_id") or "")
    if receiver:
        found.append(TaxId("RECEIVER", importer_id(parcel), receiver, parcel.country))
    return tuple(found)


def importer_id(parcel: Parcel) -> str:
    """What the recipient's number is called where the parcel goes: the country's own, or the Union's EORI."""
    return duties.importer_id(parcel.country, clock.today()) or "EORI"


def declaration(parcel: Parcel, sent: Consignment, value_sdr: Decimal | None = None) -> forms.Declaration:
    """What customs reads: the values paid, and every tax number we know."""
    depot = db.session.get_one(Warehouse, parcel.warehouse_id)
    return forms.Declaration(
        kind=forms.form_kind(value_sdr),
        reference=parcel.ref,
        invoice_number=parcel.ref,
        sender=_printed(sent.sender, forms.tax_ids({t.kind: t.number for t in sent.tax_ids if t.entity == "SENDER"})),
        addressee=_printed(sent.receiver, forms.tax_ids({importer_id(parcel): sent.receiver.tax_id})),
        importer_reference=sent.receiver.tax_id,
        lines=tuple(forms.Line(c.title, c.quantity, c.weight_g, c.value, c.hs_code, c.origin) for c in sent.contents),
        gross_g=sent.weight_g,
        value=Money(parcel.declared_minor, parcel.currency),
        postage=Money(parcel.freight_minor, parcel.currency),
        insurance=Money(parcel.insurance_minor, parcel.currency),
        incoterm=str(parcel.incoterm),
        category="sale_of_goods",
        signed_on=clock.today(),
        signer=f"{sent.sender.company or sent.sender.name}, {depot.city}",
        office=depot.city,
    )


def _printed(party: Party, tax_ids: tuple[tuple[str, str], ...]) -> forms.Party:
    lines = forms.addressed([party.street, f"{party.postal_code} {party.city}".strip(), party.region])
    name = f"{party.company}, {party.name}" if party.company else party.name
    return forms.Party(name, lines, party.country, party.phone, party.email, tax_ids)


def keep(parcel: Parcel, kind: str, content: bytes) -> StoredFile:
    """A paper about the parcel, sealed for it."""
    return documents.store(
        SHIPPER,
        parcel.stream,
        parcel.subject,
        "transaction",
        kind,
        io.BytesIO(content),
        allowed=documents.PAPERS,
        limit=LIMIT,
    )


def may_read(actor: Actor, file: StoredFile) -> None:
    """NotFound or Denied for people the parcel is none of."""
    require(actor, "parcel.view", load(Parcel, id=UUID(file.about.partition("/")[2])))


access.by_kind.update(label=may_read, customs_form=may_read, invoice=may_read)
