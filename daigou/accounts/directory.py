"""Finding accounts: by e-mail through its blind index, and as recipients of notices."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import select

from daigou.core.access import Actor
from daigou.core.crypto import blind_index, blind_indexes
from daigou.core.db import advisory_lock, db
from daigou.notices.recipients import Recipient

from . import identity
from .models import Account, Member


def email_index(email: str) -> bytes:
    return blind_index("accounts.email", email)


def email_indexes(email: str) -> list[str]:
    """What a job may look an address up by, in hex, while the index keys change too."""
    return [index.hex() for index in blind_indexes("accounts.email", email)]


def by_email(email: str) -> Account | None:
    return by_indexes(email_indexes(email))


def by_indexes(indexes: list[str]) -> Account | None:
    statement = select(Account).where(Account.email_index.in_([bytes.fromhex(index) for index in indexes]))
    return db.session.execute(statement).scalars().first()


def lock_email(email: str) -> None:
    """One at a time opens an account for an address. The oldest epoch names the lock: it is known longest."""
    advisory_lock(f"email/{email_indexes(email)[-1]}")


def own(actor: Actor) -> Account:
    """The account of somebody who is signed in."""
    return db.session.get_one(Account, actor.account_id)


def recipient(account_id: UUID) -> Recipient:
    """Where notices for this account go."""
    account = db.session.get_one(Account, account_id)
    return Recipient(account.subject, str(account.email), account.locale, account.zone)


def names_of(accounts: Collection[UUID | None]) -> dict[UUID, str]:
    """What people are called, or their address where they gave no name; for staff's own pages."""
    rows = db.session.scalars(select(Account).where(Account.id.in_(accounts))) if accounts else ()
    return {row.id: str(row.name or row.email) for row in rows}


def names_of_subjects(subjects: Collection[str]) -> dict[str, str]:
    """Like names_of(), by the references under which the log knows staff."""
    rows = db.session.scalars(select(Account).where(Account.subject.in_(subjects))) if subjects else ()
    return {row.subject: str(row.name or row.email) for row in rows}


def merchant_of(account_id: UUID) -> UUID | None:
    return db.session.execute(select(Member.merchant_id).filter_by(account_id=account_id)).scalar_one_or_none()


def itself(account: Account) -> Actor:
    """The account as actor of its own confirmation: all its roles, though it is not confirmed yet."""
    return Actor(account.subject, account.id, None, frozenset(account.roles))


def acting(account_id: UUID) -> Actor | None:
    """The account as it may act now, for a job that goes on with what it began; None when it may not be used."""
    statement = select(Account, Member.merchant_id, Member.role, Member.rights).where(Account.id == account_id)
    found = db.session.execute(statement.outerjoin(Member, Member.account_id == Account.id)).one_or_none()
    if found is None or not found[0].is_("active"):
        return None
    account, merchant_id, role, rights = found
    return identity.actor_of(account, merchant_id, identity.rights_of(role, rights))
