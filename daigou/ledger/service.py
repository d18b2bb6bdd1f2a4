"""The only way money moves in our books."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from compliance.audit import door
from daigou.core import ids
from daigou.core.access import Actor
from daigou.core.db import db, in_transaction
from daigou.core.money import Money

from . import proving
from .models import Balance
from .rules import OURS, Book, Line, compact, imbalance
from .writing import insert


def post(
    actor: Actor, about: Any, kind: str, key: str, lines: Sequence[Line], corrects: UUID | None = None, **facts: Any
) -> UUID | None:
    """Post a balanced transaction on behalf of ``about``, whose row the caller has locked.

    ``key`` makes it happen once: a second call with the same key posts nothing and answers None. ``corrects`` is the
    transaction that this one puts right. The audit entry goes to the stream of ``about``. Raises ValueError for lines
    that do not balance; the database refuses an overdrawn guarded account with IntegrityError (a defect or a lost race,
    never a business answer: check balances first under the lock).
    """
    entries = _checked(kind, lines)
    if not entries:
        return None
    number = ids.new_id()
    if not insert(about.stream, kind, [(number, key, entries)], facts, corrects):
        return None
    door.record(actor, about, f"posted:{kind}", transaction=str(number), lines=_written(entries))
    return number


def post_batch(actor: Actor, about: Any, kind: str, transfers: Sequence[tuple[str, Sequence[Line]]]) -> list[UUID]:
    """Many transactions of one kind on behalf of one thing, in one statement: (key, lines) each.

    Each happens once by its key, balances by itself, and is refused with all the others when one is not possible. One
    audit entry stands for them: it names how many were posted, the least and greatest number, and the digest of their
    numbers, keys and lines (see proving.digest). Answers with the numbers of those that were posted now.
    """
    made = [(ids.new_id(), key, _checked(kind, lines)) for key, lines in transfers]
    posted = insert(about.stream, kind, [row for row in made if row[2]], {}, None)
    if posted:
        digest = proving.digest((row[0], row[1], _written(row[2])) for row in made if row[0] in posted)
        first, last = min(posted, key=_rising), max(posted, key=_rising)
        door.record(
            actor, about, f"posted:{kind}", transactions=len(posted), first=str(first), last=str(last),
            lines_sha256=digest,
        )  # fmt: skip
    return [number for number, _, _ in made if number in posted]


def _rising(number: UUID) -> int:
    """Keys compare slowly, their integers don't."""
    return number.int


def _checked(kind: str, lines: Sequence[Line]) -> list[Line]:
    if not in_transaction():
        raise RuntimeError("postings belong into the transaction of the change")
    off = imbalance(lines)
    if off:
        raise ValueError(f"{kind} does not balance: {off}")
    return compact(lines)


def _written(entries: Sequence[Line]) -> list[str]:
    """The lines as the log has them."""
    return [f"{e.book.code}={e.amount}" for e in entries]


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
