"""A backup while the shop runs: the database, the files that its rows name, and the key store apart.

The order makes it consistent. The database is dumped of one snapshot; a file is written before its row commits, so
every row of that snapshot has its file, and only deletion since then can take it away. The key store comes last: every
key that the snapshot needs was made before, and one that is gone by then was destroyed on purpose.
"""

from __future__ import annotations

import base64
import hmac
import shutil
import time
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import psycopg
from flask import current_app

from compliance.audit import door
from compliance.audit import service as audit
from daigou.core import clock
from daigou.core.access import system
from daigou.core.config import Config
from daigou.core.crypto import vault
from daigou.core.db import transaction
from daigou.core.keyring import Keyring, LocalWrapper
from daigou.core.keystore import PostgresKeyStore

from . import dumping, manifest, tombstones
from .copying import copy_files, copy_sandbox
from .drafts import draft_in, prepare, settle
from .manifest import Manifest
from .refused import Refused
from .snapshot import Moment, freeze

OPERATOR = system("backup")


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


def take(to: Path, keys_to: Path, keep_keys: timedelta) -> Taken:
    """Into a new folder below ``to``, the keys into one below ``keys_to``, where older ones than ``keep_keys`` go.

    Refused (same_place) when the keys would lie with what they open.
    """
    if keys_to.resolve().is_relative_to(to.resolve()):
        raise Refused("same_place", f"{keys_to} lies inside {to}: who has both and the KEK can read everything")
    begun, before = time.monotonic(), manifest.all_in(to)
    draft = draft_in(to)
    try:
        config = _config()
        with psycopg.connect(dumping.plain(config.owner_url or config.database_url)) as connection:
            moment = freeze(connection)
            dumping.dump(config.owner_url or config.database_url, draft / manifest.DATABASE, moment.snapshot)
        gone, missing = copy_files(config, moment.storage_keys, draft, before[-1] if before else None)
        names = (manifest.DATABASE, manifest.FILES, *copy_sandbox(config, draft))
        parts = [manifest.part_of(draft, name) for name in names]
        manifest.write(draft, Manifest(manifest.FORMAT, moment.taken_at, parts, _facts(moment, gone, missing)))
        keys_folder, expired = take_keys(keys_to, keep_keys)
        folder = settle(draft, to / manifest.folder_name(moment.taken_at))
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    since = moment.taken_at - manifest.read(before[-1], manifest.FORMAT).taken_at if before else None
    count = len(moment.storage_keys) - len(gone) - len(missing)
    _note(folder, moment, count)
    seconds = time.monotonic() - begun
    return Taken(folder, keys_folder, moment.taken_at, seconds, since, count, gone, missing, expired)


def take_keys(to: Path, keep: timedelta) -> tuple[Path, int]:
    """The key store by itself, the list of tombstones beside it; and how many old copies were deleted."""
    draft, at = draft_in(to), clock.now()
    try:
        url = _config().keystore_url
        dumping.dump(url, draft / manifest.KEYS)
        tombstones.keep(to, tombstones.of_store(url))
        parts = [manifest.part_of(draft, manifest.KEYS)]
        manifest.write(draft, Manifest(manifest.KEYS_FORMAT, at, parts, _key_facts()))
        folder = settle(draft, to / manifest.folder_name(at))
    finally:
        shutil.rmtree(draft, ignore_errors=True)
    return folder, _expire(to, at - keep)


def keep_tombstones(to: Path) -> int:
    """Only the list of who was erased: cheap enough for every minute. How many it holds."""
    prepare(to)
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
