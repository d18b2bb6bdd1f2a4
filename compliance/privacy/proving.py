"""The proof of an erasure: what was known of somebody is looked for everywhere, in every shape, and is not there.

Nothing is taken from the models: the tables searched are those that the database has, the files those that the storage
has. A sealed value is tried to be opened. What is printed names places, never the words.
"""

from __future__ import annotations

import gzip
import zlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any, Final

from cryptography.exceptions import InvalidTag
from flask import current_app
from sqlalchemy import select, text

from daigou.core.crypto import blind_indexes, normalised, vault
from daigou.core.db import db, transaction
from daigou.core.keystore import KeyDestroyed
from daigou.documents import sealing
from daigou.documents.models import StoredFile

from . import needles
from .models_requests import Probes, Remainder
from .needles import Needles
from .purposes import PURPOSES
from .subject import models, sealed_of

CHUNK: Final = 1 << 20
CARRY: Final = 4096
"""Bytes that two pieces of a file share, so that a word on their border is found."""
MOST_OPENED: Final = 100_000
# Not ours and the same for everybody: a name may well stand there.
PUBLISHED: Final = {"screening_entries": "the published lists of sanctions"}
_TEXTS: Final = ("text", "varchar", "bpchar", "citext", "jsonb", "json", "name", "_text", "_varchar")


@dataclass(frozen=True, slots=True)
class Finding:
    """``what`` says which word by its number, and in which shape."""

    place: str
    what: str


@dataclass
class Report:
    """``searched`` says how much, place by place; ``kept`` what the law still keeps sealed; ``left_out`` what nobody
    looked into, with the reason."""

    searched: dict[str, str] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)
    kept: list[str] = field(default_factory=list)
    left_out: dict[str, str] = field(default_factory=dict)

    @property
    def exit_code(self) -> int:
        return 1 if self.findings else 0

    def lines(self) -> Iterator[str]:
        for place, amount in self.searched.items():
            yield f"searched  {place}: {amount}"
        for place, why in self.left_out.items():
            yield f"left out  {place}: {why}"
        yield from (f"kept      {line}" for line in self.kept)
        yield from (f"FOUND     {finding.place}: {finding.what}" for finding in self.findings)


@dataclass(frozen=True, slots=True)
class Known:
    """Whom the proof is about: the words to look for, and the erased subject where it is known; ``kept`` is what the
    law still keeps of it, by purpose."""

    words: tuple[str, ...]
    subject: str | None
    kept: dict[str, tuple[date, str]] = field(default_factory=dict)


def known(user: str, more: Iterable[str] = ()) -> Known:
    """From an e-mail address, a subject or the reference of the request; ``more`` are words from outside.

    The words kept at the erasure are there for a month; afterwards only what is given here can be looked for.
    """
    for row in db.session.scalars(select(Probes).order_by(Probes.id.desc())):
        words = row.words if isinstance(row.words, list) else []
        if user in (row.erased_subject, row.request_ref) or normalised(user) in map(normalised, words):
            return _known([*words, *more], row.erased_subject)
    return _known([user, *more], None) if "@" in user else _known(more, user)


def _known(words: Iterable[str], subject: str | None) -> Known:
    return Known(tuple(dict.fromkeys(words)), subject, _kept(subject) if subject else {})


def prove(who: Known, logs: Iterable[Path] = (), *, part: str = "") -> Report:
    """Search the running application's places; ``part`` comes before their names (a restored backup's)."""
    report, wanted = Report(), needles.of(who.words)
    _database(report, wanted, part)
    _indexes(report, who, part)
    _openable(report, who, part)
    _storage(report, wanted, part)
    if not part:
        _say_what_fades(report)
        _redis(report, wanted)
        for folder in logs:
            _folder(report, wanted, folder)
    return report


_WRITTEN_AHEAD = "SELECT current_setting('max_wal_size'), current_setting('archive_mode')"


def _say_what_fades(report: Report) -> None:
    """What nobody can search, and what bounds it: docs/privacy.md, "Traces that fade by themselves"."""
    size, archives = db.session.execute(text(_WRITTEN_AHEAD)).one()
    keyless = "ciphertexts without their key"
    report.left_out["dead rows"] = f"{keyless}, until the next vacuum of their table"
    report.left_out["write-ahead log"] = f"{keyless}, overwritten within max_wal_size ({size}) or at a checkpoint"
    report.left_out["archived write-ahead log"] = (
        "none is made here (archive_mode is off)"
        if archives == "off"
        else f"{keyless}, kept as long as the archive keeps them; the archive of the key store is the one that counts"
    )
    kept = "they hold the wrapped key until they expire (backup --keep-keys: 7 days)"
    report.left_out["backups of the key store"] = kept


def _database(report: Report, wanted: Needles, part: str) -> None:
    rows_seen = size = columns_seen = 0
    with transaction():
        for table, columns in _columns().items():
            if table in PUBLISHED:
                report.left_out[f"{part}table {table}"] = PUBLISHED[table]
                continue
            rows, octets, hits = _scan(table, columns, wanted)
            rows_seen, size, columns_seen = rows_seen + rows, size + octets, columns_seen + len(columns)
            report.findings += [Finding(f"{part}database {table}.{c}", f"{n} rows") for c, n in hits.items() if n]
    report.searched[f"{part}database"] = f"{columns_seen} columns, {rows_seen} rows, {size} bytes"


