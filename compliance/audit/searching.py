"""What officers ask of the trail: a page by facets, and counts."""

from __future__ import annotations

from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Select, func, select, union_all
from sqlalchemy.orm import aliased

from daigou.core.access import Actor, require
from daigou.core.db import after, cursor_at, db, transaction

from . import door, entry
from .log import Db
from .models import Entry

PAGE: Final = 50
LIFE_PAGE: Final = 200
LOOK: Final = 5_000
"""Entries that a page of a search looks at. Several conditions may meet nowhere: then it stops and says so."""
NEWEST: Final = 1_000
"""Entries among which a search is counted."""
MOST_KINDS: Final = 10


@dataclass(frozen=True, slots=True)
class Facets:
    """What a search narrows by; ``since`` inclusive, ``until`` exclusive, ``kind`` one or several."""

    since: datetime | None = None
    until: datetime | None = None
    kind: str | None = None
    order_ref: str | None = None
    merchant_ref: str | None = None
    subject: str | None = None
    actor: str | None = None
    outcome: str | None = None
    stream: str | None = None

    def given(self) -> dict[str, Any]:
        """Those that are set, by name."""
        return {f.name: value for f in fields(self) if (value := getattr(self, f.name)) is not None}


@dataclass(frozen=True, slots=True)
class Found:
    """A page of a search. ``looked_to`` is set when it stopped before its end: so far back it has looked by now."""

    rows: list[Entry]
    next: str | None
    looked_to: datetime | None = None


@dataclass(frozen=True, slots=True)
class Tally:
    """So many of a kind with an outcome."""

    kind: str
    outcome: str
    count: int


def reading() -> Db:
    """The session's own connection, for compliance.audit.log."""
    return db.session.connection().connection.driver_connection  # type: ignore[return-value]


def search(actor: Actor, facets: Facets, cursor: str | None = None, again: bool = False) -> Found:
    """A page of the trail, newest first. A narrowed search is itself noted: who watches is watched.

    ``again`` says that only an entry of a search that was noted before is opened.
    """
    require(actor, "audit.view")
    if facets.given() and cursor is None and not again:
        _note_look(actor, "audit:searched", **_told(facets))
    return matching(facets, cursor)


def matching(facets: Facets, cursor: str | None = None, look: int = LOOK) -> Found:
    """A page of what matches. Looks at ``look`` entries at most, however long the log is and however rare a match."""
    window = window_of(facets, cursor, look)
    seen = aliased(Entry, window.subquery())
    columns = _order(facets, seen)
    statement = select(seen).where(*_others(facets, seen)).order_by(*(c.desc() for c in columns))
    rows = list(db.session.execute(statement.limit(PAGE + 1)).scalars())
    if len(rows) > PAGE:
        return Found(rows[:PAGE], cursor_at(rows[PAGE - 1], *_order(facets, Entry)))
    last = db.session.execute(window.offset(look - 1).limit(1)).scalars().first() if _others(facets, Entry) else None
    return Found(rows, cursor_at(last, *_order(facets, Entry)) if last else None, last.at if last else None)


def tally(facets: Facets) -> list[Tally]:
    """How many there are of each kind and outcome among the newest matches, most first: never a count of all."""
    seen = aliased(Entry, window_of(facets, None, LOOK).subquery())
    newest = select(seen.kind, seen.outcome).where(*_others(facets, seen)).limit(NEWEST).subquery()
    count = func.count().label("count")
    statement = select(newest.c.kind, newest.c.outcome, count).group_by(newest.c.kind, newest.c.outcome)
    return [Tally(*row) for row in db.session.execute(statement.order_by(count.desc(), newest.c.kind))]


def count_up_to(facets: Facets, most: int) -> int:
    """How many match, counted no further than ``most`` nor LOOK entries deep."""
    seen = aliased(Entry, window_of(facets, None, LOOK).subquery())
    some = select(seen.id).where(*_others(facets, seen)).limit(most).subquery()
    return int(db.session.execute(select(func.count()).select_from(some)).scalar_one())


def window_of(facets: Facets, cursor: str | None, size: int) -> Select[Any]:
    """The newest ``size`` entries behind the cursor that fit the time and the one facet whose index leads furthest."""
    lead, columns = _lead(facets), _order(facets, Entry)
    if lead != "kind":
        wanted = [getattr(Entry, lead) == getattr(facets, lead)] if lead else []
        return after(select(Entry).where(*wanted, *_times(facets)), *columns, cursor=cursor).limit(size)
    # Of several kinds each has a place of its own in the index: no scan in order leads through them all.
    parts = [select(Entry).where(Entry.kind == kind, *_times(facets)) for kind in _kinds_of(facets)]
    if len(parts) == 1:
        return after(parts[0], *columns, cursor=cursor).limit(size)
    each = [select(after(part, *columns, cursor=cursor).limit(size).subquery()) for part in parts]
    both = aliased(Entry, union_all(*each).subquery())
    return select(both).order_by(*(c.desc() for c in _order(facets, both))).limit(size)


# By which a search is led, the one that leads furthest first.
_LEADS = ("order_ref", "stream", "subject", "actor", "merchant_ref", "outcome", "kind")


def _lead(facets: Facets) -> str | None:
    given = facets.given()
    return next((n for n in _LEADS if n in given and (n, given[n]) != ("outcome", "done")), None)


def _others(facets: Facets, seen: Any) -> list[Any]:
    """The conditions that no index leads by."""
    given, lead = facets.given(), _lead(facets)
    rest = {n: v for n, v in given.items() if n not in ("since", "until", lead)}
    return [seen.kind.in_(_kinds_of(facets)) if n == "kind" else getattr(seen, n) == v for n, v in rest.items()]


def _kinds_of(facets: Facets) -> list[str]:
    return (facets.kind or "").split()[:MOST_KINDS]


def _times(facets: Facets) -> list[Any]:
    since = [Entry.at >= facets.since] if facets.since else []
    return since + ([Entry.at < facets.until] if facets.until else [])


def _order(facets: Facets, seen: Any) -> tuple[Any, ...]:
    """A stream's own numbers are its order, and have its index."""
    return (seen.stream_no, seen.id) if _lead(facets) == "stream" else (seen.at, seen.id)


def _told(facets: Facets) -> dict[str, str]:
    """As facts of an entry; under other names, for these are what was asked and not what the entry is about."""
    return {f"by_{k}": entry.stamp(v) if isinstance(v, datetime) else str(v) for k, v in facets.given().items()}


def _note_look(actor: Actor, kind: str, **facts: str) -> None:
    with transaction():
        door.note(actor, f"audit/{actor.account_id or actor.subject}", kind, **facts)
