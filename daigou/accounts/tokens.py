"""One-time links sent by mail. The database keeps only their hashes."""

from __future__ import annotations

import secrets
from datetime import timedelta
from uuid import UUID

from sqlalchemy import update

from daigou.core import clock
from daigou.core.crypto import vault
from daigou.core.db import db, find, load_locked
from daigou.core.errors import Impossible
from daigou.core.i18n import lazy

from .models import Account, Token

LIFETIMES = {
    "confirm": timedelta(days=2),
    "password": timedelta(hours=1),
    "invite": timedelta(days=7),
    "alarm": timedelta(days=7),
}


def issue(account: Account, kind: str) -> str:
    """A fresh token of this kind; the account's older ones of the kind stop working (but for alarms, one a sign-in)."""
    if kind != "alarm":
        revoke(account, kind)
    token = secrets.token_urlsafe(32)
    db.session.add(
        Token(
            account_id=account.id,
            kind=kind,
            token_hash=vault().token_hash(token),
            expires_at=clock.now() + LIFETIMES[kind],
        )
    )
    return token


def revoke(account: Account, *kinds: str) -> None:
    statement = (
        update(Token)
        .where(Token.account_id == account.id, Token.kind.in_(kinds), Token.used_at.is_(None))
        .values(used_at=clock.now())
    )
    db.session.execute(statement)


def owner(kind: str, token: str) -> UUID:
    """Whose token it is; Impossible when it was used, has expired or never was."""
    found = find(Token, token_hash=vault().token_hash(token[:100]), kind=kind)
    if found is None or found.used_at is not None or found.expires_at <= clock.now():
        raise dead()
    return found.account_id


def redeem(kind: str, token: str) -> Account:
    """Use the token up inside the running transaction; the account comes locked. Impossible as in owner()."""
    account = load_locked(Account, id=owner(kind, token))
    statement = (
        update(Token)
        .where(Token.token_hash == vault().token_hash(token), Token.kind == kind, Token.used_at.is_(None))
        .values(used_at=clock.now())
        .returning(Token.id)
    )
    if db.session.execute(statement).scalar_one_or_none() is None:
        raise dead()
    return account


def dead() -> Impossible:
    return Impossible(
        "token.dead",
        lazy("This link has been used or is too old. Ask for a new one, and open the newest."),
    )
