"""Rows for tests, made as the services would make them."""

from __future__ import annotations

import itertools
import secrets
from datetime import date
from decimal import Decimal
from typing import Any

from compliance.audit import door
from compliance.identity.models import Identity
from daigou.accounts.identity import actor_of, rights_of
from daigou.accounts.models import Account, Member, Merchant
from daigou.accounts.sessions import service as sessions
from daigou.accounts.sessions.rules import Visit
from daigou.catalog.models import Listing
from daigou.catalog.words import words_of
from daigou.core import clock, ids
from daigou.core.access import Actor, system
from daigou.core.crypto import blind_index
from daigou.core.db import db, load_locked, transaction
from daigou.orders import cart
from daigou.orders import service as orders
from daigou.orders.models import Bill, Order, OrderItem, Quote
from daigou.pricing import board
from daigou.pricing import service as pricing

SHOWN = ("whole", "label", "accessories", "flaw", "detail")  # by the photos of a listing
_published = itertools.count(1)


def account(*roles: str, country: str = "DE", currency: str = "EUR", locale: str = "en", **more: Any) -> Account:
    """An active account with these roles (a shopper if none)."""
    email = more.pop("email", f"{secrets.token_hex(6)}@example.test")
    row = Account(
        subject=ids.new_subject(),
        email_index=blind_index("accounts.email", email),
        roles=list(roles or ("shopper",)),
        country=country,
        currency=currency,
        locale=locale,
        **more,
    )
    row.email = email
    row.name = "Mara Vogel"
    with transaction():
        door.created(system("test"), row)
        db.session.flush()
        door.transition(system("test"), row, "confirm")
    return row


def trusted(*accounts: Account) -> None:
    """These shoppers are in the advanced tier: for tests and measurements that order more than others may."""
    with transaction():
        for row in accounts:
            identity = Identity(subject=row.subject, account_id=row.id)
            door.created(system("test"), identity)
            db.session.flush()
            door.transition(system("test"), identity, "verify")
            db.session.flush()
            door.transition(Actor("test", roles=frozenset({"officer"})), identity, "advance")


def merchant(
    name: str = "Hoshino Hobby", country: str = "JP", currency: str = "JPY", active: bool = True
) -> tuple[Merchant, Account]:
    """A merchant and the account that owns it."""
    owner = account("shopper", "merchant", country=country, currency=currency)
    row = Merchant(
        ref=ids.new_ref("MER"),
        subject=ids.new_subject(),
        name=name,
        kind="company",
        country=country,
        currency=currency,
        city="Osaka",
    )
    with transaction():
        door.created(system("test"), row)
        db.session.flush()
        db.session.add(Member(merchant_id=row.id, account_id=owner.id, role="owner"))
        db.session.flush()
        if active:
            door.transition(system("test"), row, "activate")
    return row, owner


def actor(of: Account) -> Actor:
    """The actor that this account is."""
    member = db.session.query(Member).filter_by(account_id=of.id).one_or_none()
    return actor_of(of, member.merchant_id, rights_of(member.role, member.rights)) if member else actor_of(of)


def session_of(who: Any) -> dict[str, Any]:
    """What the session cookie of this account holds, signed in just now with a second factor."""
    with transaction():
        opened = sessions.begin(who, Visit(ip="127.0.0.1"), "password", factored=True)
    return {"_user_id": str(who.id), "_fresh": True, "sid": opened.token}


def rates(day: date | None = None, **per_euro: str) -> None:
    """Exchange rates of a day (today): units for one euro. Without names: yen, won, yuan, dollar and pound."""
    found = per_euro or {"JPY": "160", "KRW": "1600", "CNY": "8", "USD": "1.25", "GBP": "0.8"}
    pricing.record_rates(day or clock.today(), {c: Decimal(r) for c, r in found.items()}, "test")
    board.forget()


def listing(shop: Merchant, published: bool = True, **more: Any) -> Listing:
    """A figure of 18,400 in the merchant's currency, five in stock, with photos that nobody stored."""
    values = {
        "category": "figures",
        "title": "Moon Courier Rin, 1/7 scale figure",
        "brand": "Hoshino",
        "model": "HH-2024",
        "origin": shop.country,
        "hs_code": "950300",
        "condition": "new",
        "description": "Opened once to look at it.",
        "details": {"usage": "displayed", "function": "", "accessories": "stand", "flaws": ""},
        "price_minor": 18_400,
        "domestic_freight_minor": 800,
        "currency": shop.currency,
        "stock": 5,
        "weight_g": 900,
        "length_mm": 300,
        "width_mm": 200,
        "height_mm": 200,
        "photos": [ids.new_ref("FIL") for _ in range(5)],
        **more,
    }
    values.setdefault("photo_views", dict(zip(values["photos"], SHOWN, strict=False)))
    row = Listing(ref=ids.new_ref("LST"), merchant_id=shop.id, **values)
    with transaction():
        door.created(system("test"), row)
        db.session.flush()
        if published:
            row.published_no = next(_published)
            row.search = words_of(row)
            door.transition(Actor("test", merchant_id=shop.id, roles=frozenset({"merchant", "owner"})), row, "publish")
    return row


def quote(shopper: Account, *listings: Listing, quantity: int = 1, currency: str = "EUR") -> Quote:
    """A quote of these listings in the shopper's currency. Needs rates()."""
    who = actor(shopper)
    for row in listings:
        cart.add(cart.owner_of(who), row.ref, quantity)
    return orders.quote_cart(who, currency)


def order(shopper: Account, *listings: Listing, quantity: int = 1, currency: str = "EUR") -> Order:
    """An order of these listings that waits for its payment. Needs rates()."""
    made = quote(shopper, *listings, quantity=quantity, currency=currency)
    return orders.place(actor(shopper), made.ref)


def bill_of(placed: Order) -> Bill:
    """The goods bill of an order."""
    return db.session.query(Bill).filter_by(order_id=placed.id, kind="goods").one()


def items_of(placed: Order) -> list[OrderItem]:
    return db.session.query(OrderItem).filter_by(order_id=placed.id).order_by(OrderItem.line_no).all()


def paid_order(shopper: Account, *listings: Listing, **more: Any) -> Order:
    """An order whose bill was settled. No money stands behind it: rooms that move money pay through the provider."""
    placed = order(shopper, *listings, **more)
    with transaction():
        orders.settle_bill(system("payments"), load_locked(Bill, id=bill_of(placed).id))
    return placed
