"""Finding accounts: by e-mail through its blind index, and as recipients of notices."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import select

from daigou.core.access import Actor
from daigou.core.crypto import blind_index
from daigou.core.db import db, find
from daigou.notices.recipients import Recipient

from .models import Account, Member


def email_index(email: str) -> bytes:
    return blind_index("accounts.email", email)


def by_email(email: str) -> Account | None:
    return find(Account, email_index=email_index(email))


def recipient(account_id: UUID) -> Recipient:
    """Where notices for this account go."""
    account = db.session.get_one(Account, account_id)
    return Recipient(account.subject, str(account.email), account.locale)


def names_of(accounts: Collection[UUID]) -> dict[UUID, str]:
    """What people are called, or their address where they gave no name; for staff's own pages."""
    rows = db.session.scalars(select(Account).where(Account.id.in_(accounts))) if accounts else ()
    return {row.id: str(row.name or row.email) for row in rows}


def merchant_of(account_id: UUID) -> UUID | None:
    return db.session.execute(select(Member.merchant_id).filter_by(account_id=account_id)).scalar_one_or_none()


def itself(account: Account) -> Actor:
    """The account as actor of its own confirmation: all its roles, though it is not confirmed yet."""
    return Actor(account.subject, account.id, None, frozenset(account.roles))
