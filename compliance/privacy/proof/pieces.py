"""The storage’s files, Redis and the logs, searched a piece at a time."""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final

from flask import current_app

from compliance.privacy.needles import Needles

from .report import Finding, Report

CHUNK: Final = 1 << 20
CARRY: Final = 4096
"""Bytes that two pieces of a file share, so that a word on their border is found."""


def search_storage(report: Report, wanted: Needles, part: str) -> None:
    storage, files, size = current_app.extensions["storage"], 0, 0
    for key in storage.keys():  # noqa: SIM118  no dict
        files += 1
        found, octets = _search(storage.open(key), wanted)
        size += octets
        report.findings += [Finding(f"{part}storage {key}", what) for what in sorted(found)]
    report.searched[f"{part}storage"] = f"{files} files, {size} bytes"


def _search(pieces: Iterable[bytes], wanted: Needles) -> tuple[set[str], int]:
    found: set[str] = set()
    carried, size = b"", 0
    for piece in pieces:
        size += len(piece)
        hay = carried + piece
        found |= wanted.named_in(hay)
        carried = hay[-CARRY:]
    return found, size


def search_redis(report: Report, wanted: Needles) -> None:
    redis, keys, size = current_app.extensions["redis"], 0, 0
    for key in redis.scan_iter(count=1000):
        keys += 1
        for piece in (key, *_values(redis, key)):
            size += len(piece)
            for what in sorted(wanted.named_in(piece) | wanted.named_in(_inflated(piece))):
                report.findings.append(Finding(f"redis {key.decode(errors='replace')}", what))
    report.searched["redis"] = f"{keys} keys, {size} bytes"


def _values(redis: Any, key: bytes) -> Iterator[bytes]:
    kind = redis.type(key)
    if kind == b"string":
        yield redis.get(key) or b""
    elif kind == b"hash":
        for name, value in redis.hgetall(key).items():
            yield from (name, value)
    elif kind == b"list":
        yield from redis.lrange(key, 0, -1)
    elif kind == b"set":
        yield from redis.smembers(key)
    elif kind == b"zset":
        yield from redis.zrange(key, 0, -1)
    elif kind == b"stream":
        for _entry, fields in redis.xrange(key):
            yield from (part for pair in fields.items() for part in pair)


def _inflated(piece: bytes) -> bytes:
    """RQ packs a job's arguments."""
    try:
        return zlib.decompress(piece) if piece[:1] == b"\x78" else b""
    except zlib.error:
        return b""


def search_folder(report: Report, wanted: Needles, folder: Path) -> None:
    """Files of a log, packed ones among them."""
    files = size = 0
    for path in sorted(folder.rglob("*")) if folder.is_dir() else ():
        if path.is_file():
            files += 1
            found, octets = _search(_read(path), wanted)
            size += octets
            report.findings += [Finding(f"log {path}", what) for what in sorted(found)]
    report.searched[f"logs {folder}"] = f"{files} files, {size} bytes"


def _read(path: Path) -> Iterator[bytes]:
    opener: Any = gzip.open if path.suffix == ".gz" else open
    with opener(path, "rb") as source:
        while piece := source.read(CHUNK):
            yield piece
