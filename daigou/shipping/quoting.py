"""What sending a parcel costs: each line with its freight, insurance, duty and tax, before anything is paid."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from sqlalchemy import or_, select

from compliance.customs import rules as customs
from compliance.customs import service as duties
from daigou.core import clock
from daigou.core.db import db
from daigou.core.errors import Unavailable
from daigou.core.money import Money
from daigou.orders.models import OrderItem
from daigou.pricing import service as pricing
from daigou.warehouse.models import StockUnit

from . import rules
from .models import CarrierLine, Parcel, ParcelItem
from .rules import Size


@dataclass(frozen=True, slots=True)
class Contents:
    """What lies in a parcel, with its measured sizes, and the carton it will need."""

    items: Sequence[OrderItem]
    units: dict[object, StockUnit]
    size: Size
    declared: Money
    domestic: Money  # freight within the country of purchase: part of the customs value, not of the goods

    @property
    def goods(self) -> list[customs.Good]:
        return [customs.Good(i.hs_code, i.origin, Money(i.goods_minor, i.currency), i.title) for i in self.items]


@dataclass(frozen=True, slots=True)
class Choice:
    """What the shopper chooses."""

    line_code: str
    incoterm: str  # DAP or DDP
    insured: bool


@dataclass(frozen=True, slots=True)
class Offer:
    """One line under one choice, in the shopper's currency. ``border`` is due on arrival (DAP) or now (DDP).

    Where the destination's law is not in the table there is no estimate: ``assessment`` and ``border`` are None.
    """

    line: CarrierLine
    choice: Choice
    chargeable_g: int
    volumetric_g: int
    carrier_price: Money  # in the carrier's currency
    freight: Money
    insurance: Money
    assessment: customs.Assessment | None
    border: Money | None

    @property
    def may_be_chosen(self) -> bool:
        """Duty is taken in advance only where the estimate leaves nothing out."""
        return self.choice.incoterm != "DDP" or (self.assessment is not None and self.assessment.is_final)

    @property
    def duty(self) -> Money:
        """What of the border's cost is paid here."""
        return self.border if self.border and self.choice.incoterm == "DDP" else Money.zero(self.freight.currency)

    @property
    def total(self) -> Money:
        return self.freight + self.insurance + self.duty

    @property
    def on_arrival(self) -> Money | None:
        return self.border - self.duty if self.border is not None else None


def contents_of(items: Sequence[OrderItem]) -> Contents:
    """What these items are as a parcel; they share one currency and lie in the warehouse."""
    statement = select(StockUnit).where(StockUnit.item_id.in_([i.id for i in items]))
    units: dict[object, StockUnit] = {u.item_id: u for u in db.session.execute(statement).scalars()}
    sizes = [Size(u.weight_g, u.length_mm, u.width_mm, u.height_mm) for u in (units[i.id] for i in items)]
    currency = items[0].currency
    domestic = Money(sum(i.freight_minor for i in items), currency)
    declared = Money(sum(i.goods_minor for i in items), currency)
    return Contents(items, units, rules.boxed(sizes), declared, domestic)


def lines_to(origin: str, destination: str) -> list[CarrierLine]:
    """The carriers' lines of that lane today, the newest row of each."""
    today = clock.today()
    statement = (
        select(CarrierLine)
        .where(
            CarrierLine.origin == origin,
            CarrierLine.destination == destination,
            CarrierLine.valid_from <= today,
            or_(CarrierLine.valid_to.is_(None), CarrierLine.valid_to > today),
        )
        .order_by(CarrierLine.code, CarrierLine.valid_from)
    )
    newest = {line.code: line for line in db.session.execute(statement).scalars()}
    return list(newest.values())


def premium(declared: Money) -> Money | None:
    """What insuring this value costs; None where there is no tariff in its currency."""
    try:
        return pricing.fee("insurance", declared.currency).of(declared)
    except Unavailable:
        return None


