"""Quotes: an itemised price with a locked rate, made of a cart or of one sourcing request."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from flask import current_app
from sqlalchemy import select

from compliance.audit import door
from daigou.accounts.models import Merchant
from daigou.catalog.models import Listing
from daigou.core import clock, ids
from daigou.core.access import Actor, require
from daigou.core.db import db, load, transaction
from daigou.core.errors import Impossible, Invalid, Refusal
from daigou.core.i18n import lazy
from daigou.core.money import total
from daigou.methods import service as methods
from daigou.pricing import service as pricing
from daigou.pricing.rules import CURRENCIES
from daigou.sourcing.models import SourcingRequest

from . import cart
from .models import Quote
from .offers import offer_of, offer_of_request
from .rules import QUOTE_HOURS, Line, Offer, as_json, from_json, itemise


def quote_cart(actor: Actor, currency: str) -> Quote:
    """A quote of everything in the cart. Impossible when it is empty or a line can't be had as it stands."""
    lines = cart.lines(cart.owner_of(actor))
    if not lines:
        raise Impossible("cart.empty", lazy("Your cart is empty."))
    if any(line.problem for line in lines):
        raise Impossible("cart.changed", lazy("Something in your cart changed. Look at the notes beside it first."))
    return _issue(actor, [line.offer for line in lines], currency)


def quote_sourcing(actor: Actor, request_ref: str, currency: str) -> Quote:
    """A quote of what a merchant answered to a request. Impossible when it is not quoted or no longer valid."""
    request = load(SourcingRequest, ref=request_ref)
    require(actor, "sourcing.withdraw", request)
    if not request.is_("quoted") or request.valid_until is None or request.valid_until <= clock.now():
        raise Impossible("sourcing.no_answer", lazy("The merchant’s price is not valid any more."))
    return _issue(actor, [offer_of_request(request)], currency, request)


def renew_quote(actor: Actor, quote_ref: str, currency: str) -> Quote:
    """The same things at today's prices and rates. What can't be had any more is left out."""
    old = load(Quote, ref=quote_ref)
    require(actor, "quote.view", old)
    if old.sourcing_id is not None:
        return quote_sourcing(actor, load(SourcingRequest, id=old.sourcing_id).ref, currency)
    wanted = {line.offer.listing_id: line.offer.quantity for line in lines_of(old)}
    offers = [offer_of(listing, merchant, wanted[listing.id]) for listing, merchant in _available(wanted)]
    if not offers:
        raise Impossible("quote.gone", lazy("None of this is available any more."))
    return _issue(actor, offers, currency)


def view_quote(actor: Actor, quote_ref: str) -> Quote:
    quote = load(Quote, ref=quote_ref)
    require(actor, "quote.view", quote)
    return quote


def lines_of(quote: Quote) -> list[Line]:
    return [from_json(row, quote.currency) for row in quote.lines]


def price(offers: Sequence[Offer], currency: str) -> list[Line]:
    """The offers at today's rates and fees.

    Invalid for a currency that is not offered, Unavailable without a fresh rate or a tariff for it.
    """
    if currency not in CURRENCIES:
        words = lazy("Prices in %(currency)s are not offered. Choose another currency.", currency=currency)
        raise Invalid({"currency": words}, "quote.currency", words)
    currencies = {offer.goods.currency for offer in offers}
    rates = {c: pricing.rate(c, currency, with_spread=True) for c in currencies}
    commission = {c: pricing.fee("commission", c).permille for c in currencies}
    return itemise(offers, rates, pricing.fee("service", currency), commission)


def expire_quote(actor: Actor, quote: Quote) -> None:
    """The caller holds its lock."""
    door.transition(actor, quote, "expire")


def why_not(quote: Quote) -> Refusal | None:
    """Why this quote can't be ordered any more, or None."""
    if quote.is_("expired") or quote.valid_until <= clock.now():
        return Impossible(
            "quote.expired", lazy("This quote has expired: its exchange rate was locked for 24 hours only.")
        )
    return _unpayable(quote)


def _unpayable(quote: Quote) -> Refusal | None:
    """No order is placed that nobody could pay. A shopper's balance may pay what is too little for the provider."""
    found = methods.beyond(quote.total)
    balances = current_app.extensions["config"].shopper_balance
    return None if found and found.code == "payment.small" and balances else found


def _issue(actor: Actor, offers: Sequence[Offer], currency: str, request: SourcingRequest | None = None) -> Quote:
    if any(offer.merchant_id == actor.merchant_id for offer in offers):
        raise Impossible("quote.own_goods", lazy("You can’t buy what you offer yourself. Take it out of your cart."))
    lines = price(offers, currency)
    until = clock.now() + timedelta(hours=QUOTE_HOURS)
    quote = Quote(
        ref=ids.new_ref("QUO"),
        account_id=actor.account_id,
        subject=actor.subject,
        currency=currency,
        sourcing_id=request.id if request else None,
        lines=[as_json(line) for line in lines],
        total_minor=total((line.total for line in lines), currency).minor,
        rate_day=min(line.rate.day for line in lines),
        valid_until=min(until, request.valid_until) if request and request.valid_until else until,
    )
    with transaction():
        door.created(actor, quote, quote=quote.ref, total=f"{quote.total_minor} {currency}")
    return quote


def _available(wanted: dict[UUID | None, int]) -> list[tuple[Listing, Merchant]]:
    statement = (
        select(Listing, Merchant)
        .join(Merchant, Merchant.id == Listing.merchant_id)
        .where(Listing.id.in_([key for key in wanted if key]), Listing.state == "active", Merchant.state == "active")
        .order_by(Listing.id)
    )
    rows = db.session.execute(statement).all()
    return [(listing, merchant) for listing, merchant in rows if listing.stock >= wanted[listing.id]]
