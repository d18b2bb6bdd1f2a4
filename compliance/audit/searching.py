"""What officers ask of the trail: by facets, one entry with its proof, and counts by day."""

from __future__ import annotations

import re
from dataclasses import dataclass, fields
from datetime import date, datetime, timedelta
from typing import Any, Final, Literal
from uuid import UUID

from sqlalchemy import Select, String, cast, func, literal, select, text, union_all
from sqlalchemy.orm import aliased

from daigou.core import clock
from daigou.core.access import Actor, require
from daigou.core.db import Base, after, cursor_at, db, transaction
from daigou.core.errors import NotFound
from daigou.core.i18n import lazy

from . import door, entry, log, merkle
from .entry import EntryError
from .log import Db, LogDamaged, Proof, StoredCheckpoint
from .models import Entry, Leaf

PAGE: Final = 50
LIFE_PAGE: Final = 200
LOOK: Final = 5_000
"""Entries that a page of a search looks at. Several conditions may meet nowhere: then it stops and says so."""
NEWEST: Final = 1_000
"""Entries among which a search is counted."""
MOST_KINDS: Final = 10
_REFERENCE = re.compile(r"[A-Z]{2,5}-[0-9A-Z]{4,16}")
_SUBJECT = re.compile(r"sub_[0-9a-f]{24}|system:[a-z_.]{1,40}")
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

ProofState = Literal["waiting", "unsigned", "proved", "broken"]


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
class Detail:
    """One entry with what proves it. ``body`` is None when its bytes are no entry any more."""

    entry: Entry
    body: dict[str, Any] | None
    index: int | None
    state: ProofState
    proof: Proof | None
    newest: StoredCheckpoint | None
    before: Entry | None
    after: Entry | None


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


@dataclass(frozen=True, slots=True)
class Day:
    """Entries by their places in the log, and denied attempts among them; a day in UTC."""

    day: date
    entries: int
    denied: int


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


def detail(actor: Actor, entry_id: UUID) -> Detail:
    """One entry with its place, its proof against the newest checkpoint and its neighbours. NotFound."""
    require(actor, "audit.view")
    row = db.session.execute(
        select(Entry, Leaf.leaf_index).outerjoin(Leaf, Leaf.entry_id == Entry.id).where(Entry.id == entry_id)
    ).one_or_none()
    if row is None:
        raise NotFound("audit.no_entry", lazy("The log has no such entry."))
    found, index = row
    newest = log.latest_checkpoint(reading())
    state, proof = _proved(found, index, newest)
    before, after = _neighbours(found)
    return Detail(found, _body(found), index, state, proof, newest, before, after)


def entry_at(index: int) -> UUID:
    """The id of the entry with this place in the log; NotFound."""
    found = db.session.execute(select(Leaf.entry_id).where(Leaf.leaf_index == index)).scalar_one_or_none()
    if found is None:
        raise NotFound("audit.no_entry", lazy("The log has no entry of this number yet."))
    return found


def _proved(found: Entry, index: int | None, newest: StoredCheckpoint | None) -> tuple[ProofState, Proof | None]:
    if index is None:
        return "waiting", None
    if newest is None or index >= newest.size:
        return "unsigned", None
    try:
        proof = log.inclusion_proof(reading(), index, newest.size)
    except LogDamaged:
        return "broken", None
    leaf = merkle.leaf_hash(bytes(found.body))
    stored = (proof.root, proof.leaf_hash) == (newest.root, leaf)
    holds = stored and merkle.verify_inclusion(index, newest.size, leaf, proof.hashes, newest.root)
    return ("proved" if holds and _says_the_same(found) else "broken"), proof


def _says_the_same(found: Entry) -> bool:
    """The columns that officers search say what the entry itself says."""
    body = _body(found)
    if body is None:
        return False
    said = {"subject": None, "order_ref": None, "merchant_ref": None, **body["facts"]}
    names = ("kind", "stream", "actor")
    return all(body[n] == getattr(found, n) for n in names) and all(said[n] == getattr(found, n) for n in entry.FACETS)


def _body(found: Entry) -> dict[str, Any] | None:
    try:
        return entry.decode(bytes(found.body))
    except EntryError:
        return None


def _neighbours(found: Entry) -> tuple[Entry | None, Entry | None]:
    """The entries before and after it in its stream."""
    numbers = (found.stream_no - 1, found.stream_no + 1)
    statement = select(Entry).where(Entry.stream == found.stream, Entry.stream_no.in_(numbers))
    by_number = {e.stream_no: e for e in db.session.execute(statement).scalars()}
    return by_number.get(numbers[0]), by_number.get(numbers[1])


def reference(typed: str) -> str | None:
    """The reference that somebody typed, as it is written: ``ORD-7K3M9Q2XW4``, ``sub_…``. None when it is none."""
    plain = typed.strip().strip("\u200e\u200f\u2066\u2067\u2068\u2069")
    if _SUBJECT.fullmatch(plain.lower()):
        return plain.lower()
    return plain.upper() if _REFERENCE.fullmatch(plain.upper()) else None


def stream_of(ref: str) -> str:
    """The stream of whatever row has this reference: tables are found by their columns, so no room is imported."""
    ref = reference(ref) or ""
    named = [m.class_ for m in Base.registry.mappers if hasattr(m.class_, "machine") and hasattr(m.class_, "ref")]
    parts = [select(literal(c.machine.name + "/") + cast(c.id, String)).where(c.ref == ref) for c in named]
    found = db.session.execute(union_all(*parts)).scalars().first()
    if found is None:
        words = lazy("The log knows nothing of this reference. Check how it is written.")
        raise NotFound("audit.nothing", words)
    return str(found)


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
