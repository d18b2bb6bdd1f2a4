"""Merchants’ listings: written, edited, looked at by their shop."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from compliance.audit import door
from daigou.accounts.models import Merchant
from daigou.core import ids
from daigou.core.access import Actor, require
from daigou.core.db import load, transaction
from daigou.core.errors import Impossible, Invalid
from daigou.core.i18n import lazy
from daigou.core.money import Money

from .checking import hold_back
from .models import Listing
from .own import merchant_of, open_own, refuse_incomplete
from .photos import keep_photo
from .words import words_of


@dataclass(frozen=True, slots=True)
class Terms:
    """All that a merchant says of an offer. Amounts are in its currency, measures in grams and millimetres."""

    category: str
    title: str
    brand: str
    model: str
    origin: str
    hs_code: str
    condition: str
    description: str
    price: Money
    domestic_freight: Money
    stock: int
    weight_g: int
    length_mm: int
    width_mm: int
    height_mm: int
    purchased_on: date | None = None
    usage: str = ""
    function: str = ""
    accessories: str = ""
    flaws: str = ""
    translations: dict[str, dict[str, str]] = field(default_factory=dict)


def draft(actor: Actor, terms: Terms, item_number: str = "", photos: Sequence[Any] = ()) -> Listing:
    """A new listing that nobody sees yet. ``item_number`` is one that no other listing of the shop has, ``photos`` are
    uploads or what ``documents.check`` made of them."""
    require(actor, "listing.manage")
    shop = merchant_of(actor)
    _refuse_other_currency(shop, terms)
    listing = Listing(ref=ids.new_ref("LST"), merchant_id=shop.id, currency=shop.currency, version=1, photos=[])
    listing.item_number = item_number
    _write(listing, terms)
    with transaction():
        listing.photos = [keep_photo(actor, listing, shop.subject, photo) for photo in photos]
        door.created(actor, listing, listing=listing.ref, photos=len(photos))
    return listing


def edit(actor: Actor, ref: str, version: int, terms: Terms) -> Listing:
    """Write a whole listing anew. Impossible when somebody else wrote it since ``version``, or when it has ended."""
    with transaction():
        listing = open_own(actor, ref)
        if listing.version != version:
            words = lazy("This listing was changed elsewhere since you opened this page. Compare, then save again.")
            raise Impossible("listing.stale", words, version=listing.version)
        _refuse_other_currency(load(Merchant, id=listing.merchant_id), terms)
        before_minor = listing.price_minor
        _write(listing, terms)
        refuse_incomplete(listing)
        listing.version += 1
        door.record(actor, listing, "edited", version=listing.version, price=f"{terms.price.minor} {listing.currency}")
        if listing.is_("active"):
            hold_back(listing, before_minor)
    return listing


def _write(listing: Listing, terms: Terms) -> None:
    for name in (
        "category", "title", "brand", "model", "origin", "hs_code", "condition", "description", "stock", "weight_g",
        "length_mm", "width_mm", "height_mm", "translations",
    ):  # fmt: skip
        setattr(listing, name, getattr(terms, name))
    listing.details = {
        "purchased_on": terms.purchased_on.isoformat() if terms.purchased_on else "",
        "usage": terms.usage,
        "function": terms.function,
        "accessories": terms.accessories,
        "flaws": terms.flaws,
    }
    listing.price_minor, listing.domestic_freight_minor = terms.price.minor, terms.domestic_freight.minor
    listing.search = words_of(listing)


def _refuse_other_currency(shop: Merchant, terms: Terms) -> None:
    if {terms.price.currency, terms.domestic_freight.currency} != {shop.currency}:
        raise Invalid({"price": lazy("Prices are in %(currency)s, your shop’s currency.", currency=shop.currency)})
