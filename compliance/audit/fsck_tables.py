"""fsck's comparison of tables with the log: things with a life by their streams, the rest by coverage.py."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

from psycopg import Cursor, sql

from compliance.audit import entry
from compliance.audit.coverage import Coverage, Logged
from compliance.audit.log import Db
from compliance.audit.report import Report

_FETCH: Final = 5_000
_HEADS: Final = """
    SELECT t.{stream} AS stream, t.stream_no, t.stream_head, last.leaf_hash,
        EXISTS (SELECT FROM audit_entries n WHERE n.stream = t.{stream} AND n.stream_no > t.stream_no) AS more
    FROM {rows} t LEFT JOIN audit_entries last ON last.stream = t.{stream} AND last.stream_no = t.stream_no
    WHERE last.id IS NULL OR last.leaf_hash <> t.stream_head
        OR EXISTS (SELECT FROM audit_entries n WHERE n.stream = t.{stream} AND n.stream_no > t.stream_no)"""
_STATES: Final = """
    SELECT t.stream, t.state, moved.body FROM {rows} t
    CROSS JOIN LATERAL (SELECT e.body FROM audit_entries e WHERE e.stream = t.stream AND e.kind = ANY(%s)
        ORDER BY e.stream_no DESC LIMIT 1) moved"""
_LOST: Final = """
    SELECT DISTINCT e.stream FROM audit_entries e
    WHERE NOT EXISTS (SELECT FROM audit_streams s WHERE s.stream = e.stream)
        AND NOT EXISTS (SELECT FROM ({streams}) t WHERE t.stream = e.stream)"""
_UNLOGGED: Final = """
    SELECT t.{key}::text FROM {table} t WHERE NOT EXISTS (
        SELECT FROM audit_entries e WHERE e.stream = {stream} AND e.kind LIKE ANY(%s))"""
_ORPHANS: Final = """
    SELECT e.stream FROM audit_entries e
    WHERE e.kind LIKE ANY(%s) AND NOT EXISTS (SELECT FROM {table} t WHERE {stream} = e.stream)"""


@dataclass(frozen=True, slots=True)
class Table:
    """A table of things with a life: streams are named `machine/key`, `moves` are the kinds that set a state."""

    name: str
    machine: str
    moves: tuple[str, ...]
    key: str = "id"

    @property
    def rows(self) -> sql.Composed:
        """A relation (stream, state, stream_no, stream_head)."""
        return sql.SQL(
            "(SELECT {machine} || '/' || {key}::text AS stream, state, stream_no, stream_head FROM {table})"
        ).format(machine=sql.Literal(self.machine), key=sql.Identifier(self.key), table=sql.Identifier(self.name))


def tables_of(base: Any) -> list[Table]:
    """Every mapped table with the Stateful mixin, found by walking the mappers of a declarative base."""
    found = []
    for mapper in base.registry.mappers:
        machine = getattr(mapper.class_, "machine", None)
        if machine is None or "stream_head" not in mapper.local_table.columns:
            continue
        kinds = {f"{machine.name}:{move.name}" for move in machine.moves}
        moves = (f"{machine.name}:created", *sorted(kinds))
        found.append(Table(mapper.local_table.name, machine.name, moves))
    return sorted(found, key=lambda table: table.name)


@contextmanager
def rows_of(connection: Db, statement: Any, *values: object) -> Iterator[Cursor[Any]]:
    with connection.cursor(name=f"fsck_{id(statement):x}", binary=True) as cursor:
        cursor.itersize = _FETCH
        yield cursor.execute(statement, values)


def check(connection: Db, tables: list[Table], covered: Mapping[str, Coverage], report: Report) -> None:
    """Every row of a thing with a life against its stream, every stream against its row, and the other tables."""
    for table in tables:
        _check_heads(connection, table.rows, report)
        _check_states(connection, table, report)
    # A stream of refusals may be opened, to count a window, before its first entry: at number 0 nothing is missing.
    _check_heads(connection, sql.SQL("audit_streams"), report, may_be_empty=True)
    streams = [sql.SQL("SELECT stream FROM {} t").format(table.rows) for table in tables]
    known = sql.SQL(" UNION ALL ").join(streams) if streams else sql.SQL("SELECT NULL::text AS stream")
    with rows_of(connection, sql.SQL(_LOST).format(streams=known)) as rows:
        for (stream,) in rows:
            report.add("entry_without_row", f"{stream} has entries, but its row is gone")
    for name, line in covered.items():
        if isinstance(line, Logged) and line.stream:
            _check_logged(connection, name, line, report)
    report.facts |= {"tables": len(tables) + len(covered)}


def _check_heads(connection: Db, rows: sql.Composable, report: Report, *, may_be_empty: bool = False) -> None:
    statement = sql.SQL(_HEADS).format(rows=rows, stream=sql.Identifier("stream"))
    with rows_of(connection, statement) as found:
        for stream, number, head, leaf, more in found:
            if leaf is None and not more and may_be_empty and number == 0 and bytes(head) == entry.GENESIS:
                continue
            if leaf is None and not more:
                report.add("row_without_entry", f"{stream} is at number {number}, of which there is no entry")
            elif more:
                report.add("head_differs", f"{stream} is at number {number}, but the log goes on")
            elif leaf != head:
                report.add("head_differs", f"{stream}: its head is not the hash of its entry {number}")


def _check_states(connection: Db, table: Table, report: Report) -> None:
    with rows_of(connection, sql.SQL(_STATES).format(rows=table.rows), list(table.moves)) as rows:
        for stream, state, raw in rows:
            try:
                logged = entry.decode(bytes(raw))["facts"].get("to")
            except entry.EntryError:
                continue  # said already, with the entries
            if logged is not None and logged != state:
                report.add("state_differs", f"{stream} is {state}, the log left it {logged}")


def _check_logged(connection: Db, name: str, line: Logged, report: Report) -> None:
    """Each row has an entry that tells of it; where the row is never deleted, each such entry has its row."""
    kinds = [f"{kind}%" if kind.endswith(":") else kind for kind in line.kinds]
    # From coverage.py, which is code: no word of it comes from outside.
    parts = {"table": sql.Identifier(name), "stream": sql.SQL(line.stream), "key": sql.Identifier("id")}
    with rows_of(connection, sql.SQL(_UNLOGGED).format(**parts), kinds) as rows:
        for (key,) in rows:
            report.add("row_without_entry", f"{name} {key}: no entry of the log tells of this row")
    if line.once:
        with rows_of(connection, sql.SQL(_ORPHANS).format(**parts), kinds) as rows:
            for (stream,) in rows:
                report.add("entry_without_row", f"{stream} has entries, but {name} has no such row")
