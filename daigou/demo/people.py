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

# mailbox, what the page calls them, role, name, country, currency
STAFF_AND_SHOPPER = (
    ("shopper", "shopper", "shopper", "Mara Vogel", "DE", "EUR"),
    ("inspector", "inspector", "inspector", "Aya Tanaka", "JP", "JPY"),
    ("support", "support", "support", "Jonas Weber", "DE", "EUR"),
    ("officer", "officer", "officer", "Chen Lihua", "CN", "CNY"),
    ("admin", "admin", "admin", "Sofia Marín", "DE", "EUR"),
)
# Two more shoppers, and a second officer, so that what takes two people can be tried.
OTHERS = (
    ("youssef", "shopper (New York)", "shopper", "Youssef Haddad", "US", "USD"),
    ("claire", "shopper (Hamburg)", "shopper", "Claire Martin", "DE", "EUR"),
    ("officer2", "second officer", "officer", "Inês Duarte", "DE", "EUR"),
)
PEOPLE = STAFF_AND_SHOPPER + OTHERS

# mailbox: street, city, postal code, region, phone
HOMES = {
    "shopper": ("Karl-Liebknecht-Straße 12", "Leipzig", "04107", "", "+49 341 2345678"),
    "youssef": ("214 Bedford Avenue", "Brooklyn", "11249", "NY", "+1 718 555 0142"),
    "claire": ("Lange Reihe 7", "Hamburg", "20099", "", "+49 40 23456789"),
}

Login = dict[str, str]


def settle_in() -> tuple[list[Login], list[tuple[Merchant, Actor]]]:
    """Everybody's account: the logins to print, and the merchants with the actor who works for each."""
    secret = [secrets.token_urlsafe(9) for _ in (*PEOPLE, *SHOPS)]
    with ThreadPoolExecutor(2) as pool:  # Argon2 is slow on purpose, and lets other threads run
        keys = iter(zip(secret, pool.map(passwords.hashed, secret), strict=True))
        first = [_person(row, *next(keys)) for row in STAFF_AND_SHOPPER]
        owners = [_shop(shop, *next(keys)) for shop in SHOPS]
        others = [_person(row, *next(keys)) for row in OTHERS]
    return [*first, *(login for login, _shop in owners), *others], [shop for _login, shop in owners]


def _person(row: tuple[str, str, str, str, str, str], password: str, password_hash: str) -> Login:
    mailbox, called, role, name, country, currency = row
    account = _account(mailbox, (role,), name, country, currency, password_hash)
    if mailbox in HOMES:
        addresses.add(actor_of(account), _home(mailbox, name, country))
    login = _login(called, account, password)
    return login | {"totp": _authenticator(account)} if role in STAFF else login


def _home(mailbox: str, name: str, country: str) -> AddressFacts:
    street, city, postal_code, region, phone = HOMES[mailbox]
    return AddressFacts(country, name, street, city, postal_code, region, phone, f"{mailbox}@demo.example", "")


def _shop(shop: Shop, password: str, password_hash: str) -> tuple[Login, tuple[Merchant, Actor]]:
    owner = _account(shop.email, ("shopper", "merchant"), shop.name, shop.country, shop.currency, password_hash)
    merchant = _merchant(shop, owner)
    return _login(f"merchant ({shop.city})", owner, password), (merchant, actor_of(owner, merchant.id))


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
