"""The sequencer: gives entries their places in the tree, and signs the tree when it grew.

Entries are inserted freely and know nothing of the tree. A run looks for entries that have no leaf
(an anti-join, so one that committed late is found all the same), and writes leaves and nodes of one
batch in one transaction: a crash leaves whole batches only, so there is no gap and no double. A
PostgreSQL advisory lock lets one sequencer work at a time; another one that comes meanwhile goes home.

Where a run begins is the *horizon*: when the last one looked, the oldest transaction then open had begun at that time,
so whatever was made before it was committed already, and has its place. A transaction of an hour holds the horizon
back for an hour, and its entries are found by the run after its end; without one a run looks at a few minutes.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from struct import pack
from typing import Any, Final
from uuid import UUID

from psycopg import Cursor

from compliance.audit import checkpoint, keys, log, merkle
from compliance.audit.checkpoint import Checkpoint
from compliance.audit.log import Db, LogDamaged, StoredCheckpoint
from compliance.audit.note import Signer
from daigou.core import clock

BATCH: Final = 10_000
"""Entries in one transaction: enough that the commit costs little, few enough to hold in memory."""
LOCK: Final = 0x61756469745F7471
"""The advisory lock's number."""

_TRY_LOCK = "SELECT pg_try_advisory_xact_lock(%s)"
# A table that grew by a million rows since it was analysed may be read whole for each chunk; within
# one chunk of ids every plan that uses the indexes is good.
_BY_INDEX = "SET LOCAL enable_seqscan = off"
_CHUNK_END = "SELECT id FROM audit_entries WHERE id > %s ORDER BY id OFFSET %s LIMIT 1"
# The leaf is hashed from the body here: were the entry's own leaf_hash wrong, the tree still says
# what the entry says, and fsck names the row.
_UNSEQUENCED = """
    SELECT uuid_send(e.id), sha256('\\x00'::bytea || e.body) FROM audit_entries e
    WHERE e.id > %(after)s AND e.id <= %(to)s AND NOT EXISTS (
        SELECT FROM audit_leaves l
        WHERE l.entry_id = e.id AND l.entry_id > %(after)s AND l.entry_id <= %(to)s)
    ORDER BY e.at, e.stream_no, e.id"""
_COPY_LEAVES = "COPY audit_leaves (leaf_index, entry_id, leaf_hash) FROM STDIN (FORMAT BINARY)"
_COPY_NODES = "COPY audit_nodes (level, node_index, hash) FROM STDIN (FORMAT BINARY)"
_LAST_ID: Final = UUID(int=2**128 - 1)
_COPY_HEAD: Final = b"PGCOPY\n\xff\r\n\0" + bytes(8)
_COPY_TAIL: Final = b"\xff\xff"
_HORIZON = """
    SELECT least(clock_timestamp(), min(xact_start)) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()"""
_KNOWN_HORIZON = "SELECT at FROM audit_horizon WHERE id = 1"
# Never backwards by an hour's full run, and never past what this run looked at.
_SET_HORIZON = """
    INSERT INTO audit_horizon (id, at) VALUES (1, %s)
    ON CONFLICT (id) DO UPDATE SET at = excluded.at WHERE audit_horizon.at < excluded.at"""
_SKEW: Final = timedelta(minutes=2)
"""How far the clocks of the hosts may lie apart: ids are made by theirs, the horizon by the database's."""
_SIGNED = "INSERT INTO audit_checkpoints (tree_size, root_hash, note, at) VALUES (%s, %s, %s, %s)"


@dataclass(frozen=True, slots=True)
class Run:
    """What a run did: entries sequenced, and the checkpoint it signed. `busy`: another one was at work."""

    sequenced: int = 0
    signed: StoredCheckpoint | None = None
    busy: bool = False


def run(
    connection: Db,
    origin: str,
    signers: Sequence[Signer],
    since: datetime | None = None,
    batch: int = BATCH,
) -> Run:
    """Sequence every entry that waits, then sign a checkpoint if the tree grew.

    `connection` has no transaction open; each batch is one of its own. With `since` only entries whose
    id (UUIDv7) was made after that time are looked at: `due` says from when. A run without it costs a walk
    over the whole index. Raises LogDamaged, before anything is written, if the tree does not continue the
    newest checkpoint.
    """
    seen, known = _horizon(connection), due(connection)
    after, total = _first_id(since), 0
    while after is not None:
        with connection.transaction():
            if not _locked(connection):
                return Run(total, busy=True)
            if not total:
                _check_continues(connection)
            end = _chunk_end(connection, after, batch)
            ids, leaves = _unsequenced(connection, after, end or _LAST_ID)
            _append(connection, ids, leaves)
        total, after = total + len(ids), end
    if since is None or (known is not None and since <= known):
        connection.execute(_SET_HORIZON, (seen,))
    return Run(total, sign(connection, origin, signers))