def is_insurable(line: CarrierLine, declared: Money) -> bool:
    """Whether the line's insurance covers the whole value."""
    worth = pricing.rate(declared.currency, line.currency, with_spread=False).convert(declared)
    return worth.minor <= line.insured_up_to_minor and premium(declared) is not None


def offers(contents: Contents, country: str, lines: Sequence[CarrierLine]) -> list[Offer]:
    """Every line that takes the parcel, under every incoterm it may have, without insurance; the cheapest first."""
    priced = [offer_of(contents, country, line, Choice(line.code, line.incoterms[0], False)) for line in lines]
    made = [
        found
        for offer in priced
        if offer is not None
        for incoterm in offer.line.incoterms
        if (found := replace(offer, choice=replace(offer.choice, incoterm=incoterm))).may_be_chosen
    ]
    return sorted(made, key=lambda o: (o.total.minor, o.choice.incoterm))


@dataclass(frozen=True, slots=True)
class Refusing:
    """A line that does not take the parcel, and by how much."""

    line: CarrierLine
    chargeable_g: int


def refusing(contents: Contents, lines: Sequence[CarrierLine]) -> list[Refusing]:
    """Lines that this parcel is too heavy for, so that the page can say why they are missing."""
    weights = [Refusing(line, rules.chargeable_g(contents.size, line.divisor)) for line in lines]
    return [w for w in weights if w.chargeable_g > w.line.max_weight_g]


def offer_of(contents: Contents, country: str, line: CarrierLine, choice: Choice) -> Offer | None:
    """The exact price of one choice; None when the line takes nothing so heavy. Unavailable without freight's rates."""
    priced = _price(contents, line)
    if priced is None:
        return None
    weight, price, freight = priced
    currency = contents.declared.currency
    insurance = (premium(contents.declared) if choice.insured else None) or Money.zero(currency)
    assessment = assess(contents, freight, insurance, country)
    return Offer(
        line=line,
        choice=choice,
        chargeable_g=weight,
        volumetric_g=rules.volumetric_g(contents.size, line.divisor),
        carrier_price=price,
        freight=freight,
        insurance=insurance,
        assessment=assessment,
        border=_published(assessment.total, currency) if assessment is not None else None,
    )


def standard(contents: Contents, lines: Sequence[CarrierLine]) -> Money:
    """Freight by the cheapest line that takes the parcel: what a law that gives delivery back calls standard."""
    priced = [_price(contents, line) for line in lines]
    return min((freight for _, _, freight in filter(None, priced)), default=Money.zero(contents.declared.currency))


def _price(contents: Contents, line: CarrierLine) -> tuple[int, Money, Money] | None:
    """(chargeable grams, price in the carrier's currency, freight in the shopper's); None for what is too heavy."""
    weight = rules.chargeable_g(contents.size, line.divisor)
    minor = rules.freight_minor(line.steps, weight) if weight <= line.max_weight_g else None
    if minor is None:
        return None
    price = Money(minor, line.currency)
    rate = pricing.rate(line.currency, contents.declared.currency, with_spread=True)
    return weight, price, rate.convert(price)


def assess(contents: Contents, freight: Money, insurance: Money, country: str) -> customs.Assessment | None:
    """Duty and tax in the destination's own currency, at today's published rate.

    None where its law is not in the table or its currency has no rate: then nothing is promised, least of all zero.
    """
    carriage = freight + contents.domestic
    try:
        return duties.assess(contents.goods, carriage, insurance, country, clock.today(), _published)
    except Unavailable:
        return None


def _published(amount: Money, currency: str) -> Money:
    return pricing.rate(amount.currency, currency, with_spread=False).convert(amount)


def items_of(parcel: Parcel) -> list[OrderItem]:
    """What lies in it now."""

    statement = (
        select(OrderItem)
        .join(ParcelItem, ParcelItem.item_id == OrderItem.id)
        .where(ParcelItem.parcel_id == parcel.id, ParcelItem.removed_at.is_(None))
        .order_by(OrderItem.id)
    )
    return list(db.session.execute(statement).scalars())
