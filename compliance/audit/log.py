"""Reading the log: entries by index, nodes, proofs, checkpoints.

Every function takes a psycopg connection and joins whatever transaction is open on it. What is below
a tree size never changes, so proofs for one size are right whatever is appended meanwhile.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg import Connection

from compliance.audit import merkle
from compliance.audit.merkle import Node, Span

Db = Connection[Any]

_LEAVES = "SELECT leaf_index, leaf_hash FROM audit_leaves WHERE leaf_index = ANY(%s)"
_NODES = """
    SELECT n.level, n.node_index, n.hash
    FROM unnest(%s::smallint[], %s::bigint[]) AS wanted(level, node_index)
    JOIN audit_nodes n USING (level, node_index)"""
_SIZE = "SELECT coalesce(max(leaf_index) + 1, 0) FROM audit_leaves"
_CHECKPOINT = "SELECT tree_size, root_hash, note, at FROM audit_checkpoints"
_ENTRY = """
    SELECT l.leaf_index, e.id, e.body, l.leaf_hash
    FROM audit_leaves l JOIN audit_entries e ON e.id = l.entry_id"""


class LogDamaged(Exception):
    """The stored log contradicts itself. Nothing may be signed until `fsck` has been read."""


class NotInLog(LookupError):
    """There is no entry of that index or id, or the sequencer has not reached it yet."""


@dataclass(frozen=True, slots=True)
class Stored:
    """An entry with its place: `body` is the exact leaf, `leaf_hash` what the tree holds for it."""

    index: int
    id: UUID
    body: bytes
    leaf_hash: bytes


@dataclass(frozen=True, slots=True)
class StoredCheckpoint:
    """A signed checkpoint: `note` is the whole signed text, `root` 32 bytes."""

    size: int
    root: bytes
    note: str
    at: datetime


@dataclass(frozen=True, slots=True)
class Proof:
    """That `leaf_hash` is leaf `index` of the tree of `size` with `root`."""

    index: int
    size: int
    leaf_hash: bytes
    hashes: list[bytes]
    root: bytes


def tree_size(connection: Db) -> int:
    """Number of leaves, signed or not yet."""
    return int(_one(connection, _SIZE)[0])


def get_nodes(connection: Db, nodes: Sequence[Node]) -> list[bytes]:
    """The hashes of these nodes, in order: a merkle.Getter. Raises LogDamaged if one is missing."""
    found = fetch_nodes(connection, nodes)
    try:
        return [found[node] for node in nodes]
    except KeyError as missing:
        raise LogDamaged(f"the log lacks the node {missing.args[0]}") from None


def fetch_nodes(connection: Db, nodes: Iterable[Node]) -> dict[Node, bytes]:
    """As many of these nodes as are stored. Two statements, however many nodes are asked for."""
    wanted = sorted(set(nodes))
    leaves = [index for level, index in wanted if level == 0]
    inner = [node for node in wanted if node[0]]
    found: dict[Node, bytes] = {}
    with connection.cursor(binary=True) as cursor:
        if leaves:
            found.update(((0, index), value) for index, value in cursor.execute(_LEAVES, (leaves,)))
        if inner:
            levels, indexes = [list(column) for column in zip(*inner, strict=True)]
            rows = cursor.execute(_NODES, (levels, indexes))
            found.update(((level, index), value) for level, index, value in rows)
    return found


def root_at(connection: Db, size: int) -> bytes:
    """Root of the tree of the first `size` leaves, from stored nodes."""
    return merkle.tree_root(size, lambda nodes: get_nodes(connection, nodes))


def entry_at(connection: Db, index: int) -> Stored:
    """The entry at a leaf index; raises NotInLog."""
    return _stored(connection, f"{_ENTRY} WHERE l.leaf_index = %s", index)


def entry_of(connection: Db, entry_id: UUID) -> Stored:
    """The entry with this id, with its place; raises NotInLog while it has none."""
    return _stored(connection, f"{_ENTRY} WHERE e.id = %s", entry_id)


def latest_checkpoint(connection: Db) -> StoredCheckpoint | None:
    """The newest signed checkpoint; None before the first."""
    return _checkpoint(connection, f"{_CHECKPOINT} ORDER BY tree_size DESC LIMIT 1")


def checkpoint_at(connection: Db, size: int) -> StoredCheckpoint | None:
    """The checkpoint signed at exactly this size, if there was one."""
    return _checkpoint(connection, f"{_CHECKPOINT} WHERE tree_size = %s", size)


def inclusion_proof(connection: Db, index: int, size: int | None = None) -> Proof:
    """The proof for one leaf; without `size` in the newest signed tree. Raises NotInLog."""
    if size is None:
        newest = latest_checkpoint(connection)
        size = newest.size if newest else 0
    return inclusion_proofs(connection, [index], size)[0]


def inclusion_proofs(connection: Db, indexes: Sequence[int], size: int) -> list[Proof]:
    """Proofs for many leaves of one tree: all their nodes are read at once."""
    if any(not 0 <= index < size for index in indexes) or size > tree_size(connection):
        raise NotInLog("there is no such leaf in a tree of that size")
    paths = [merkle.inclusion_spans(index, size) for index in indexes]
    leaves = {(index, index + 1) for index in indexes}
    roots = _span_roots(connection, {(0, size), *leaves, *(span for path in paths for span in path)})
    root = roots[0, size]
    return [
        Proof(index, size, roots[index, index + 1], [roots[span] for span in path], root)
        for index, path in zip(indexes, paths, strict=True)
    ]


def consistency_proof(connection: Db, old: int, new: int) -> list[bytes]:
    """That the tree of `new` leaves continues that of `old`. Raises NotInLog beyond the log's end."""
    if not 0 <= old <= new <= tree_size(connection):
        raise NotInLog("the log has no trees of these sizes")
    return merkle.consistency_proof(old, new, lambda nodes: get_nodes(connection, nodes))


def _span_roots(connection: Db, spans: set[Span]) -> dict[Span, bytes]:
    """The root of each span. Paths share their upper spans, so each is read and hashed once."""
    nodes = {span: merkle.span_nodes(*span) for span in spans}
    wanted = sorted({node for several in nodes.values() for node in several})
    hashes = dict(zip(wanted, get_nodes(connection, wanted), strict=True))
    return {span: merkle.fold([hashes[node] for node in several]) for span, several in nodes.items()}


def _one(connection: Db, statement: str, *values: object) -> Any:
    # Written out in this module; values travel beside the statement.
    return connection.execute(statement, values, binary=True).fetchone()


def _stored(connection: Db, statement: str, key: object) -> Stored:
    row = _one(connection, statement, key)
    if row is None:
        raise NotInLog("the log has no such entry, or the sequencer has not reached it yet")
    return Stored(*row)


def _checkpoint(connection: Db, statement: str, *values: object) -> StoredCheckpoint | None:
    row = _one(connection, statement, *values)
    return None if row is None else StoredCheckpoint(*row)
