"""The books against the log: each transaction has its entry, each entry its transaction, line by line.

`post` names the transaction and its lines in an entry of the thing's stream; `post_batch` one digest for many. Codes:

    posting_without_entry    money moved, and the log does not know
    entry_without_posting    the log says that money moved, and the books do not know
    posting_differs          the books have other lines than the log
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from hashlib import sha256
from itertools import islice
from typing import Any, Final
from uuid import UUID

from psycopg import Connection

from compliance.audit import entry, fsck
from compliance.audit.report import Report

Db = Connection[Any]
_AT_ONCE: Final = 2_000
_POSTED: Final = "SELECT stream, kind, body FROM audit_entries WHERE kind LIKE '%:posted:%'"
_LINES: Final = """
    SELECT t.id, t.key, array_agg(a.code || '=' || p.amount) FROM ledger_transactions t
    JOIN ledger_postings p ON p.transaction_id = t.id JOIN ledger_accounts a ON a.id = p.account_id
    WHERE {where} GROUP BY t.id, t.key ORDER BY t.id"""
_BY_ID: Final = _LINES.format(where="t.id = ANY(%s)")
_BY_BATCH: Final = _LINES.format(where="t.about = %s AND t.kind = %s AND t.id BETWEEN %s AND %s")
# An entry's bytes are looked into as they are: one that was damaged must not end the check.
_UNKNOWN: Final = """
    SELECT t.id, t.about, t.kind FROM ledger_transactions t WHERE NOT EXISTS (
        SELECT FROM audit_entries e
        WHERE e.stream = t.about AND e.kind = split_part(t.about, '/', 1) || ':posted:' || t.kind
            AND (position(convert_to(t.id::text, 'UTF8') IN e.body) > 0
                OR t.id::text BETWEEN substring(encode(e.body, 'escape') FROM '"first":"([0-9a-f-]{36})"')
                    AND substring(encode(e.body, 'escape') FROM '"last":"([0-9a-f-]{36})"')))"""


def digest(made: Iterable[tuple[UUID, str, Iterable[str]]]) -> str:
    """SHA-256 in hex over a line a transaction: number, key and lines ``account=amount``, each in rising order."""
    found = sha256()
    for number, key, lines in sorted(made, key=lambda one: one[0].int):
        found.update(f"{number} {key} {' '.join(sorted(lines))}\n".encode())
    return found.hexdigest()


def check(connection: Db, report: Report) -> None:
    """Joins the transaction that fsck has open; memory stays flat but for a batch's own transactions."""
    with _rows(connection, "books_unknown", _UNKNOWN) as rows:
        for number, about, kind in rows:
            report.add("posting_without_entry", f"transaction {number} ({kind}) of {about} has no entry in the log")
    count = 0
    with _rows(connection, "books_posted", _POSTED) as rows:
        told_of = _decoded(rows)
        while some := list(islice(told_of, _AT_ONCE)):
            _check_single(connection, [told for told in some if "transaction" in told[2]], report)
            for one in some:
                if "lines_sha256" in one[2]:
                    _check_batch(connection, one, report)
            count += len(some)
    report.facts["entries of the books"] = count


Told = tuple[str, str, dict[str, Any]]


def _decoded(rows: Iterable[Any]) -> Iterator[Told]:
    """Stream, kind and facts of the entries that can be read; fsck has named the others."""
    for stream, kind, body in rows:
        try:
            yield stream, kind, entry.decode(bytes(body))["facts"]
        except entry.EntryError:
            continue


def _number(value: object) -> UUID | None:
    """A transaction's number, None where somebody wrote something else."""
    try:
        return UUID(value) if isinstance(value, str) else None
    except ValueError:
        return None


def _check_single(connection: Db, told: list[Told], report: Report) -> None:
    numbers = [number for _, _, facts in told if (number := _number(facts["transaction"]))]
    found = {str(number): lines for number, _, lines in connection.execute(_BY_ID, (numbers,))}
    for stream, _, facts in told:
        lines = found.get(facts["transaction"])
        if lines is None:
            report.add("entry_without_posting", f"{stream}: the books lack transaction {facts['transaction']}")
        elif sorted(lines) != sorted(facts.get("lines", [])):
            report.add("posting_differs", f"{stream}: transaction {facts['transaction']} differs from its entry")


def _check_batch(connection: Db, told: Told, report: Report) -> None:
    stream, kind, facts = told
    values = (stream, kind.split(":posted:", 1)[1], _number(facts.get("first")), _number(facts.get("last")))
    made = connection.execute(_BY_BATCH, values).fetchall()
    if len(made) != facts.get("transactions"):
        report.add("entry_without_posting", f"{stream}: the books have other transactions than a batch of the log")
    elif digest(made) != facts["lines_sha256"]:
        report.add("posting_differs", f"{stream}: a batch of transactions is not the one that its entry was made of")


@contextmanager
def _rows(connection: Db, name: str, statement: Any) -> Iterator[Any]:
    with connection.cursor(name=name) as cursor:
        cursor.itersize = _AT_ONCE
        yield cursor.execute(statement)


fsck.also(check)