def due(connection: Db) -> datetime | None:
    """The time before which every entry has its place; None (look at all) before the first whole run."""
    row = connection.execute(_KNOWN_HORIZON).fetchone()
    return row[0] - _SKEW if row else None


def _horizon(connection: Db) -> datetime:
    """Nothing that is made before this time, by the database's clock, can still commit. To be asked before looking."""
    row = connection.execute(_HORIZON).fetchone()
    if row is None:
        raise LogDamaged("the database does not tell its time")
    at: datetime = row[0]
    return at


def sign(connection: Db, origin: str, signers: Sequence[Signer]) -> StoredCheckpoint | None:
    """Sign the tree if it grew since the newest checkpoint; None if not, or if another one is at it."""
    with connection.transaction():
        if not _locked(connection):
            return None
        size, newest = _check_continues(connection)
        if size == newest:
            return None
        return _store(connection, Checkpoint(origin, size, log.root_at(connection, size)), signers)


def lock(connection: Db) -> None:
    """Wait for the sequencer's lock, until the end of the transaction: nothing is signed meanwhile."""
    connection.execute("SELECT pg_advisory_xact_lock(%s)", (LOCK,))


def _locked(connection: Db) -> bool:
    row = connection.execute(_TRY_LOCK, (LOCK,)).fetchone()
    return bool(row and row[0])


def _first_id(since: datetime | None) -> UUID | None:
    """The least UUIDv7 of that millisecond (RFC 9562 section 5.7: 48 bits of Unix milliseconds first)."""
    return UUID(int=0 if since is None else int(since.timestamp() * 1000) << 80)


def _chunk_end(connection: Db, after: UUID, batch: int) -> UUID | None:
    """The id of the last of the next `batch` entries, sequenced or not; None if fewer are left."""
    row = connection.execute(_CHUNK_END, (after, batch - 1)).fetchone()
    return row[0] if row else None


def _unsequenced(connection: Db, after: UUID, to: UUID) -> tuple[list[bytes], list[bytes]]:
    """Ids (16 bytes) and leaf hashes of the entries in (after, to] that have no leaf, by their time."""
    connection.execute(_BY_INDEX)
    with connection.cursor(binary=True) as cursor:
        rows = cursor.execute(_UNSEQUENCED, {"after": after, "to": to}).fetchall()
    return [row[0] for row in rows], [row[1] for row in rows]


def _append(connection: Db, ids: Sequence[bytes], leaves: Sequence[bytes]) -> None:
    """Leaves and the nodes above them that they fill, behind the tree as it stands."""
    if not ids:
        return
    size = log.tree_size(connection)
    frontier = log.get_nodes(connection, merkle.span_nodes(0, size))
    tree = merkle.CompactRange(0, size, frontier)
    with connection.cursor() as cursor:
        _copy_leaves(cursor, size, ids, leaves)
        _copy_nodes(cursor, tree, leaves)


def _copy_leaves(cursor: Cursor[Any], size: int, ids: Sequence[bytes], leaves: Sequence[bytes]) -> None:
    # Rows in COPY's binary form: field count, then each field's length and bytes. By hand, for row
    # by row through the driver it takes several times as long.
    pairs = enumerate(zip(ids, leaves, strict=True), size)
    rows = [pack(">hiqi16si32s", 3, 8, index, 16, id_, 32, leaf) for index, (id_, leaf) in pairs]
    with cursor.copy(_COPY_LEAVES) as copy:
        copy.write(_COPY_HEAD + b"".join(rows) + _COPY_TAIL)


def _copy_nodes(cursor: Cursor[Any], tree: merkle.CompactRange, leaves: Sequence[bytes]) -> None:
    with cursor.copy(_COPY_NODES) as copy:
        copy.write(_COPY_HEAD)
        for level, first, hashes in merkle.grow(tree, leaves):
            numbered = enumerate(hashes, first)
            copy.write(b"".join([pack(">hihiqi32s", 3, 2, level, 8, i, 32, h) for i, h in numbered]))
        copy.write(_COPY_TAIL)


def _check_continues(connection: Db) -> tuple[int, int]:
    """The sizes of the tree and of its newest checkpoint (0: none), if the one continues the other.

    A log that shrank or changed must never grow, nor be signed: that would make the damage look right.
    """
    size, newest = log.tree_size(connection), log.latest_checkpoint(connection)
    if newest is None:
        return size, 0
    if size < newest.size:
        raise LogDamaged(f"the log has {size} leaves, but a checkpoint over {newest.size} was signed")
    if log.root_at(connection, newest.size) != newest.root:
        raise LogDamaged(f"the tree of {newest.size} leaves is not the one that was signed")
    return size, newest.size


def _store(connection: Db, tree: Checkpoint, signers: Sequence[Signer]) -> StoredCheckpoint:
    keys.check_signs(connection, list(signers))
    signed = StoredCheckpoint(tree.size, tree.root, checkpoint.make(tree, signers), clock.now())
    connection.execute(_SIGNED, (signed.size, signed.root, signed.note, signed.at))
    return signed
