"""One purchase as data, and how far it is taken."""

from __future__ import annotations

from dataclasses import dataclass

from . import buying, fulfilling
from .company import Company

PARCEL_WEIGHT_G = {"fountain-pen": "190", "figure": "980"}


@dataclass(frozen=True, slots=True)
class Deal:
    """Who buys from whom; ``words`` find the listing, ``paid`` is what the shop asked, ``way`` a button there."""

    shopper: str
    shop: str
    words: str
    kind: str
    paid: str
    shelf: str
    way: str = "succeed"
    fault: str = ""


def received(company: Company, deal: Deal) -> str:
    """Bought, paid, bought in the shop and on our shelf; the item's reference."""
    item = buying.buy(company[deal.shopper], deal.words, deal.way)
    fulfilling.purchase(company[deal.shop], item, deal.paid)
    fulfilling.receive(company["inspector"], item, deal.kind, deal.shelf)
    return item


def inspected(company: Company, deal: Deal) -> str:
    item = received(company, deal)
    fulfilling.inspect(company["inspector"], item, deal.kind, len(deal.words), deal.fault)
    return item


def paid_parcel(company: Company, deal: Deal) -> str:
    """Accepted, and in a parcel whose freight is paid; the parcel's reference."""
    item = inspected(company, deal)
    buying.accept(company[deal.shopper], item)
    return buying.parcel(company[deal.shopper], item)


def shipped(company: Company, deal: Deal) -> str:
    ref = paid_parcel(company, deal)
    fulfilling.pack(company["inspector"], ref, PARCEL_WEIGHT_G[deal.kind])
    fulfilling.ship(company["inspector"], ref)
    return ref
