"""Rebuilds the log from its rows, and compares the business tables with it.

Whoever owns the database can change any row; here it shows. Codes of what is found:

    entry_edited      a body that is not an entry, or not the one that its leaf hash was made of
    column_edited     a search column that says something else than the body
    stream_gap        a number missing in a stream         stream_broken   a chain that does not hold
    leaf_edited       the tree's leaf is not the entry's   leaf_missing    a hole in the leaf indexes
    entry_missing     a leaf without its entry             node_edited, node_missing, node_extra
    checkpoint        a signed tree that the leaves do not lead to (edited, truncated or forked)
    row_without_entry, entry_without_row                   table and log know different things
    head_differs      a row whose stream number or head is not the stream's last entry
    state_differs     a row whose state no entry gave it
    table_unknown     a table that nobody has said anything about (coverage.py)

Rooms add what only they can compare (`also`): the ledger its books, line by line.
"""

from collections.abc import Callable, Iterable, Iterator, Mapping
from datetime import datetime
from itertools import islice
from typing import Any, Final, NamedTuple
from uuid import UUID

from compliance.audit import checkpoint, entry, fsck_tables, merkle
from compliance.audit.checkpoint import Keyring
from compliance.audit.coverage import COVERAGE, Coverage
from compliance.audit.fsck_tables import Table, rows_of
from compliance.audit.log import Db
from compliance.audit.merkle import CompactRange
from compliance.audit.note import NoteError
from compliance.audit.report import Report

_RUN: Final = 1 << 14
_ENTRIES: Final = """
    SELECT e.id, e.at, e.kind, e.stream, e.stream_no, e.prev_hash, e.actor, e.body, e.leaf_hash,
        e.subject, e.order_ref, e.merchant_ref, e.outcome, l.leaf_hash AS in_tree
    FROM audit_entries e LEFT JOIN audit_leaves l ON l.entry_id = e.id
    ORDER BY e.stream, e.stream_no"""
_LEAVES: Final = """
    SELECT l.leaf_index, l.leaf_hash, e.id IS NULL AS orphan
    FROM audit_leaves l LEFT JOIN audit_entries e ON e.id = l.entry_id ORDER BY l.leaf_index"""
_NODES: Final = """
    SELECT node_index, hash FROM audit_nodes
    WHERE level = %s AND node_index >= %s AND node_index < %s"""
_CHECKPOINTS: Final = "SELECT tree_size, root_hash, note FROM audit_checkpoints ORDER BY tree_size"


class _Row(NamedTuple):
    """One row of _ENTRIES."""

    id: UUID
    at: datetime
    kind: str
    stream: str
    stream_no: int
    prev_hash: bytes
    actor: str
    body: bytes
    leaf_hash: bytes
    subject: str | None
    order_ref: str | None
    merchant_ref: str | None
    outcome: str
    in_tree: bytes | None


Room = Callable[[Db, Report], None]
_rooms: Final[list[Room]] = []


def also(check: Room) -> None:
    """Have a room's own comparison of its tables with the log made too, within fsck's transaction."""
    if check not in _rooms:
        _rooms.append(check)


def whole(connection: Db, base: Any, ring: Keyring) -> Report:
    """fsck over every table that the mappers of `base` know, and what the rooms add."""
    known = {mapper.local_table.name for mapper in base.registry.mappers}
    covered = {name: line for name, line in COVERAGE.items() if name in known}
    return fsck(connection, fsck_tables.tables_of(base), ring, covered, _rooms)


def fsck(
    connection: Db,
    tables: Iterable[Table],
    ring: Keyring | None = None,
    covered: Mapping[str, Coverage] | None = None,
    rooms: Iterable[Room] = (),
) -> Report:
    """Everything that does not fit, seen in one snapshot of the database. Reads only.

    `connection` has no transaction open. With `ring` the checkpoints' signatures are checked too; `covered` are the
    other tables, `rooms` what is compared besides.
    """
    report = Report(authenticated=True)
    with connection.transaction():
        connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
        _check_entries(connection, report)
        _check_tree(connection, report, ring)
        fsck_tables.check(connection, list(tables), covered or {}, report)
        for room in rooms:
            room(connection, report)
    return report


def _check_entries(connection: Db, report: Report) -> None:
    """Each entry by itself, and each stream from 1 on without a hole."""
    stream, number, head, count, waiting = "", 0, entry.GENESIS, 0, 0
    with rows_of(connection, _ENTRIES) as rows:
        for row in map(_Row._make, rows):
            if row.stream != stream:
                stream, number, head = row.stream, 0, entry.GENESIS
            if row.stream_no != number + 1:
                report.add("stream_gap", f"{stream} has no number {number + 1}; {row.stream_no} comes next")
            elif row.prev_hash != head:
                report.add("stream_broken", f"number {row.stream_no} of {stream} does not follow the one before")
            _check_entry(row, report)
            number, head, count = row.stream_no, row.leaf_hash, count + 1
            waiting += row.in_tree is None
    report.facts |= {"entries": count, "not yet sequenced": waiting}


