"""From a session cookie to who acts, in one query."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from uuid import UUID

from flask_login import UserMixin
from sqlalchemy import bindparam, select

from daigou.core import clock
from daigou.core.access import Actor
from daigou.core.crypto import vault
from daigou.core.db import db

from .models import Account, Member
from .sessions import rules
from .sessions.models import Session

SIGNED_IN = ("unconfirmed", "active")

# Built once: every page of somebody who is signed in asks it.
_WHO = (
    select(Account, Session, Member.merchant_id, Member.role, Member.rights)
    .join(Session, Session.account_id == Account.id)
    .outerjoin(Member, Member.account_id == Account.id)
    .where(Session.token_hash == bindparam("token"), Account.id == bindparam("key"))
)


@dataclass
class User(UserMixin):
    """What Flask-Login keeps for the request."""

    account: Account
    actor: Actor
    session: Session = field(repr=False)

    def get_id(self) -> str:
        return str(self.account.id)


def load(key: str, token: object) -> User | None:
    """The signed-in user, or None when the account may not be used any more or this session has ended."""
    if not isinstance(token, str):
        return None
    values = {"key": UUID(key), "token": vault().token_hash(token)}
    row = db.session.execute(_WHO, values).one_or_none()
    if row is None:
        return None
    account, session, merchant_id, role, rights = row
    if account.state not in SIGNED_IN or not rules.is_alive(session, account, clock.now()):
        return None
    return user_of(account, session, merchant_id, rights_of(role, rights))


def user_of(account: Account, session: Session, merchant_id: UUID | None, rights: Collection[str]) -> User:
    """Who acts through this session. Without a second factor where one is needed, nobody but somebody who enrols."""
    actor = actor_of(account, merchant_id, rights, session.id)
    if needs_factor(account) and session.factored_at is None:
        actor = Actor(account.subject, account.id, None, frozenset({"enrolling"}), session_id=session.id)
    return User(account, actor, session)


def needs_factor(account: Account) -> bool:
    """Of staff always, of others after their account was frozen."""
    return account.factor_required or account.is_staff


def rights_of(role: str | None, rights: Collection[str] | None) -> Collection[str]:
    """The roles that a membership gives beside ``merchant``."""
    return ("owner",) if role == "owner" else rights or ()


def actor_of(
    account: Account,
    merchant_id: UUID | None = None,
    rights: Collection[str] = ("owner",),
    session_id: UUID | None = None,
) -> Actor:
    """The actor that an account is: of a merchant, with these rights there.

    Somebody whose address is not confirmed yet keeps only the shopper's role.
    """
    roles = frozenset(account.roles) if account.state == "active" else frozenset({"shopper"}) & frozenset(account.roles)
    if merchant_id is not None and "merchant" in roles:
        roles |= frozenset(rights)
    return Actor(account.subject, account.id, merchant_id, roles, session_id=session_id)
