"""From a session cookie to who acts, in one query."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple
from uuid import UUID

from flask_login import UserMixin
from sqlalchemy import bindparam, select

from daigou.core import clock, zones
from daigou.core.access import STAFF, Actor
from daigou.core.crypto import vault
from daigou.core.db import look

from .models import Account, Member
from .sessions import rules
from .sessions.models import Session

SIGNED_IN = ("unconfirmed", "active")


class Holder(NamedTuple):
    """What every page asks of the account behind a session: as much of an Account, without making an object of it."""

    id: UUID
    subject: str
    state: str
    roles: list[str]
    country: str
    time_zone: str | None
    session_epoch: int
    factor_required: bool

    @property
    def zone(self) -> str:
        return self.time_zone or zones.of_country(self.country)

    @property
    def is_staff(self) -> bool:
        return bool(STAFF & set(self.roles))


class Life(NamedTuple):
    """As much of a Session."""

    id: UUID
    epoch: int
    created_at: datetime
    last_seen_at: datetime
    factored_at: datetime | None
    ended_at: datetime | None


# Built once: every page of somebody who is signed in asks it.
_A, _S, _M = Account.__table__.c, Session.__table__.c, Member.__table__.c
_WHO = (
    select(
        *(_A[name] for name in Holder._fields), *(_S[name] for name in Life._fields), _M.merchant_id, _M.role, _M.rights
    )
    .join_from(Account.__table__, Session.__table__, _S.account_id == _A.id)
    .outerjoin(Member.__table__, _M.account_id == _A.id)
    .where(_S.token_hash == bindparam("token"), _A.id == bindparam("key"))
)
_LIFE, _MEMBER = len(Holder._fields), len(Holder._fields) + len(Life._fields)  # where their columns begin


@dataclass
class User(UserMixin):
    """What Flask-Login keeps for the request."""

    account: Account | Holder
    actor: Actor
    session: Session | Life = field(repr=False)

    def get_id(self) -> str:
        return str(self.account.id)


def load(key: str, token: object) -> User | None:
    """The signed-in user, or None when the account may not be used any more or this session has ended."""
    if not isinstance(token, str):
        return None
    values = {"key": UUID(key), "token": vault().token_hash(token)}
    for row in look(_WHO, values):
        account, session = Holder._make(row[:_LIFE]), Life._make(row[_LIFE:_MEMBER])
        return _user(account, session, *row[_MEMBER:])
    return None


def _user(
    account: Holder, session: Life, merchant_id: UUID | None, role: str | None, rights: Collection[str] | None
) -> User | None:
    if account.state not in SIGNED_IN or not rules.is_alive(session, account, clock.now()):
        return None
    return user_of(account, session, merchant_id, rights_of(role, rights))


def user_of(
    account: Account | Holder, session: Session | Life, merchant_id: UUID | None, rights: Collection[str]
) -> User:
    """Who acts through this session. Without a second factor where one is needed, nobody but somebody who enrols."""
    actor = actor_of(account, merchant_id, rights, session.id)
    if needs_factor(account) and session.factored_at is None:
        actor = Actor(account.subject, account.id, None, frozenset({"enrolling"}), session_id=session.id)
    return User(account, actor, session)


def needs_factor(account: Account | Holder) -> bool:
    """Of staff always, of others after their account was frozen."""
    return account.factor_required or account.is_staff


def rights_of(role: str | None, rights: Collection[str] | None) -> Collection[str]:
    """The roles that a membership gives beside ``merchant``."""
    return ("owner",) if role == "owner" else rights or ()


def actor_of(
    account: Account | Holder,
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
