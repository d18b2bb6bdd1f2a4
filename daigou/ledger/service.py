"""The only way money moves in our books."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, text
from sqlalchemy.dialects.postgresql import insert as upsert

from compliance.audit import door
from daigou.core import clock, ids
from daigou.core.access import Actor
from daigou.core.db import db, in_transaction
from daigou.core.money import Money

from .models import Balance, Transaction
from .rules import OURS, Book, Line, compact, imbalance

# Built once, and with arrays: a list of VALUES would be compiled anew for every transaction.
_OPEN_ACCOUNTS = text("""
    INSERT INTO ledger_accounts (id, code, kind, currency, owner, guard, created_at)
    SELECT book.*, CAST(:at AS timestamptz)
    FROM unnest(CAST(:ids AS uuid[]), CAST(:codes AS text[]), CAST(:kinds AS text[]), CAST(:currencies AS text[]),
                CAST(:owners AS text[]), CAST(:guards AS smallint[])) AS book
    ON CONFLICT DO NOTHING""")
_TRANSACTIONS = Transaction.__table__
_BEGIN = upsert(_TRANSACTIONS).on_conflict_do_nothing(index_elements=["key"]).returning(_TRANSACTIONS.c.id)
# One statement for all postings: its trigger looks at the transaction as a whole.
_POST = text("""
    INSERT INTO ledger_postings (transaction_id, account_id, currency, amount)
    SELECT CAST(:transaction AS uuid), entry.*
    FROM unnest(CAST(:accounts AS uuid[]), CAST(:currencies AS text[]), CAST(:amounts AS bigint[])) AS entry""")


def post(
    actor: Actor, about: Any, kind: str, key: str, lines: Sequence[Line], corrects: UUID | None = None, **facts: Any
) -> UUID | None:
    """Post a balanced transaction on behalf of ``about``, whose row the caller has locked.

    ``key`` makes it happen once: a second call with the same key posts nothing and answers None. ``corrects`` is the
    transaction that this one puts right. The audit entry goes to the stream of ``about``. Raises ValueError for lines
    that do not balance; the database refuses an overdrawn guarded account with IntegrityError (a defect or a lost race,
    never a business answer: check balances first under the lock).
    """
    if not in_transaction():
        raise RuntimeError("postings belong into the transaction of the change")
    off = imbalance(lines)
    if off:
        raise ValueError(f"{kind} does not balance: {off}")
    entries = compact(lines)
    if not entries:
        return None
    _open_accounts([line.book for line in entries])
    number = _insert_transaction(about.stream, kind, key, facts, corrects)
    if number is None:
        return None
    db.session.execute(
        _POST,
        {
            "transaction": number,
            "accounts": [e.book.id for e in entries],
            "currencies": [e.book.currency for e in entries],
            "amounts": [e.amount for e in entries],
        },
    )
    amounts = [f"{e.book.code}={e.amount}" for e in entries]
    door.record(actor, about, f"posted:{kind}", transaction=str(number), lines=amounts)
    return number


def balance(kind: str, currency: str, owner: object | None = None) -> Money:
    """What the account holds, seen from its natural side: money owed or earned is positive, and so is money we have."""
    book = Book(kind, currency, None if owner is None else str(owner))
    statement = select(func.coalesce(func.sum(Balance.balance), 0)).where(Balance.account_id == book.id)
    signed = int(db.session.execute(statement).scalar_one())
    return Money(signed if kind in OURS else -signed, currency)


def balances(kind: str, currency: str, owners: Iterable[object]) -> dict[str, Money]:
    """Like balance() for many owners in one query; every owner asked for is in the answer."""
    books = {str(o): Book(kind, currency, str(o)) for o in owners}
    if not books:
        return {}
    statement = (
        select(Balance.account_id, func.sum(Balance.balance))
        .where(Balance.account_id.in_([b.id for b in books.values()]))
        .group_by(Balance.account_id)
    )
    found = {account: int(amount) for account, amount in db.session.execute(statement)}
    return {owner: Money(-found.get(book.id, 0), currency) for owner, book in books.items()}


def _open_accounts(books: Sequence[Book]) -> None:
    values = {
        "ids": [b.id for b in books],
        "codes": [b.code for b in books],
        "kinds": [b.kind for b in books],
        "currencies": [b.currency for b in books],
        "owners": [b.owner for b in books],
        "guards": [b.guard for b in books],
        "at": clock.now(),
    }
    db.session.execute(_OPEN_ACCOUNTS, values)


def _insert_transaction(
    about: str, kind: str, key: str, facts: dict[str, Any], corrects: UUID | None
) -> UUID | None:
    values = {"id": ids.new_id(), "created_at": clock.now(), "kind": kind, "key": key, "about": about, "facts": facts}
    values["corrects_id"] = corrects
    found: UUID | None = db.session.execute(_BEGIN, values).scalar_one_or_none()
    return found
