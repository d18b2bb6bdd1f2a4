"""The trail at a glance: its kinds, and its last days."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import text

from daigou.core import clock
from daigou.core.db import db

from . import log
from .searching import reading

_DAYS = """
    SELECT d.day, (SELECT l.leaf_index FROM audit_entries e JOIN audit_leaves l ON l.entry_id = e.id
                   WHERE e.at >= d.day ORDER BY e.at, e.id LIMIT 1) AS first
    FROM unnest(CAST(:days AS timestamptz[])) AS d(day) ORDER BY d.day"""
_DENIED = """
    SELECT CAST(at AT TIME ZONE 'UTC' AS date) AS day, count(*) FROM audit_entries
    WHERE outcome = 'denied' AND at >= :since GROUP BY 1"""
# A walk from one kind to the next greater one: a probe of the index for each kind, not a look at each entry.
_KINDS = """
    WITH RECURSIVE k(kind) AS (
        (SELECT min(kind) FROM audit_entries)
        UNION ALL
        SELECT (SELECT min(e.kind) FROM audit_entries e WHERE e.kind > k.kind) FROM k WHERE k.kind IS NOT NULL)
    SELECT kind FROM k WHERE kind IS NOT NULL LIMIT 500"""


@dataclass(frozen=True, slots=True)
class Day:
    """Entries by their places in the log, and denied attempts among them; a day in UTC."""

    day: date
    entries: int
    denied: int


def kinds() -> list[str]:
    """Every kind that the log holds, for a form to offer."""
    return list(db.session.execute(text(_KINDS)).scalars())


def by_day(count: int = 14) -> list[Day]:
    """The last days, today at the end. Costs a few probes of indexes a day, however long the log is."""
    start = clock.now().replace(hour=0, minute=0, second=0, microsecond=0)
    days = [start - timedelta(days=n) for n in range(count - 1, -2, -1)]
    size = log.tree_size(reading())
    firsts = [size if row.first is None else row.first for row in db.session.execute(text(_DAYS), {"days": days})]
    denied: dict[date, int] = {row[0]: row[1] for row in db.session.execute(text(_DENIED), {"since": days[0]})}
    pairs = zip(days, firsts, firsts[1:], strict=False)
    return [Day(d.date(), max(0, end - first), denied.get(d.date(), 0)) for d, first, end in pairs]
