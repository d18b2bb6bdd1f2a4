"""A shopper's balance with us and how it came about, from the postings themselves."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import func, select

from daigou.core.access import Actor
from daigou.core.db import Page, db, keyset
from daigou.core.money import Money
from daigou.ledger.models import Account, Balance, Posting, Transaction


def of(actor: Actor) -> Sequence[Money]:
    """What lies there, by currency; nothing for currencies that were never used. One query."""
    statement = (
        select(Account.currency, func.sum(-Balance.balance))
        .join(Balance, Balance.account_id == Account.id)
        .where(Account.kind == "wallet", Account.owner == str(actor.account_id))
        .group_by(Account.currency)
        .order_by(Account.currency)
    )
    return [Money(int(minor), currency) for currency, minor in db.session.execute(statement)]


def history(actor: Actor, cursor: str | None = None) -> tuple[Page, dict[UUID, Transaction]]:
    """What went in and out, newest first, and the transactions by their key: two queries."""
    mine = select(Account.id).where(Account.kind == "wallet", Account.owner == str(actor.account_id))
    page = keyset(select(Posting).where(Posting.account_id.in_(mine)), Posting.id, cursor=cursor)
    found = select(Transaction).where(Transaction.id.in_([row.transaction_id for row in page.rows]))
    return page, {row.id: row for row in db.session.scalars(found)}
