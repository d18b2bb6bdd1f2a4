"""Reading the provider's lines of a day into our table, a page at a time, so that a million take no more memory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from itertools import islice

from sqlalchemy import text

from daigou.core.db import transaction
from daigou.core.money import Money
from daigou.providers.payment import BookLine

BATCH = 5_000

# With arrays: a statement of five thousand VALUES would be compiled anew for every batch.
_KEEP = text("""
    INSERT INTO provider_lines (id, day, at, available_on, kind, source, currency, gross_minor, fee_minor)
    SELECT id, (at AT TIME ZONE 'UTC')::date, at, available_on, kind, source, currency, gross, fee
    FROM unnest(CAST(:ids AS text[]), CAST(:at AS timestamptz[]), CAST(:available_on AS timestamptz[]),
                CAST(:kinds AS text[]), CAST(:sources AS text[]), CAST(:currencies AS text[]),
                CAST(:gross AS bigint[]), CAST(:fees AS bigint[]))
         AS line (id, at, available_on, kind, source, currency, gross, fee)
    ON CONFLICT (id) DO NOTHING""")


def span(day: date) -> tuple[datetime, datetime]:
    """A UTC day: from its first moment to the next one's."""
    begin = datetime.combine(day, time(), UTC)
    return begin, begin + timedelta(days=1)


def keep(lines: Iterable[BookLine]) -> int:
    """Store them, each once; answers with how many were read. Asks the provider between transactions."""
    source, count = iter(lines), 0
    while batch := list(islice(source, BATCH)):
        _insert(batch)
        count += len(batch)
    return count


def _insert(batch: Sequence[BookLine]) -> None:
    values = {
        "ids": [line.id for line in batch],
        "at": [line.created for line in batch],
        "available_on": [line.available_on or line.created for line in batch],
        "kinds": [line.kind for line in batch],
        "sources": [line.source for line in batch],
        "currencies": [line.gross.currency for line in batch],
        "gross": [line.gross.minor for line in batch],
        "fees": [line.fee.minor for line in batch],
    }
    with transaction() as session:
        session.execute(_KEEP, values)


def book_lines(rows: Iterable[object]) -> Iterator[BookLine]:
    """Stored rows as the provider's facts again."""
    for row in rows:
        gross, fee = Money(row.gross_minor, row.currency), Money(row.fee_minor, row.currency)  # type: ignore[attr-defined]
        yield BookLine(row.id, row.kind, row.source, gross, fee, row.at, row.available_on)  # type: ignore[attr-defined]
