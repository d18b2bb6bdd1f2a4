"""Files into a backup’s folder: linked where the backup before has them, else copied."""

from __future__ import annotations

import hashlib
import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
from flask import current_app

from daigou.core.config import Config
from daigou.embedded.home import Home
from daigou.providers.storage import Missing, Storage

from . import dumping, manifest
from .snapshot import storage_keys_of


def copy_files(config: Config, keys: list[str], draft: Path, before: Path | None) -> tuple[list[str], list[str]]:
    """Each file, linked to the copy of the backup before where that has it; files never change. What is not there is
    answered as gone (its row has let go of it since) or missing."""
    storage: Storage = current_app.extensions["storage"]
    known = {row["key"]: row for row in manifest.lines(before / manifest.FILES)} if before else {}
    absent: list[str] = []

    def rows() -> Iterator[dict[str, Any]]:
        for key in keys:
            try:
                yield _linked(known.get(key), draft, before) or _copied(storage, key, draft)
            except Missing:
                absent.append(key)

    manifest.write_lines(draft / manifest.FILES, rows())
    if not absent:
        return [], []
    with psycopg.connect(dumping.plain(config.database_url)) as connection:
        still = set(storage_keys_of(connection))
    return [key for key in absent if key not in still], [key for key in absent if key in still]


def copy_sandbox(config: Config, draft: Path) -> list[str]:
    """The imitated provider's own books, where there are any: after the snapshot, for a real one is ahead of us too."""
    journal = Home.at().sandbox / "journal.jsonl"
    if not config.is_sandbox or not journal.is_file():
        return []
    shutil.copyfile(journal, draft / manifest.SANDBOX)
    (draft / manifest.SANDBOX).chmod(0o600)
    return [manifest.SANDBOX]


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