def _check_entry(row: _Row, report: Report) -> None:
    body = _decoded(row, report)
    if merkle.leaf_hash(row.body) != row.leaf_hash:
        report.add("entry_edited", f"entry {row.id}: its leaf hash is not that of its body")
    if row.in_tree is not None and merkle.leaf_hash(row.body) != row.in_tree:
        report.add("leaf_edited", f"entry {row.id}: the tree holds another leaf for it")
    if body is not None:
        edited = [name for name, value in _columns(body).items() if getattr(row, name) != value]
        if edited:
            report.add("column_edited", f"entry {row.id}: {', '.join(edited)} differ from its body")


def _decoded(row: _Row, report: Report) -> dict[str, Any] | None:
    try:
        return entry.decode(row.body)
    except entry.EntryError as error:
        report.add("entry_edited", f"entry {row.id}: {error}")
        return None


def _columns(body: dict[str, Any]) -> dict[str, Any]:
    """The columns beside a body, as they must be."""
    facets = {name: body["facts"].get(name) for name in entry.FACETS}
    own = {name: body[name] for name in ("kind", "stream", "actor")}
    prev, at = bytes.fromhex(body["prev"]), entry.moment(body["at"])
    return {**facets, **own, "stream_no": body["no"], "prev_hash": prev, "at": at}


def _check_tree(connection: Db, report: Report, ring: Keyring | None) -> None:
    """The tree rebuilt from the leaves, against its nodes and every checkpoint."""
    tree, nodes = CompactRange(), 0
    with rows_of(connection, _LEAVES) as leaves, rows_of(connection, _CHECKPOINTS) as rows:
        signed = iter(rows)
        waiting = next(signed, None)
        numbered = _numbered(leaves, report)
        while run := list(islice(numbered, _RUN)):
            nodes += _check_nodes(connection, tree, run, report)
            while waiting is not None and waiting[0] <= tree.end + len(run):
                before = waiting[0] - tree.end
                tree.extend_leaves(run[:before])
                run = run[before:]
                _check_checkpoint(waiting, tree.root(), report, ring)
                waiting = next(signed, None)
            tree.extend_leaves(run)
        for row in (waiting, *signed) if waiting is not None else ():
            report.add("checkpoint", f"a tree of {row[0]} leaves was signed, there are {tree.end}: truncated")
    stored = connection.execute("SELECT count(*) FROM audit_nodes").fetchone()
    if stored is not None and stored[0] > nodes:
        report.add("node_extra", f"{stored[0] - nodes} nodes stand for no leaves of this tree")
    report.facts |= {"tree size": tree.end, "root": tree.root().hex()}


def _numbered(rows: Iterable[Any], report: Report) -> Iterator[bytes]:
    """Leaf hashes in order; a hole is filled with zeros, so that what comes after keeps its place."""
    expected = 0
    for index, leaf, orphan in rows:
        if index != expected:
            report.add("leaf_missing", f"leaves {expected} to {index - 1} are missing", expected)
            for _ in range(min(index - expected, _RUN)):
                yield bytes(merkle.HASH_BYTES)
        if orphan:
            report.add("entry_missing", f"the entry of leaf {index} is gone", index)
        expected = index + 1
        yield bytes(leaf)


def _check_nodes(connection: Db, tree: CompactRange, run: list[bytes], report: Report) -> int:
    """The nodes that these leaves fill, against the stored ones; how many there must be."""
    count = 0
    for level, first, hashes in merkle.grow(tree, run):
        stored = dict(connection.execute(_NODES, (level, first, first + len(hashes)), binary=True).fetchall())
        count += len(hashes)
        for index, value in enumerate(hashes, first):
            if index not in stored:
                report.add("node_missing", f"node ({level}, {index}) is missing")
            elif stored[index] != value:
                report.add("node_edited", f"node ({level}, {index}) is not the hash of what is below it")
    return count


def _check_checkpoint(row: Any, root: bytes, report: Report, ring: Keyring | None) -> None:
    size, stored, text = row
    try:
        said, signed = checkpoint.parse(text)
    except NoteError as error:
        report.add("checkpoint", f"the checkpoint over {size} leaves: {error}")
        return
    if (said.size, said.root) != (size, stored):
        report.add("checkpoint", f"the checkpoint over {size} leaves was edited: note and columns differ")
    if said.root != root:
        report.add("checkpoint", f"the leaves do not lead to the tree of {size} that was signed")
    if ring is not None and ring.signer_of(signed, size) is None:
        report.add("checkpoint", f"the checkpoint over {size} leaves is not signed by the log's key")
