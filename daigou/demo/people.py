"""The demo market's people: one account per role, with passwords made at random."""

from __future__ import annotations

import secrets
from concurrent.futures import ThreadPoolExecutor

import pyotp

from compliance.audit import door
from daigou.accounts import passwords
from daigou.accounts.addresses import service as addresses
from daigou.accounts.addresses.rules import AddressFacts
from daigou.accounts.factors.models import Totp
from daigou.accounts.identity import actor_of
from daigou.accounts.joining import open_account
from daigou.accounts.models import Account, Member, Merchant
from daigou.core import clock, ids
from daigou.core.access import STAFF, Actor, system
from daigou.core.db import db

from .goods import SHOPS, Shop

SEEDER = system("demo")

# what the page calls them, roles, name, country, currency
PEOPLE = (
    ("shopper", ("shopper",), "Mara Vogel", "DE", "EUR"),
    ("inspector", ("inspector",), "Aya Tanaka", "JP", "JPY"),
    ("support", ("support",), "Jonas Weber", "DE", "EUR"),
    ("officer", ("officer",), "Chen Lihua", "CN", "CNY"),
    ("admin", ("admin",), "Sofia Marín", "DE", "EUR"),
)

HOME = AddressFacts(
    name="Mara Vogel",
    street="Karl-Liebknecht-Straße 12",
    city="Leipzig",
    postal_code="04107",
    region="",
    country="DE",
    phone="+49 341 2345678",
    email="shopper@demo.example",
    tax_id="",
)

Login = dict[str, str]


def settle_in() -> tuple[list[Login], list[tuple[Merchant, Actor]]]:
    """Everybody's account: the logins to print, and the merchants with the actor who works for each."""
    secret = [secrets.token_urlsafe(9) for _ in (*PEOPLE, *SHOPS)]
    with ThreadPoolExecutor(2) as pool:  # Argon2 is slow on purpose, and lets other threads run
        hashes = list(pool.map(passwords.hashed, secret))
    logins, shops = [], []
    for (role, roles, name, country, currency), password, password_hash in zip(PEOPLE, secret, hashes, strict=False):
        account = _account(role, roles, name, country, currency, password_hash)
        totp = _authenticator(account) if STAFF & set(roles) else ""
        if role == "shopper":
            addresses.add(actor_of(account), HOME)
        logins.append(_login(role, account, password) | ({"totp": totp} if totp else {}))
    for shop, password, password_hash in zip(SHOPS, secret[len(PEOPLE) :], hashes[len(PEOPLE) :], strict=True):
        owner = _account(shop.email, ("shopper", "merchant"), shop.name, shop.country, shop.currency, password_hash)
        merchant = _merchant(shop, owner)
        logins.append(_login(f"merchant ({shop.city})", owner, password))
        shops.append((merchant, actor_of(owner, merchant.id)))
    return logins, shops


def _authenticator(account: Account) -> str:
    """Staff need a second factor: the secret of an authenticator app stands beside their password."""
    db.session.flush()
    row = Totp(account_id=account.id, subject=account.subject, confirmed_at=clock.now())
    row.secret = pyotp.random_base32()
    db.session.add(row)
    return str(row.secret)


def _login(role: str, account: Account, password: str) -> Login:
    return {"role": role, "email": str(account.email), "password": password}


def _account(
    mailbox: str, roles: tuple[str, ...], name: str, country: str, currency: str, password_hash: str
) -> Account:
    account = open_account(f"{mailbox}@demo.example", list(roles), country, currency, "en")
    account.name, account.password_hash = name, password_hash
    door.created(SEEDER, account, country=country)
    door.transition(SEEDER, account, "confirm")
    return account


def _merchant(shop: Shop, owner: Account) -> Merchant:
    merchant = Merchant(
        ref=ids.new_ref("MER"),
        subject=ids.new_subject(),
        name=shop.name,
        kind="company",
        country=shop.country,
        currency=shop.currency,
        city=shop.city,
        about=shop.about,
        verified_at=clock.now(),
    )
    door.created(SEEDER, merchant)
    door.transition(SEEDER, merchant, "activate")
    db.session.flush()
    db.session.add(Member(merchant_id=merchant.id, account_id=owner.id, role="owner"))
    return merchant
