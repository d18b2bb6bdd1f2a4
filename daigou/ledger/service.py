"""The only way money moves in our books."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import func, insert, select
from sqlalchemy.dialects.postgresql import insert as upsert

from compliance.audit import door
from daigou.core import clock, ids
from daigou.core.access import Actor
from daigou.core.db import db, in_transaction
from daigou.core.money import Money

from .models import Account, Balance, Posting, Transaction
from .rules import Book, Line, compact, imbalance


def post(actor: Actor, about: Any, kind: str, key: str, lines: Sequence[Line], **facts: Any) -> UUID | None:
    """Post a balanced transaction on behalf of ``about``, whose row the caller has locked.

    ``key`` makes it happen once: a second call with the same key posts nothing and answers None. The audit entry goes
    to the
    stream of ``about``. Raises ValueError for lines that do not balance; the database refuses an overdrawn guarded
    account
    with IntegrityError (a defect or a lost race, never a business answer: check balances first under the lock).
    """
    if not in_transaction():
        raise RuntimeError("postings belong into the transaction of the change")
    off = imbalance(lines)
    if off:
        raise ValueError(f"{kind} does not balance: {off}")
    entries = compact(lines)
    if not entries:
        return None
    _open_accounts(line.book for line in entries)
    number = _insert_transaction(about.stream, kind, key, facts)
    if number is None:
        return None
    db.session.execute(
        insert(Posting.__table__).values(
            [
                {"transaction_id": number, "account_id": e.book.id, "currency": e.book.currency, "amount": e.amount}
                for e in entries
            ]
        )
    )
    amounts = [f"{e.book.code}={e.amount}" for e in entries]
    door.record(actor, about, f"posted:{kind}", transaction=str(number), lines=amounts)
    return number


def balance(kind: str, currency: str, owner: object | None = None) -> Money:
    """What the account holds, seen from its natural side: money owed or earned is positive, and so is money we have."""
    book = Book(kind, currency, None if owner is None else str(owner))
    statement = select(func.coalesce(func.sum(Balance.balance), 0)).where(Balance.account_id == book.id)
    signed = int(db.session.execute(statement).scalar_one())
    return Money(signed if kind in ("clearing", "claim", "provider_fee", "compensation") else -signed, currency)


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


def _open_accounts(books: Iterable[Book]) -> None:
    rows = [
        {
            "id": b.id,
            "code": b.code,
            "kind": b.kind,
            "currency": b.currency,
            "owner": b.owner,
            "guard": b.guard,
            "created_at": clock.now(),
        }
        for b in books
    ]
    db.session.execute(upsert(Account.__table__).values(rows).on_conflict_do_nothing())


def _insert_transaction(about: str, kind: str, key: str, facts: dict[str, Any]) -> UUID | None:
    statement = (
        upsert(Transaction.__table__)
        .values(id=ids.new_id(), created_at=clock.now(), kind=kind, key=key, about=about, facts=facts)
        .on_conflict_do_nothing(index_elements=["key"])
        .returning(Transaction.id)
    )
    return db.session.execute(statement).scalar_one_or_none()
