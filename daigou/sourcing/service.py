"""Wishes and their answers: a shopper asks with a link, a merchant of that country names a price."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from uuid import UUID
from zoneinfo import ZoneInfo

from sqlalchemy import or_, select

from compliance.audit import door
from daigou.accounts.models import Account, Merchant
from daigou.core import clock, ids
from daigou.core.access import Actor, foreign, require
from daigou.core.db import Page, db, keyset, load, load_locked, transaction
from daigou.core.errors import Impossible, Invalid
from daigou.core.i18n import lazy
from daigou.core.money import Money

from . import letters
from .models import SourcingRequest
from .rules import ANSWER_DAYS_MOST, COUNTRIES, OPEN_DAYS, link_problem

MOST_OPEN = 20  # wishes of one shopper at a time


@dataclass(frozen=True, slots=True)
class Wish:
    url: str
    title: str
    country: str
    quantity: int
    wishes: str = ""


@dataclass(frozen=True, slots=True)
class Answer:
    """A merchant's price: for one piece, and the freight to the warehouse for all; measures of one piece, packed."""

    price: Money
    domestic_freight: Money
    category: str
    origin: str
    hs_code: str
    weight_g: int
    length_mm: int
    width_mm: int
    height_mm: int
    valid_until: date
    answer: str = ""


def ask(actor: Actor, wish: Wish) -> SourcingRequest:
    """A new wish, open to the merchants of its country. The link is kept and shown, never opened by this server."""
    require(actor, "sourcing.ask")
    _check_link(wish.url)
    if wish.country not in COUNTRIES:
        raise Invalid({"country": lazy("We have no merchants in this country yet.")})
    request = SourcingRequest(
        ref=ids.new_ref("SRC"),
        account_id=actor.account_id,
        subject=actor.subject,
        country=wish.country,
        url=wish.url,
        title=wish.title,
        wishes=wish.wishes,
        quantity=wish.quantity,
    )
    with transaction() as session:
        session.get(Account, actor.account_id, with_for_update=True)  # two at once must not both be the twentieth
        if len(_open_ones(actor)) >= MOST_OPEN:
            raise Impossible("sourcing.too_many", lazy("You have 20 open requests. Withdraw one that you do not need."))
        door.created(actor, request, country=request.country)
    return request


def quote(actor: Actor, ref: str, answer: Answer) -> SourcingRequest:
    """Name a price for a wish. Impossible when another merchant was faster; NotFound outside the merchant's country."""
    with transaction():
        request = load_locked(SourcingRequest, ref=ref)
        shop = _shop(actor)
        if request.country != shop.country:
            raise foreign(actor, "sourcing.quote", request)
        _check_answer(shop, answer)
        door.transition(actor, request, "quote", merchant=shop.ref, price=f"{answer.price.minor} {shop.currency}")
        _write(request, shop, answer)
        letters.tell_answered(request, shop)
    return request


def withdraw(actor: Actor, ref: str) -> SourcingRequest:
    with transaction():
        request = load_locked(SourcingRequest, ref=ref)
        door.transition(actor, request, "withdraw")
    return request


def mine(actor: Actor, cursor: str | None) -> Page:
    """The shopper's wishes, newest first."""
    statement = select(SourcingRequest).where(SourcingRequest.account_id == actor.account_id)
    return keyset(statement, SourcingRequest.created_at, SourcingRequest.id, cursor=cursor)


def view(actor: Actor, ref: str) -> SourcingRequest:
    """One of the shopper's own; another's does not exist."""
    request = load(SourcingRequest, ref=ref)
    require(actor, "sourcing.withdraw", request)
    return request


def queue(actor: Actor, cursor: str | None) -> Page:
    """What the merchant may answer, and what it has answered: the longest waiting first."""
    shop = _shop(actor)
    waiting = (SourcingRequest.state == "open") & (SourcingRequest.country == shop.country)
    answered = (SourcingRequest.state == "quoted") & (SourcingRequest.merchant_id == shop.id)
    statement = select(SourcingRequest).where(or_(waiting, answered))
    return keyset(statement, SourcingRequest.created_at, SourcingRequest.id, cursor=cursor, size=50, descending=False)


def view_as_merchant(actor: Actor, ref: str) -> SourcingRequest:
    """An open wish of the merchant's country, or one that it answered; all others don't exist for it."""
    request, shop = load(SourcingRequest, ref=ref), _shop(actor)
    if request.merchant_id == shop.id or (request.is_("open") and request.country == shop.country):
        return request
    raise foreign(actor, "sourcing.quote", request)


def overdue(limit: int = 500) -> Sequence[UUID]:
    """Answers whose price has run out, and wishes that nobody answered for OPEN_DAYS."""
    now = clock.now()
    statement = select(SourcingRequest.id).where(
        or_(
            (SourcingRequest.state == "quoted") & (SourcingRequest.valid_until <= now),
            (SourcingRequest.state == "open") & (SourcingRequest.created_at <= now - timedelta(days=OPEN_DAYS)),
        )
    )
    return list(db.session.execute(statement.limit(limit)).scalars())


def expire(actor: Actor, request_id: UUID) -> None:
    """An answer that has run out leaves the wish open again; a wish that is too old is closed."""
    with transaction():
        request = load_locked(SourcingRequest, id=request_id)
        now = clock.now()
        if request.is_("quoted") and request.valid_until is not None and request.valid_until <= now:
            door.transition(actor, request, "reopen")
            request.merchant_id = None
        if request.is_("open") and request.created_at <= now - timedelta(days=OPEN_DAYS):
            door.transition(actor, request, "withdraw", reason="nobody answered")


def _shop(actor: Actor) -> Merchant:
    require(actor, "sourcing.quote")
    shop = load(Merchant, id=actor.merchant_id)
    if not shop.is_("active"):
        raise Impossible("merchant.not_active", lazy("Your shop is not verified yet, so you can’t answer requests."))
    return shop


def _open_ones(actor: Actor) -> Sequence[UUID]:
    statement = select(SourcingRequest.id).where(
        SourcingRequest.account_id == actor.account_id, SourcingRequest.state == "open"
    )
    return db.session.execute(statement.limit(MOST_OPEN)).scalars().all()


def _check_link(url: str) -> None:
    words = {
        "long": lazy("This link is too long."),
        "scheme": lazy("The link must begin with https://."),
        "host": lazy("This is not the address of a web page."),
    }
    problem = link_problem(url)
    if problem:
        raise Invalid({"url": words[problem]})


def _check_answer(shop: Merchant, answer: Answer) -> None:
    if {answer.price.currency, answer.domestic_freight.currency} != {shop.currency}:
        raise Invalid({"price": lazy("Prices are in %(currency)s, your shop’s currency.", currency=shop.currency)})
    last = clock.today() + timedelta(days=ANSWER_DAYS_MOST)
    if not clock.today() < answer.valid_until <= last:
        words = lazy("Choose a day from tomorrow until %(last)s.", last=last.isoformat())
        raise Invalid({"valid_until": words})


def _write(request: SourcingRequest, shop: Merchant, answer: Answer) -> None:
    request.merchant_id, request.currency = shop.id, shop.currency
    request.category, request.origin, request.hs_code = answer.category, answer.origin, answer.hs_code
    request.price_minor, request.domestic_freight_minor = answer.price.minor, answer.domestic_freight.minor
    names = ("weight_g", "length_mm", "width_mm", "height_mm")
    request.measures = {name: getattr(answer, name) for name in names}
    request.answer, request.quoted_at = answer.answer, clock.now()
    request.valid_until = datetime.combine(answer.valid_until, time(23, 59, 59), ZoneInfo("UTC"))
