"""Rows for tests, made as the services would make them."""

from __future__ import annotations

import secrets
from typing import Any

from compliance.audit import door
from daigou.accounts.identity import actor_of
from daigou.accounts.models import Account, Member, Merchant
from daigou.core import ids
from daigou.core.access import Actor, system
from daigou.core.crypto import blind_index
from daigou.core.db import db, transaction


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
    return actor_of(of, member.merchant_id if member else None)
