"""From a session cookie to who acts, in one query."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from flask_login import UserMixin
from sqlalchemy import bindparam, select

from daigou.core.access import Actor
from daigou.core.db import db

from .models import Account, Member

SIGNED_IN = ("unconfirmed", "active")

# Built once: every page of somebody who is signed in asks it.
_WHO = (
    select(Account, Member.merchant_id)
    .outerjoin(Member, Member.account_id == Account.id)
    .where(Account.id == bindparam("key"))
)


@dataclass
class User(UserMixin):
    """What Flask-Login keeps for the request."""

    account: Account
    actor: Actor

    def get_id(self) -> str:
        return str(self.account.id)


def load(key: str, epoch: object) -> User | None:
    """The signed-in user, or None when the account may not be used any more or its sessions were ended."""
    row = db.session.execute(_WHO, {"key": UUID(key)}).one_or_none()
    if row is None:
        return None
    account, merchant_id = row
    if account.state not in SIGNED_IN or account.session_epoch != epoch:
        return None
    return User(account, actor_of(account, merchant_id))


def actor_of(account: Account, merchant_id: UUID | None = None) -> Actor:
    """The actor that an account is. Somebody whose address is not confirmed yet keeps only the shopper's role."""
    roles = frozenset(account.roles) if account.state == "active" else frozenset({"shopper"}) & frozenset(account.roles)
    return Actor(account.subject, account.id, merchant_id, roles)
