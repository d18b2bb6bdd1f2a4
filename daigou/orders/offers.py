"""What is offered, as one line of a quote: from a listing, or from a merchant's answer to a wish."""

from __future__ import annotations

from daigou.accounts.models import Merchant
from daigou.catalog.models import Listing
from daigou.core.db import load
from daigou.core.errors import Impossible
from daigou.core.i18n import lazy
from daigou.core.money import Money
from daigou.sourcing.models import SourcingRequest

from .rules import Offer


def offer_of(listing: Listing, merchant: Merchant, quantity: int) -> Offer:
    """A listing as one line of this many pieces."""
    return Offer(
        listing_id=listing.id,
        version=listing.version,
        merchant_id=merchant.id,
        merchant_ref=merchant.ref,
        merchant=merchant.name,
        title=listing.title,
        photo=listing.photos[0] if listing.photos else None,
        category=listing.category,
        condition=listing.condition,
        origin=listing.origin,
        hs_code=listing.hs_code,
        quantity=quantity,
        goods=listing.price * quantity,
        freight=listing.domestic_freight,
        weight_g=listing.weight_g,
        length_mm=listing.length_mm,
        width_mm=listing.width_mm,
        height_mm=listing.height_mm,
    )


def offer_of_request(request: SourcingRequest) -> Offer:
    """The merchant's answer as one line. Impossible while there is none."""
    if request.merchant_id is None or request.currency is None:
        raise Impossible("sourcing.no_answer", lazy("The merchant’s price is not valid any more."))
    merchant, measures = load(Merchant, id=request.merchant_id), request.measures or {}
    return Offer(
        listing_id=None,
        version=None,
        merchant_id=merchant.id,
        merchant_ref=merchant.ref,
        merchant=merchant.name,
        title=request.title,
        photo=None,
        category=request.category or "",
        condition="new",
        origin=request.origin or request.country,
        hs_code=request.hs_code or "",
        quantity=request.quantity,
        goods=Money(request.price_minor or 0, request.currency) * request.quantity,
        freight=Money(request.domestic_freight_minor or 0, request.currency),
        weight_g=measures.get("weight_g", 0),
        length_mm=measures.get("length_mm", 0),
        width_mm=measures.get("width_mm", 0),
        height_mm=measures.get("height_mm", 0),
    )
