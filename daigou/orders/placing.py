"""From an accepted quote to an order that waits for its payment."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from sqlalchemy import bindparam, select

from compliance.audit import door
from compliance.identity import tiers
from compliance.identity.rules import Limits
from daigou.accounts.models import Account
from daigou.catalog.models import Listing
from daigou.core import clock, faults, ids, outbox
from daigou.core.access import Actor, require
from daigou.core.db import db, load, load_locked, transaction
from daigou.core.errors import Impossible, NotFound
from daigou.core.i18n import lazy
from daigou.sourcing.models import SourcingRequest

from . import cart, limits, stock
from .bills import issue_bill
from .models import Order, OrderItem, Quote
from .quotes import lines_of, why_not
from .rules import PAY_HOURS, Line

# Built once: every order sends it.
_LOCKED = (
    tiers.with_standing(select(Quote, Account).join(Account, Account.id == Quote.account_id))
    .where(Quote.ref == bindparam("ref"))
    .with_for_update(of=(Quote, Account), key_share=True)
    .execution_options(populate_existing=True)
)


def place(actor: Actor, quote_ref: str) -> Order:
    """Order what the quote says, at its prices: stock is taken, a bill is due within PAY_HOURS.

    Placing the same quote twice finds the first order. Impossible when the quote has run out, or when an offer was
    changed, paused or sold in the meantime; nothing is taken then.
    """
    with transaction():
        faults.step("order")
        quote, account, room = _locked(quote_ref)
        require(actor, "quote.accept", quote)
        if quote.is_("accepted"):
            return load(Order, quote_id=quote.id)
        refusal = why_not(quote)
        if refusal:
            raise refusal
        limits.require_room(room, quote)
        lines = lines_of(quote)
        _take_stock(actor, lines)
        door.transition(actor, quote, "accept")
        _close_request(actor, quote)
        order = _order(quote, account)
        items = [_item(order, number, line) for number, line in enumerate(lines, start=1)]
        door.created(actor, order, quote=quote.ref, total=f"{order.total_minor} {order.currency}")
        for item in items:
            door.created(actor, item, item=item.ref)
        _bill(actor, order, items)
        outbox.put("screening.order", order_id=order.id)
    return order


def _locked(quote_ref: str) -> tuple[Quote, Account, Limits]:
    """The quote, its shopper and what they may order, the first two locked. One query."""
    row = db.session.execute(_LOCKED, {"ref": quote_ref}).one_or_none()
    if row is None:
        raise NotFound("quotes.not_found", lazy("There is no such thing here, or it is not yours."))
    quote, account, tier, score = row
    return quote, account, tiers.limits(tier, score)


def _take_stock(actor: Actor, lines: Sequence[Line]) -> None:
    """All lines or none, out of the cart too: the use case rolls back when one is missing."""
    wanted = {
        o.listing_id: (o.quantity, o.version) for o in (line.offer for line in lines) if o.listing_id and o.version
    }
    taken = stock.take(((key, *rest) for key, rest in wanted.items()), cart.owner_of(actor))
    if len(taken) < len(wanted):
        _say_what_changed(lines, taken)


def _say_what_changed(lines: Sequence[Line], taken: set[UUID]) -> None:
    missed = [line.offer for line in lines if line.offer.listing_id and line.offer.listing_id not in taken]
    found = {
        row.id: row
        for row in db.session.execute(
            select(Listing.id, Listing.state, Listing.stock, Listing.version).where(
                Listing.id.in_([offer.listing_id for offer in missed])
            )
        )
    }
    offer = missed[0]
    row = found.get(offer.listing_id)
    if row is not None and row.state == "active" and row.stock < offer.quantity:
        words = lazy("“%(title)s” was sold in the meantime.", title=offer.title)
        raise Impossible("quote.sold_out", words, left=row.stock)
    if row is not None and row.state == "active" and row.version != offer.version:
        words = lazy("The merchant changed “%(title)s” or its price in the meantime.", title=offer.title)
        raise Impossible("quote.changed", words)
    raise Impossible("quote.gone", lazy("“%(title)s” is not for sale any more.", title=offer.title))


def _close_request(actor: Actor, quote: Quote) -> None:
    if quote.sourcing_id is not None:
        door.transition(actor, load_locked(SourcingRequest, id=quote.sourcing_id), "order")


def _order(quote: Quote, account: Account) -> Order:
    return Order(
        ref=ids.new_ref("ORD"),
        account_id=quote.account_id,
        subject=quote.subject,
        quote_id=quote.id,
        currency=quote.currency,
        country=account.country,
        total_minor=quote.total_minor,
    )


def _item(order: Order, number: int, line: Line) -> OrderItem:
    offer = line.offer
    return OrderItem(
        ref=ids.new_ref("ITM"),
        order_id=order.id,
        order_ref=order.ref,
        line_no=number,
        account_id=order.account_id,
        subject=order.subject,
        merchant_id=offer.merchant_id,
        merchant_ref=offer.merchant_ref,
        listing_id=offer.listing_id,
        listing_version=offer.version,
        title=offer.title,
        photo=offer.photo,
        category=offer.category,
        condition=offer.condition,
        origin=offer.origin,
        hs_code=offer.hs_code,
        quantity=offer.quantity,
        merchant_currency=offer.goods.currency,
        merchant_goods_minor=offer.goods.minor,
        merchant_freight_minor=offer.freight.minor,
        commission_minor=line.commission.minor,
        currency=order.currency,
        goods_minor=line.goods.minor,
        freight_minor=line.freight.minor,
        fee_minor=line.fee.minor,
        rate=line.rate.rate,
        weight_g=offer.weight_g,
        length_mm=offer.length_mm,
        width_mm=offer.width_mm,
        height_mm=offer.height_mm,
    )


def _bill(actor: Actor, order: Order, items: Sequence[OrderItem]) -> None:
    issue_bill(
        actor,
        kind="goods",
        account_id=order.account_id,
        subject=order.subject,
        order_id=order.id,
        about_ref=order.ref,
        currency=order.currency,
        rows=[{"label": f"{item.title} × {item.quantity}", "minor": item.total.minor} for item in items],
        split=[{"escrow": str(item.id), "minor": item.total.minor} for item in items],
        due_until=clock.now() + timedelta(hours=PAY_HOURS),
    )

