"""The way back: a label that we pay for and insure, on the line that brought the parcel."""

from __future__ import annotations

from dataclasses import dataclass

from daigou.core.money import Money
from daigou.orders.models import OrderItem
from daigou.pricing import service as pricing
from daigou.providers.carrier import Bought, Consignment

from . import packing, papers, quoting
from .carrier import carrier
from .models import CarrierLine, Parcel


@dataclass(frozen=True, slots=True)
class Back:
    """What a label for the way back was bought for, in the shopper's currency. ``insured`` is zero where no line
    insures so much."""

    bought: Bought
    label: bytes
    freight: Money
    premium: Money
    insured: Money


def buy(parcel: Parcel, item: OrderItem, reference: str) -> Back | None:
    """Buy it for one item of a delivered parcel; None where no line takes it. Outside of any transaction.

    Run again under the same reference, it finds what was bought. Raises the carrier's Rejected and Unanswered.
    """
    line = packing.line_of(parcel)
    contents = quoting.contents_of([item])
    if line is None:
        return None
    insured = quoting.is_insurable(line, contents.declared)
    choice = quoting.Choice(line.code, line.incoterms[0], insured)
    offer = quoting.offer_of(contents, parcel.country, line, choice)
    if offer is None:
        return None
    worth = contents.declared if insured else Money.zero(contents.declared.currency)
    bought = _bought(line, papers.way_back(parcel, item, contents.size, reference), worth)
    return Back(bought, carrier().label(bought.label_url), offer.freight, offer.insurance, worth)


def _bought(line: CarrierLine, sent: Consignment, worth: Money) -> Bought:
    shipment = carrier().shipment_of(sent.reference) or carrier().create(sent)
    usd = pricing.rate(worth.currency, "USD", with_spread=False).convert(worth).decimal if worth else None
    return carrier().buy(shipment, line.carrier, line.service, usd)
