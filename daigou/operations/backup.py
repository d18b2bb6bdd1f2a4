"""A backup while the shop runs: the database, the files that its rows name, and the key store apart.

The order makes it consistent. The database is dumped of one snapshot; a file is written before its row commits, so
every row of that snapshot has its file, and only deletion since then can take it away. The key store comes last: every
key that the snapshot needs was made before, and one that is gone by then was destroyed on purpose.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import os
import shutil
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
from flask import current_app
from psycopg import sql

from compliance.audit import door, log
from compliance.audit import service as audit
from daigou import schema
from daigou.core import clock
from daigou.core.access import system
from daigou.core.config import Config
from daigou.core.crypto import vault
from daigou.core.db import transaction
from daigou.core.keyring import Keyring, LocalWrapper
from daigou.core.keystore import PostgresKeyStore
from daigou.embedded.home import Home
from daigou.providers.storage import Missing, Storage

from . import dumping, manifest, tombstones
from .manifest import Manifest
from .refused import Refused

OPERATOR = system("backup")
DATABASE, KEYS, FILES, SANDBOX = "database.dump", "keystore.dump", "files.jsonl", "sandbox.jsonl"


@dataclass(frozen=True, slots=True)
class Taken:
    """``gone`` are files that were deleted while the backup was taken, ``missing`` those that should be there."""

    folder: Path
    keys_folder: Path
    taken_at: datetime
    seconds: float
    since_last: timedelta | None
    files: int
    gone: list[str] = field(default_factory=list)
    missing: list[str] = field(default_factory=list)
    expired_keys: int = 0


@dataclass(frozen=True, slots=True)
class Moment:
    """What the snapshot says of itself."""

    snapshot: str
    taken_at: datetime
    revision: str
    checkpoint: str | None
    tree_size: int
    rows: dict[str, int]
    storage_keys: list[str]


def take(to: Path, keys_to: Path, keep_keys: timedelta) -> Taken:
    """Into a new folder below ``to``, the keys into one below ``keys_to``, where older ones than ``keep_keys`` go.

    Refused (same_place) when the keys would lie with what they open.
    """
    if keys_to.resolve().is_relative_to(to.resolve()):
        raise Refused("same_place", f"{keys_to} lies inside {to}: who has both and the KEK can read everything")
    begun, before = time.monotonic(), manifest.all_in(to)
    draft = _draft(to)
    try:
        config = _config()
        with psycopg.connect(dumping.plain(config.owner_url or config.database_url)) as connection:
            moment = _freeze(connection)
            dumping.dump(config.owner_url or config.database_url, draft / DATABASE, moment.snapshot)
        gone, missing = _copy_files(moment.storage_keys, draft, before[-1] if before else None)
        parts = [manifest.part_of(draft, name) for name in (DATABASE, FILES, *_copy_sandbox(draft))]
        manifest.write(draft, Manifest(manifest.FORMAT, moment.taken_at, parts, _facts(moment, gone, missing)))
        keys_folder, expired = take_keys(keys_to, keep_keys)
        folder = _settle(draft, to / manifest.folder_name(moment.taken_at))
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    since = moment.taken_at - manifest.read(before[-1], manifest.FORMAT).taken_at if before else None
    count = len(moment.storage_keys) - len(gone) - len(missing)
    _note(folder, moment, count)
    seconds = time.monotonic() - begun
    return Taken(folder, keys_folder, moment.taken_at, seconds, since, count, gone, missing, expired)


def take_keys(to: Path, keep: timedelta) -> tuple[Path, int]:
    """The key store by itself, the list of tombstones beside it; and how many old copies were deleted."""
    draft, at = _draft(to), clock.now()
    try:
        url = _config().keystore_url
        dumping.dump(url, draft / KEYS)
        tombstones.keep(to, tombstones.of_store(url))
        parts = [manifest.part_of(draft, KEYS)]
        manifest.write(draft, Manifest(manifest.KEYS_FORMAT, at, parts, _key_facts()))
        folder = _settle(draft, to / manifest.folder_name(at))
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return folder, _expire(to, at - keep)


def keep_tombstones(to: Path) -> int:
    """Only the list of who was erased: cheap enough for every minute. How many it holds."""
    _prepare(to)
    return tombstones.keep(to, tombstones.of_store(_config().keystore_url))


def kek_marks() -> dict[str, str]:
    """For each KEK at hand a mark to know it by, which tells nothing of it."""
    keys = vault().keys
    if isinstance(keys, PostgresKeyStore) and isinstance(keys.keks, LocalWrapper):
        return marks(keys.keks.ring)
    return {}


def _key_facts() -> dict[str, Any]:
    keys = vault().keys
    in_use = sorted(keys.census().keys) if isinstance(keys, PostgresKeyStore) else []
    return {"keks": kek_marks(), "in_use": in_use}


def marks(ring: Keyring) -> dict[str, str]:
    return {name: hmac.digest(key, b"daigou backup", "sha256").hex()[:32] for name, key in ring.keys().items()}


def _config() -> Config:
    config: Config = current_app.extensions["config"]
    return config


def _freeze(connection: psycopg.Connection[Any]) -> Moment:
    """Hold one snapshot open, and read off it what the manifest says."""
    connection.execute("SET idle_in_transaction_session_timeout = 0")
    connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
    snapshot, at = _row(connection, "SELECT pg_export_snapshot(), now()")
    newest = log.latest_checkpoint(connection)
    return Moment(
        snapshot=snapshot,
        taken_at=at,
        revision=_row(connection, "SELECT version_num FROM alembic_version")[0],
        checkpoint=newest.note if newest else None,
        tree_size=newest.size if newest else 0,
        rows=_counted(connection),
        storage_keys=sorted(_storage_keys(connection)),
    )


def _counted(connection: psycopg.Connection[Any]) -> dict[str, int]:
    """Rows of the tables that must be whole to the last one."""
    names = ("accounts", "orders", "payment_attempts", "ledger_postings", "audit_entries", "stored_files")
    count = sql.SQL("SELECT count(*) FROM {}")
    return {name: _row(connection, count.format(sql.Identifier(name)))[0] for name in names}


def _storage_keys(connection: psycopg.Connection[Any]) -> Iterator[str]:
    """Of every table that has a column ``storage_key``, without what was deleted."""
    for table in schema.metadata.tables.values():
        if "storage_key" not in table.columns:
            continue
        lives = sql.SQL(" AND deleted_at IS NULL" if "deleted_at" in table.columns else "")
        query = sql.SQL("SELECT storage_key FROM {} WHERE storage_key IS NOT NULL").format(sql.Identifier(table.name))
        yield from (key for (key,) in connection.execute(query + lives))


def _copy_files(keys: list[str], draft: Path, before: Path | None) -> tuple[list[str], list[str]]:
    """Each file, linked to the copy of the backup before where that has it; files never change. What is not there is
    answered as gone (its row has let go of it since) or missing."""
    storage: Storage = current_app.extensions["storage"]
    known = {row["key"]: row for row in manifest.lines(before / FILES)} if before else {}
    absent: list[str] = []

    def rows() -> Iterator[dict[str, Any]]:
        for key in keys:
            try:
                yield _linked(known.get(key), draft, before) or _copied(storage, key, draft)
            except Missing:
                absent.append(key)

    manifest.write_lines(draft / FILES, rows())
    if not absent:
        return [], []
    with psycopg.connect(dumping.plain(_config().database_url)) as connection:
        still = set(_storage_keys(connection))
    return [key for key in absent if key not in still], [key for key in absent if key in still]


def _copy_sandbox(draft: Path) -> list[str]:
    """The imitated provider's own books, where there are any: after the snapshot, for a real one is ahead of us too."""
    journal = Home.at().sandbox / "journal.jsonl"
    if not _config().is_sandbox or not journal.is_file():
        return []
    shutil.copyfile(journal, draft / SANDBOX)
    (draft / SANDBOX).chmod(0o600)
    return [SANDBOX]


