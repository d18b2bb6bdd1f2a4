"""Beginning, finding and ending sessions."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert

from compliance.audit import door
from daigou.accounts.models import Account, Member
from daigou.core import clock, ids
from daigou.core.access import Actor, require
from daigou.core.crypto import vault
from daigou.core.db import db, find, load_locked, transaction
from daigou.core.errors import NotFound
from daigou.core.i18n import lazy
from daigou.risk.network import service as network

from . import rules
from .models import Device, Session
from .rules import Visit

if TYPE_CHECKING:
    from daigou.accounts.identity import Life

SHOWN = 50


@dataclass(frozen=True)
class Opened:
    """A session that has begun. The tokens go into cookies; the database can't tell them again."""

    session: Session
    token: str
    device: str


def begin(account: Account, visit: Visit, way: str, factored: bool) -> Opened:
    """A new session inside the running transaction; the device is known from now on."""
    token, now = secrets.token_urlsafe(32), clock.now()
    row = Session(
        account_id=account.id,
        subject=account.subject,
        token_hash=vault().token_hash(token),
        epoch=account.session_epoch,
        way=way,
        last_seen_at=now,
        stepped_up_at=now,
        factored_at=now if factored else None,
        agent=rules.family(visit.agent),
    )
    row.place = {"ip": visit.ip, "country": visit.country}
    db.session.add(row)
    return Opened(row, token, _remember(account, visit))


def _remember(account: Account, visit: Visit) -> str:
    device = visit.device if 20 <= len(visit.device) <= 100 else secrets.token_urlsafe(32)
    values = {"account_id": account.id, "token_hash": vault().token_hash(device), "country": visit.country}
    statement = insert(Device.__table__).values(id=ids.new_id(), created_at=clock.now(), **values)
    db.session.execute(
        statement.on_conflict_do_update(
            index_elements=["account_id", "token_hash"], set_={"country": visit.country}
        )
    )
    network.link(account.id, network.BROWSER, device)
    return device


def known_device(account: Account, visit: Visit) -> Device | None:
    return find(Device, account_id=account.id, token_hash=vault().token_hash(visit.device)) if visit.device else None


def touch(session: Session | Life) -> None:
    """Note that the session is in use, at most every quarter of an hour."""
    now = clock.now()
    if now - session.last_seen_at < rules.COARSE:
        return
    with transaction():
        db.session.execute(update(Session).where(Session.id == session.id).values(last_seen_at=now))


def mine(actor: Actor) -> list[Session]:
    """Where the actor is signed in, latest first."""
    require(actor, "account.use")
    account = db.session.get_one(Account, actor.account_id)
    statement = (
        select(Session)
        .where(Session.account_id == account.id, Session.ended_at.is_(None), Session.epoch == account.session_epoch)
        .order_by(Session.id.desc())
        .limit(SHOWN)
    )
    now = clock.now()
    return [row for row in db.session.execute(statement).scalars() if rules.is_alive(row, account, now)]


def end(actor: Actor, session_id: UUID) -> None:
    """Sign one browser out, from anywhere. NotFound for somebody else's."""
    require(actor, "account.use")
    with transaction():
        account = load_locked(Account, id=actor.account_id)
        if not _end(account.id, session_id):
            raise NotFound("account.session", lazy("This session has ended already."))
        door.record(actor, account, "session_ended")


def end_own(actor: Actor) -> None:
    """Signing out: the row ends, so that a copy of the cookie is worth nothing."""
    if actor.session_id is not None and actor.account_id is not None:
        with transaction():
            _end(actor.account_id, actor.session_id)


def _end(account_id: UUID, session_id: UUID) -> bool:
    statement = (
        update(Session)
        .where(Session.id == session_id, Session.account_id == account_id, Session.ended_at.is_(None))
        .values(ended_at=clock.now())
        .returning(Session.id)
    )
    return db.session.execute(statement).scalar_one_or_none() is not None


def end_others(account: Account, keep: UUID | None) -> None:
    """Raise the account's epoch, in the running transaction; only ``keep`` comes along."""
    account.session_epoch += 1
    if keep is not None:
        statement = update(Session).where(Session.id == keep, Session.account_id == account.id)
        db.session.execute(statement.values(epoch=account.session_epoch))


def mark(session_id: UUID | None, **moments: datetime) -> None:
    """Write down that the person has just proved who they are: ``stepped_up_at``, ``factored_at``."""
    if session_id is not None:
        db.session.execute(update(Session).where(Session.id == session_id).values(**moments))


def of_token(token: str) -> Session | None:
    return find(Session, token_hash=vault().token_hash(token))


def membership(account_id: UUID) -> tuple[UUID | None, str | None, list[str]]:
    """(merchant, role, rights) of an account."""
    row = db.session.execute(
        select(Member.merchant_id, Member.role, Member.rights).where(Member.account_id == account_id)
    ).one_or_none()
    return (None, None, []) if row is None else (row[0], row[1], row[2])
