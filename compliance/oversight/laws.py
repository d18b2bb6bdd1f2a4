"""The register of law changes (S92): noticed, assessed, applied by dated rows, or put aside with a reason."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from sqlalchemy import Table, select

from compliance.audit import door
from daigou.core import ids
from daigou.core.access import Actor, require
from daigou.core.db import Base, Page, db, keyset, load, load_locked, transaction
from daigou.core.db import find as look
from daigou.core.errors import Impossible, Invalid
from daigou.core.i18n import lazy

from .models import LawChange, LawChangeRow


@dataclass(frozen=True, slots=True)
class News:
    """What became known, and where it is published."""

    jurisdiction: str
    title: str
    source: str
    in_force_on: date


@dataclass(frozen=True, slots=True)
class DatedRow:
    """A rule row as the register shows it: its table, key, what it says, and from when to when."""

    table: str
    id: UUID
    words: str
    valid_from: date
    valid_to: date | None
    source: str


def dated_tables() -> dict[str, Table]:
    """Every table whose rows are rules with a date and a source; found by their columns, so none is forgotten."""
    needed = {"id", "valid_from", "valid_to", "source"}
    return {name: t for name, t in sorted(Base.metadata.tables.items()) if needed <= set(t.columns.keys())}


def notice(actor: Actor, news: News) -> LawChange:
    """Enter it. Invalid by field."""
    require(actor, "oversight.keep")
    wrong = {
        name: lazy("This is needed.") for name in ("jurisdiction", "title", "source") if not getattr(news, name).strip()
    }
    if wrong:
        raise Invalid(wrong)
    with transaction():
        row = LawChange(
            ref=ids.new_ref("LAW"),
            jurisdiction=news.jurisdiction.strip(),
            title=news.title.strip(),
            source=news.source.strip(),
            in_force_on=news.in_force_on,
            noticed_by=actor.account_id,
        )
        door.created(actor, row, jurisdiction=row.jurisdiction, in_force_on=row.in_force_on.isoformat())
    return row


def assess(actor: Actor, ref: str, words: str) -> None:
    """What it means for us."""
    with transaction():
        row = load_locked(LawChange, ref=ref)
        row.assessment = _said(words)
        door.transition(actor, row, "assess")


def dismiss(actor: Actor, ref: str, words: str) -> None:
    """Nothing to do, and why."""
    with transaction():
        row = load_locked(LawChange, ref=ref)
        row.assessment = _said(words)
        door.transition(actor, row, "dismiss")


def tie(actor: Actor, ref: str, table: str, row_id: UUID) -> None:
    """Name a dated row that this change made or ended. Tying it twice changes nothing."""
    with transaction() as session:
        require(actor, "oversight.keep")
        change = load_locked(LawChange, ref=ref)
        if change.is_("no_action"):
            raise Impossible("law.dismissed", lazy("This change was put aside. Enter it anew if it matters after all."))
        rules_of = dated_tables().get(table)
        if rules_of is None or session.execute(select(rules_of.c.id).where(rules_of.c.id == row_id)).first() is None:
            raise Invalid({"row": lazy("There is no such rule row.")})
        if look(LawChangeRow, law_change_id=change.id, table=table, row_id=row_id) is None:
            session.add(LawChangeRow(law_change_id=change.id, table=table, row_id=row_id))
            door.record(actor, change, "tied", table=table, row=str(row_id))


def apply(actor: Actor, ref: str) -> None:
    """Done: the rows stand. Impossible without one."""
    with transaction():
        change = load_locked(LawChange, ref=ref)
        if not tied(change):
            raise Impossible("law.no_rows", lazy("Name the rule rows that carry it out first."))
        door.transition(actor, change, "apply")


def _said(words: str) -> str:
    if not words.strip():
        raise Invalid({"words": lazy("Say what it means for us, in a sentence.")})
    return words.strip()[:4000]


def everything(actor: Actor, cursor: str | None = None) -> Page:
    """Every change, the one that comes into force last first."""
    require(actor, "oversight.view")
    return keyset(select(LawChange), LawChange.in_force_on, LawChange.id, cursor=cursor)


def find(actor: Actor, ref: str) -> LawChange:
    require(actor, "oversight.view")
    found: LawChange = load(LawChange, ref=ref)
    return found


def tied(change: LawChange) -> list[DatedRow]:
    """The rows tied to a change: one query for each table that has any."""
    wanted: dict[str, list[UUID]] = defaultdict(list)
    for tie_ in db.session.scalars(select(LawChangeRow).filter_by(law_change_id=change.id)):
        wanted[tie_.table].append(tie_.row_id)
    tables = dated_tables()
    return [row for name, keys in wanted.items() if name in tables for row in _read(tables[name], keys)]


def rows_of(actor: Actor, table: str) -> Sequence[DatedRow]:
    """The newest rows of one table, to choose from. Invalid for a table that holds no rules."""
    require(actor, "oversight.view")
    found = dated_tables().get(table)
    if found is None:
        raise Invalid({"table": lazy("There is no such table of rules.")})
    return _read(found, None)


def _read(table: Table, keys: Sequence[UUID] | None) -> list[DatedRow]:
    statement = select(table).order_by(table.c.valid_from.desc(), table.c.id).limit(200)
    if keys is not None:
        statement = statement.where(table.c.id.in_(keys))
    return [_dated(table, row) for row in db.session.execute(statement).mappings()]


_PLUMBING = frozenset({"id", "created_at", "valid_from", "valid_to", "source"})


def _dated(table: Table, row) -> DatedRow:  # type: ignore[no-untyped-def]
    says = [
        f"{name}: {row[name]}"
        for name in (c.name for c in table.columns)
        if name not in _PLUMBING and row[name] not in (None, "")
    ]
    return DatedRow(table.name, row["id"], ", ".join(says)[:300], row["valid_from"], row["valid_to"], row["source"])
