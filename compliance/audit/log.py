"""Reading the log: entries by index, nodes, proofs, checkpoints.

Every function takes a psycopg connection and joins whatever transaction is open on it. What is below
a tree size never changes, so proofs for one size are right whatever is appended meanwhile.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from psycopg import Connection

from compliance.audit import merkle
from compliance.audit.merkle import Node, Span

Db = Connection[Any]

# Hashes come back as one string: rows of three columns would cost more than the look-ups themselves.
_LEAVES = """
    SELECT string_agg(coalesce(l.leaf_hash, decode(repeat('00', 32), 'hex')), ''::bytea ORDER BY place)
    FROM unnest(%s::bigint[]) WITH ORDINALITY AS wanted(leaf_index, place)
    LEFT JOIN audit_leaves l USING (leaf_index)"""
_NODES = """
    SELECT string_agg(coalesce(n.hash, decode(repeat('00', 32), 'hex')), ''::bytea ORDER BY place)
    FROM unnest(%s::smallint[], %s::bigint[]) WITH ORDINALITY AS wanted(level, node_index, place)
    LEFT JOIN audit_nodes n USING (level, node_index)"""
_MISSING = bytes(merkle.HASH_BYTES)
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
    leaves = [index for level, index in nodes if level == 0]
    levels, indexes = [level for level, _ in nodes if level], [index for level, index in nodes if level]
    found = {0: _hashes(connection, _LEAVES, leaves), 1: _hashes(connection, _NODES, levels, indexes)}
    hashes = [next(found[level > 0]) for level, _ in nodes]
    if _MISSING in hashes:
        raise LogDamaged(f"the log lacks the node {nodes[hashes.index(_MISSING)]}")
    return hashes


def _hashes(connection: Db, statement: str, *columns: list[int]) -> Iterator[bytes]:
    """The hashes of the nodes that the columns name, zeros where there is none."""
    joined = bytes(_one(connection, statement, *columns)[0]) if columns[0] else b""
    if len(joined) != merkle.HASH_BYTES * len(columns[0]):
        raise LogDamaged("the log holds a hash that is not 32 bytes long")
    return (joined[i : i + merkle.HASH_BYTES] for i in range(0, len(joined), merkle.HASH_BYTES))


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
    """The root of each span of some paths. Paths share their upper spans, so each is read once."""
    # Nearly all are perfect subtrees: one stored node each. The others lie at the tree's right edge.
    whole = [(low, high) for low, high in spans if not (high - low) & (high - low - 1)]
    levels = [(high - low).bit_length() - 1 for low, high in whole]
    nodes = [(level, span[0] >> level) for level, span in zip(levels, whole, strict=True)]
    roots = dict(zip(whole, get_nodes(connection, nodes), strict=True))
    edge = [span for span in spans if span not in roots]
    pieces = merkle.span_roots(edge, lambda wanted: get_nodes(connection, wanted))
    return roots | dict(zip(edge, pieces, strict=True))


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
