"""What a backup says of itself, and whether its parts are as it says.

A backup is a folder named by its moment. It is written aside and renamed when it is whole, so half of one is never
taken for one.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from .refused import Refused

FORMAT = "daigou-backup/1"
KEYS_FORMAT = "daigou-key-backup/1"
NAME = "manifest.json"
DATABASE, KEYS, FILES, SANDBOX = "database.dump", "keystore.dump", "files.jsonl", "sandbox.jsonl"


@dataclass(frozen=True, slots=True)
class Part:
    """One file of the backup, by its name below the folder."""

    name: str
    size: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Manifest:
    """``facts`` holds what else is known of that moment: see backup.py."""

    format: str
    taken_at: datetime
    parts: list[Part]
    facts: dict[str, Any] = field(default_factory=dict)

    def text(self) -> str:
        body = {**asdict(self), "taken_at": self.taken_at.isoformat()}
        return json.dumps({**body, "sha256": _digest(body)}, indent=1, sort_keys=True)


def folder_name(at: datetime) -> str:
    """Sorts by time: ``20261122T003000.123456Z``."""
    return at.astimezone(UTC).strftime("%Y%m%dT%H%M%S.%fZ")


def part_of(folder: Path, name: str) -> Part:
    path = folder / name
    return Part(name, path.stat().st_size, sha256_of(path))


def sha256_of(path: Path) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def write(folder: Path, manifest: Manifest) -> None:
    path = folder / NAME
    with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as out:
        out.write(manifest.text())
        out.flush()
        os.fsync(out.fileno())


def read(folder: Path, form: str) -> Manifest:
    """Raises Refused: not_a_backup, damaged."""
    try:
        body = json.loads((folder / NAME).read_text())
    except FileNotFoundError:
        raise Refused("not_a_backup", f"{folder} holds no backup: {NAME} is not there") from None
    except (OSError, ValueError) as error:
        raise Refused("damaged", f"{folder / NAME} can't be read: {error}") from error
    try:
        if body.pop("sha256") != _digest(body):
            raise Refused("damaged", f"{folder / NAME} was changed: it does not have its own digest")
        if body["format"] != form:
            raise Refused("not_a_backup", f"{folder} is of the form {body['format']}, not {form}")
        parts = [Part(**part) for part in body["parts"]]
        return Manifest(body["format"], datetime.fromisoformat(body["taken_at"]), parts, body["facts"])
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise Refused("damaged", f"{folder / NAME} is not a manifest: {error!r}") from error


def check(folder: Path, manifest: Manifest) -> None:
    """Every part is there and as it was; Refused (incomplete, damaged) names the first that is not."""
    for part in manifest.parts:
        path = folder / part.name
        if not path.is_file():
            raise Refused("incomplete", f"{path} is missing from the backup")
        if path.stat().st_size != part.size or sha256_of(path) != part.sha256:
            raise Refused("damaged", f"{path} is not as it was when the backup was taken")


def newest(place: Path, form: str) -> Path:
    """The backup at ``place``, or the newest one in it."""
    if (place / NAME).is_file():
        return place
    found = _whole(place)
    if not found:
        raise Refused("not_a_backup", f"{place} holds no whole backup")
    read(found[-1], form)
    return found[-1]


def _whole(place: Path) -> list[Path]:
    """Backups in a folder, oldest first; drafts begin with a dot."""
    if not place.is_dir():
        return []
    return sorted(child for child in place.iterdir() if not child.name.startswith(".") and (child / NAME).is_file())


def all_in(place: Path) -> list[Path]:
    return _whole(place)


def lines(path: Path) -> Iterator[dict[str, Any]]:
    """The rows of a .jsonl part; Refused when it is not one."""
    with open(path) as source:
        for number, line in enumerate(source, 1):
            try:
                yield json.loads(line)
            except ValueError as error:
                raise Refused("damaged", f"{path}, line {number}: {error}") from error


def write_lines(path: Path, rows: Iterable[dict[str, Any]]) -> int:
    """How many there were. Replaces the file whole or not at all."""
    draft, count = path.with_name(f".{path.name}.draft"), 0
    with open(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as out:
        for row in rows:
            out.write(json.dumps(row, sort_keys=True) + "\n")
            count += 1
        out.flush()
        os.fsync(out.fileno())
    draft.replace(path)
    return count


def _digest(body: dict[str, Any]) -> str:
    return hashlib.sha256(json.dumps(body, sort_keys=True).encode()).hexdigest()