def _linked(known: dict[str, Any] | None, draft: Path, before: Path | None) -> dict[str, Any] | None:
    if known is None or before is None:
        return None
    source, target = before / known["key"], draft / known["key"]
    try:
        if source.stat().st_size != known["size"]:
            return None
        _make_way(draft, target)
        os.link(source, target)
    except OSError:
        return None  # another file system, or somebody tidied up there: copied like the others
    return known


def _copied(storage: Storage, key: str, draft: Path) -> dict[str, Any]:
    pieces = storage.open(key)
    target, digest, size = draft / key, hashlib.sha256(), 0
    _make_way(draft, target)
    with open(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
        for piece in pieces:
            digest.update(piece)
            size += out.write(piece)
        out.flush()
        os.fsync(out.fileno())
    return {"key": key, "size": size, "sha256": digest.hexdigest()}


def _make_way(draft: Path, target: Path) -> None:
    """The folders down to the target, each its owner's alone (mkdir(parents=True) asks the umask for those between)."""
    folder = draft
    for name in target.parent.relative_to(draft).parts:
        folder /= name
        folder.mkdir(exist_ok=True, mode=0o700)


def _facts(moment: Moment, gone: list[str], missing: list[str]) -> dict[str, Any]:
    checkpoint = base64.b64encode(moment.checkpoint.encode()).decode() if moment.checkpoint else None
    return {
        "revision": moment.revision,
        "checkpoint": checkpoint,
        "tree_size": moment.tree_size,
        "rows": moment.rows,
        "gone": gone,
        "missing": missing,
        "index_keys": marks(vault().index_keys),
        "log_key": str(audit.signer().vkey),
    }


def _prepare(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise Refused("no_place", f"{folder} can't be written: {error.strerror}") from error


def _draft(place: Path) -> Path:
    _prepare(place)
    draft = place / f".draft-{os.getpid()}-{time.monotonic_ns()}"
    draft.mkdir(mode=0o700)
    return draft


def _settle(draft: Path, folder: Path) -> Path:
    """From now on it is a backup."""
    draft.rename(folder)
    handle = os.open(folder.parent, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
    return folder


def _expire(place: Path, before: datetime) -> int:
    """Key backups past their time, the newest never: an erasure is whole only when the last copy of the key is gone."""
    old = [
        folder
        for folder in manifest.all_in(place)[:-1]
        if manifest.read(folder, manifest.KEYS_FORMAT).taken_at < before
    ]
    for folder in old:
        shutil.rmtree(folder)
    return len(old)


def _note(folder: Path, moment: Moment, files: int) -> None:
    digest = manifest.sha256_of(folder / manifest.NAME)
    with transaction():
        door.note(OPERATOR, "backups/taken", "backup:taken", manifest=digest, files=files, size=moment.tree_size)


def _row(connection: psycopg.Connection[Any], query: Any) -> Any:
    return connection.execute(query).fetchone()