def _columns() -> dict[str, dict[str, str]]:
    """Every column of text or bytes of every table that there is, by its type."""
    query = text(
        "SELECT c.table_name, c.column_name, c.udt_name FROM information_schema.columns c"
        " JOIN information_schema.tables t USING (table_schema, table_name)"
        " WHERE c.table_schema = 'public' AND t.table_type = 'BASE TABLE' ORDER BY 1, 2"
    )
    found: dict[str, dict[str, str]] = {}
    for table, column, kind in db.session.execute(query):
        if kind in _TEXTS or kind == "bytea":
            found.setdefault(table, {})[column] = kind
    return found


def _scan(table: str, columns: dict[str, str], wanted: Needles) -> tuple[int, int, dict[str, int]]:
    """Rows, bytes, and in how many rows each column holds a shape: one pass over the table."""
    quote = db.engine.dialect.identifier_preparer.quote
    parts = []
    for number, (column, kind) in enumerate(columns.items()):
        shown = f"encode({quote(column)}, 'escape')" if kind == "bytea" else f"CAST({quote(column)} AS text)"
        patterns = "bytes" if kind == "bytea" else "texts"
        parts.append(f"count(*) FILTER (WHERE lower({shown}) LIKE ANY (:{patterns})) AS c{number}")
        parts.append(f"coalesce(sum(octet_length({shown})), 0) AS s{number}")
    query = text(f"SELECT count(*), {', '.join(parts)} FROM {quote(table)}")  # noqa: S608  names of the catalogue, quoted
    values = {"texts": wanted.like(), "bytes": wanted.like_bytes()}
    used = {name: value for name, value in values.items() if f":{name}" in str(query)}
    row = db.session.execute(query, used).one()
    counts, sizes = row[1::2], row[2::2]
    return int(row[0]), int(sum(sizes)), dict(zip(columns, map(int, counts), strict=True))


def _indexes(report: Report, who: Known, part: str) -> None:
    """Whether anybody could still be found by these words: each blind index is made anew and looked up."""
    looked = 0
    with transaction():
        for model in models().values():
            for column in (c for c in model.__table__.columns if "blind_index" in c.info):
                values = [index for word in who.words for index in blind_indexes(column.info["blind_index"], word)]
                looked += len(values)
                statement = select(model.id).where(column.in_(values)).limit(1)
                if values and db.session.execute(statement).first():
                    place = f"{part}index {model.__tablename__}.{column.key}"
                    report.findings.append(Finding(place, "a blind index of one of the words"))
    report.searched[f"{part}indexes"] = f"{looked} blind indexes looked up"


def _openable(report: Report, who: Known, part: str) -> None:
    """Try to open every sealed value and file of the erased person. What the law keeps may open, and is said."""
    if who.subject is None:
        report.left_out[f"{part}sealed values"] = "the words kept at the erasure are gone, so nobody knows whose"
        return
    with transaction():
        kept = who.kept
        report.kept += [f"{part}{purpose} until {until}: {source}" for purpose, (until, source) in kept.items()]
        tried = _try_rows(report, who.subject, kept, part) + _try_files(report, who.subject, kept, part)
    report.searched[f"{part}sealed values"] = f"{tried} tried to open"
    alive = [p for p in PURPOSES if p not in kept and who.subject not in vault().keys.erased(p)]
    report.findings += [Finding(f"{part}key store", f"no tombstone for {purpose}") for purpose in alive]


def _kept(subject: str) -> dict[str, tuple[date, str]]:
    rows = db.session.scalars(select(Remainder).filter_by(subject=subject, gone_at=None))
    return {row.purpose: (row.until, row.source) for row in rows}


def _try_rows(report: Report, subject: str, kept: dict[str, Any], part: str) -> int:
    tried = 0
    for model in models().values():
        if "subject" not in model.__table__.columns:
            continue
        for sealed in sealed_of(model).values():
            column = getattr(model, sealed.column)
            rows = select(model.id, column).where(model.subject == subject, column.is_not(None)).limit(MOST_OPENED)
            opened = 0
            for row_id, octets in db.session.execute(rows):
                tried += 1
                opened += _opens(f"{model.__tablename__}|{sealed.column}|{row_id}", bytes(octets))
            if opened and sealed.purpose not in kept:
                place = f"{part}sealed {model.__tablename__}.{sealed.column}"
                report.findings.append(Finding(place, f"{opened} values can be read"))
    return tried


def _opens(place: str, octets: bytes) -> bool:
    try:
        vault().open(place, octets)
    except (KeyDestroyed, InvalidTag):
        return False
    return True


def _try_files(report: Report, subject: str, kept: dict[str, Any], part: str) -> int:
    storage, tried = current_app.extensions["storage"], 0
    for file in db.session.scalars(select(StoredFile).where(StoredFile.subject == subject)):
        if file.data_key_id is None or not storage.exists(file.storage_key):
            continue
        tried += 1
        if _file_opens(file, storage.open(file.storage_key)) and file.purpose not in kept:
            report.findings.append(Finding(f"{part}storage {file.storage_key}", "a sealed file can be read"))
    return tried


def _file_opens(file: StoredFile, pieces: Iterable[bytes]) -> bool:
    try:
        next(sealing.unseal(vault().keys.by_id, f"stored_files|content|{file.id}", pieces), b"")
    except (KeyDestroyed, sealing.Damaged):
        return False
    return True


def _storage(report: Report, wanted: Needles, part: str) -> None:
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


def _redis(report: Report, wanted: Needles) -> None:
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


def _folder(report: Report, wanted: Needles, folder: Path) -> None:
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


