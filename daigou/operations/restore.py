"""A backup brought back into empty databases and an empty storage. What was erased stays erased.

Everything is looked at before anything is written. Then the key store comes first, and the tombstones are replayed in
it before a single row of the main database is there to be read.
"""

from __future__ import annotations

import hashlib
import time
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import psycopg
from alembic.script import ScriptDirectory

from daigou import migrate
from daigou.core import clock, faults
from daigou.core.config import Config
from daigou.core.keyring import Keyring
from daigou.providers import storage

from . import backup, dumping, manifest, tombstones
from .manifest import Manifest
from .refused import Refused


@dataclass(frozen=True, slots=True)
class Source:
    """What is restored: a checked backup, the newest key backup that goes with it, and who was erased until now."""

    folder: Path
    said: Manifest
    keys_folder: Path
    keys: Manifest
    dead: list[dict[str, str]]


@dataclass(frozen=True, slots=True)
class Restored:
    """``lost`` is the time between the backup and now (what RPO is about), ``seconds`` what the restore took (RTO)."""

    source: Source
    lost: timedelta
    seconds: float
    files: int
    erased: int  # keys that the tombstones took away again


def examine(place: Path, keys: Path, live_store: str | None = None) -> Source:
    """The newest backup at ``place``, whole and with its keys.

    Refused: not_a_backup, incomplete, damaged, files_missing, keys_missing, keys_too_old, tombstones_missing.
    """
    folder = manifest.newest(place, manifest.FORMAT)
    said = manifest.read(folder, manifest.FORMAT)
    manifest.check(folder, said)
    _check_files(folder, said)
    keys_folder, known = _examine_keys(keys, said)
    return Source(folder, said, keys_folder, known, tombstones.known(keys, live_store))


def restore(source: Source, target: Config) -> Restored:
    """Into the databases and the storage that ``target`` names.

    Refused before anything is written: not_empty, kek_missing, index_key_missing, newer.
    """
    begun = time.monotonic()
    _check_target(source, target)
    dumping.load(target.keystore_url, source.keys_folder / manifest.KEYS)
    faults.point("restore.keys")
    erased = tombstones.replay(target.keystore_url, source.dead)
    faults.point("restore.tombstones")
    dumping.load(target.owner_url or target.database_url, source.folder / manifest.DATABASE)
    faults.point("restore.database")
    migrate.upgrade(target)
    files = _put_files(source, target)
    lost = clock.now() - source.said.taken_at
    return Restored(source, lost, time.monotonic() - begun, files, erased)


def _check_files(folder: Path, said: Manifest) -> None:
    if missing := said.facts["missing"]:
        raise Refused("files_missing", f"{folder} was taken without {len(missing)} files, among them {missing[0]}")
    for row in manifest.lines(folder / manifest.FILES):
        path = folder / storage.checked(row["key"])
        if not path.is_file():
            raise Refused("incomplete", f"{path} is missing from the backup")
        if path.stat().st_size != row["size"] or manifest.sha256_of(path) != row["sha256"]:
            raise Refused("damaged", f"{path} is not as it was when the backup was taken")


def _examine_keys(place: Path, said: Manifest) -> tuple[Path, Manifest]:
    try:
        folder = manifest.newest(place, manifest.KEYS_FORMAT)
        known = manifest.read(folder, manifest.KEYS_FORMAT)
    except Refused as refused:
        raise Refused(f"keys_{refused.code}".replace("not_a_backup", "missing"), str(refused)) from refused
    if known.taken_at < said.taken_at:
        words = f"{folder} is older than the backup: keys that were made in between are not in it"
        raise Refused("keys_too_old", words)
    try:
        manifest.check(folder, known)
    except Refused as refused:
        raise Refused(f"keys_{refused.code}", str(refused)) from refused
    return folder, known


def _check_target(source: Source, target: Config) -> None:
    _check_secrets(source, target)
    _check_revision(source.said.facts["revision"])
    for url in (target.owner_url or target.database_url, target.keystore_url):
        with psycopg.connect(dumping.plain(url)) as connection:
            query = "SELECT count(*) FROM pg_tables WHERE schemaname = 'public'"
            held = connection.execute(query).fetchone()
            if held and held[0]:
                raise Refused("not_empty", f"the database {connection.info.dbname} holds {held[0]} tables already")


def _check_secrets(source: Source, target: Config) -> None:
    """By their marks: with other keys nothing would open, and one would find out late."""
    kek = backup.marks(Keyring(target.keks, target.kek_file))
    index = backup.marks(Keyring(target.index_keys, target.index_key_file))
    for code, name, wanted, here in (
        ("kek_missing", "KEK", _in_use(source.keys), kek),
        ("index_key_missing", "blind-index key", source.said.facts["index_keys"], index),
    ):
        for known, mark in wanted.items():
            if here.get(known) != mark:
                raise Refused(code, f"the {name} {known} of this backup is not among the settings of where it goes")


def _in_use(keys: Manifest) -> dict[str, str]:
    """The marks of the KEKs that data keys stand under; a KMS has none."""
    return {name: mark for name, mark in keys.facts["keks"].items() if name in keys.facts["in_use"]}


def _check_revision(revision: str) -> None:
    known = {script.revision for script in ScriptDirectory.from_config(migrate.settings()).walk_revisions()}
    if revision not in known:
        raise Refused("newer", f"the backup is of schema {revision}, which this version does not know: update first")


def _put_files(source: Source, target: Config) -> int:
    where, count = storage.from_url(target.storage_url), 0
    for row in manifest.lines(source.folder / manifest.FILES):
        where.put(row["key"], _proved(source.folder / row["key"], row["sha256"]))
        faults.point("restore.file")
        count += 1
    return count


def _proved(path: Path, sha256: str) -> Iterator[bytes]:
    """The pieces; one that was changed since it was examined is never kept whole."""
    digest = hashlib.sha256()
    with open(path, "rb") as source:
        while piece := source.read(storage.CHUNK):
            digest.update(piece)
            yield piece
    if digest.hexdigest() != sha256:
        raise Refused("damaged", f"{path} changed while it was read")


