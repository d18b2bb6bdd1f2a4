"""Transactions and their postings, written in one statement."""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import text

from daigou.core import clock
from daigou.core.db import db

from .rules import Line

Made = tuple[UUID, str, list[Line]]
"""A transaction to be: its number, its key, its lines."""

# Built once, and with arrays: a list of VALUES would be compiled anew for every transaction. One statement does it all,
# however many transactions: a round trip costs more than the rows. Its trigger sees everything it has inserted. The
# arrays are sent as literals, which are joined here in a tenth of the time in which the driver looks at each element.
# It answers with the numbers that were posted only where some were not: a thousand keys are dear to read.
_POST = text("""
    WITH opened AS (
        INSERT INTO ledger_accounts (id, code, kind, currency, owner, guard, created_at)
        SELECT book.*, CAST(:at AS timestamptz)
        FROM unnest(CAST(:books AS uuid[]), CAST(:codes AS text[]), CAST(:kinds AS text[]),
                    CAST(:book_currencies AS text[]), CAST(:owners AS text[]), CAST(:guards AS smallint[])) AS book
        ON CONFLICT DO NOTHING
    ), begun AS (
        INSERT INTO ledger_transactions (id, key, kind, created_at, about, facts, corrects_id)
        SELECT one.*, CAST(:kind AS text), CAST(:at AS timestamptz), CAST(:about AS text), CAST(:facts AS jsonb),
               CAST(:corrects AS uuid)
        FROM unnest(CAST(:numbers AS uuid[]), CAST(:keys AS text[])) AS one
        ON CONFLICT (key) DO NOTHING RETURNING id
    ), posted AS (
        INSERT INTO ledger_postings (transaction_id, account_id, currency, amount)
        SELECT line.* FROM begun JOIN
            unnest(CAST(:transactions AS uuid[]), CAST(:accounts AS uuid[]), CAST(:currencies AS text[]),
                   CAST(:amounts AS bigint[])) AS line (transaction_id, account_id, currency, amount)
            ON line.transaction_id = begun.id
    )
    SELECT coalesce(array_agg(id), '{}') FROM begun HAVING count(*) < :count""")


def insert(about: str, kind: str, made: Sequence[Made], facts: dict[str, Any], corrects: UUID | None) -> set[UUID]:
    """The numbers of those that were posted: not those whose key stood there before."""
    if not made:
        return set()
    numbers = [str(number) for number, _, _ in made]
    lines = [(number, line) for number, (_, _, entries) in zip(numbers, made, strict=True) for line in entries]
    books = sorted({line.book.id: line.book for _, line in lines}.items())
    as_text = {key: str(key) for key, _ in books}
    values = {
        "at": clock.now(),
        "count": len(made),
        "books": _plain(as_text.values()),
        "codes": _quoted(book.code for _, book in books),
        "kinds": _plain(book.kind for _, book in books),
        "book_currencies": _plain(book.currency for _, book in books),
        "owners": _quoted(book.owner for _, book in books),
        "guards": _plain(book.guard for _, book in books),
        "kind": kind,
        "about": about,
        "facts": json.dumps(facts),
        "corrects": corrects,
        "numbers": _plain(numbers),
        "keys": _quoted(key for _, key, _ in made),
        "transactions": _plain(number for number, _ in lines),
        "accounts": _plain(as_text[line.book.id] for _, line in lines),
        "currencies": _plain(line.book.currency for _, line in lines),
        "amounts": _plain(line.amount for _, line in lines),
    }
    some: list[UUID] | None = db.session.execute(_POST, values).scalar_one_or_none()
    return {number for number, _, _ in made} if some is None else set(some)


def _plain(values: Iterable[object]) -> str:
    """An array literal of what needs no quotes: keys, numbers, names of our own."""
    return "{" + ",".join(map(str, values)) + "}"


def _quoted(texts: Iterable[str | None]) -> str:
    """An array literal of any texts."""
    return "{" + ",".join("NULL" if one is None else _quote(one) for one in texts) + "}"


def _quote(one: str) -> str:
    return '"' + one.replace("\\", "\\\\").replace('"', '\\"') + '"'
