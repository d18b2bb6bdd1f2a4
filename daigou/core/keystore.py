"""Where data keys live: outside the main database and its backups, so that destroying one erases for good.

One key per subject and purpose, wrapped by a key-encryption key (KEK) that no database holds (keyring.Wrapper). The
adapter here is a second PostgreSQL database with its own role; another store fits the same protocol.
"""

from __future__ import annotations

import os
import threading
import time
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any, Protocol
from uuid import UUID

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import Connection, Engine, Row, text

from . import clock, ids
from .keyring import Wrapper

SCHEMA = """
CREATE TABLE IF NOT EXISTS data_keys (
    id uuid PRIMARY KEY,
    subject text NOT NULL,
    purpose text NOT NULL,
    kek_id text NOT NULL,
    wrapped bytea NOT NULL,
    current boolean NOT NULL DEFAULT true,
    created_at timestamptz NOT NULL
);
CREATE UNIQUE INDEX IF NOT EXISTS uq_data_keys_current ON data_keys (subject, purpose) WHERE current;
CREATE INDEX IF NOT EXISTS ix_data_keys_kek ON data_keys (kek_id, id);
CREATE TABLE IF NOT EXISTS tombstones (
    subject text NOT NULL,
    purpose text NOT NULL,
    destroyed_at timestamptz NOT NULL,
    reason text NOT NULL,
    PRIMARY KEY (subject, purpose)
);
CREATE TABLE IF NOT EXISTS keks (
    id text PRIMARY KEY,
    introduced_at timestamptz NOT NULL
);
"""

CACHE_SECONDS = 60.0  # how long after its destruction a key may still live in a process's memory
CACHE_KEYS = 4096
_EVER = datetime(1970, 1, 1, tzinfo=UTC)


class KeyDestroyed(LookupError):
    """The key is gone: what it sealed can't be read by anybody any more."""


@dataclass(frozen=True, slots=True)
class DataKey:
    """A key as it is used: made ready once, for to make it ready takes longer than to seal with it."""

    id: UUID
    secret: bytes  # 32 bytes
    octets: bytes = field(init=False)  # the id as sealed values carry it
    suffix: bytes = field(init=False)  # ``|<id>``, the end of the associated data
    cipher: AESGCM = field(init=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "octets", self.id.bytes)
        object.__setattr__(self, "suffix", f"|{self.id}".encode())
        object.__setattr__(self, "cipher", AESGCM(self.secret))


@dataclass(frozen=True, slots=True)
class Census:
    """``keys`` counts data keys by KEK; ``since`` is when each KEK came into use."""

    keys: dict[str, int]
    since: dict[str, datetime]
    tombstones: int


class KeyStore(Protocol):
    def current(self, subject: str, purpose: str) -> DataKey:
        """The key to write with, made on first use. KeyDestroyed when the subject was erased for this purpose."""

    def by_id(self, key_id: bytes) -> DataKey:
        """The key to read with, by the 16 bytes of its id as sealed values carry it. KeyDestroyed when it is gone."""

    def destroy(self, subject: str, purpose: str, reason: str) -> int:
        """Delete the keys and leave a tombstone; how many keys there were."""

    def erased(self, purpose: str, since: datetime | None = None) -> list[str]:
        """The subjects whose key of this purpose was destroyed (since then)."""


class PostgresKeyStore:
    """Data keys in a database of their own, each wrapped under the KEK that its row names."""

    def __init__(self, engine: Engine, keks: Wrapper) -> None:
        self._engine = engine
        self.keks = keks
        self._cache: dict[object, tuple[float, DataKey]] = {}
        self._lock = threading.Lock()

    def prepare(self) -> None:
        """Make the tables. Safe to call at every start."""
        with self._engine.begin() as connection:
            connection.execute(text(SCHEMA))

    def current(self, subject: str, purpose: str) -> DataKey:
        cached = self._remembered((subject, purpose))
        if cached:
            return cached
        with self._engine.begin() as connection:
            key = self._read_current(connection, subject, purpose) or self._make(connection, subject, purpose)
        return self._remember((subject, purpose), key)

    def by_id(self, key_id: bytes) -> DataKey:
        cached = self._remembered(key_id)
        if cached:
            return cached
        with self._engine.connect() as connection:
            statement = text("SELECT id, subject, purpose, kek_id, wrapped FROM data_keys WHERE id = :id")
            row = connection.execute(statement, {"id": UUID(bytes=key_id)}).one_or_none()
        if row is None:
            raise KeyDestroyed(key_id.hex())
        return self._remember(key_id, self._unwrap(row))

    def destroy(self, subject: str, purpose: str, reason: str) -> int:
        values = {"subject": subject, "purpose": purpose, "at": clock.now(), "reason": reason}
        with self._engine.begin() as connection:
            _lock(connection, subject, purpose)
            connection.execute(
                text("INSERT INTO tombstones VALUES (:subject, :purpose, :at, :reason) ON CONFLICT DO NOTHING"), values
            )
            gone = connection.execute(
                text("DELETE FROM data_keys WHERE subject = :subject AND purpose = :purpose"), values
            ).rowcount
        with self._lock:
            self._cache.clear()
        return gone

    def erased(self, purpose: str, since: datetime | None = None) -> list[str]:
        query = "SELECT subject FROM tombstones WHERE purpose = :purpose AND destroyed_at >= :since ORDER BY subject"
        with self._engine.connect() as connection:
            rows = connection.execute(text(query), {"purpose": purpose, "since": since or _EVER})
            return [str(row[0]) for row in rows]

    def introduce(self, kek: str) -> None:
        """Note when a KEK came into use, and, where that was never noted, those before it."""
        with self._engine.begin() as connection:
            connection.execute(
                text(
                    "INSERT INTO keks SELECT kek_id, min(created_at) FROM data_keys GROUP BY kek_id"
                    " ON CONFLICT DO NOTHING"
                )
            )
            connection.execute(
                text("INSERT INTO keks VALUES (:id, :at) ON CONFLICT DO NOTHING"), {"id": kek, "at": clock.now()}
            )

    def rewrap(self, limit: int) -> int:
        """Wrap up to ``limit`` data keys anew under the current KEK, in one transaction; how many there were.

        The keys themselves stay, so nothing that they sealed is touched and whoever reads meanwhile finds them under
        the old KEK or the new one. Rows that somebody else holds are left for the next call.
        """
        kek = self.keks.current
        with self._engine.begin() as connection:
            rows = connection.execute(
                text(
                    "SELECT id, subject, purpose, kek_id, wrapped FROM data_keys WHERE kek_id <> :kek"
                    " ORDER BY kek_id, id LIMIT :limit FOR UPDATE SKIP LOCKED"
                ),
                {"kek": kek, "limit": limit},
            ).all()
            anew = [self.keks.wrap(kek, self._secret(row), _bound(row[0], row[1], row[2], kek)) for row in rows]
            connection.execute(
                text(
                    "UPDATE data_keys k SET kek_id = :kek, wrapped = n.wrapped"
                    " FROM unnest(CAST(:ids AS uuid[]), CAST(:wrapped AS bytea[])) AS n (id, wrapped)"
                    " WHERE k.id = n.id"
                ),
                {"kek": kek, "ids": [row[0] for row in rows], "wrapped": anew},
            )
        return len(rows)

    def census(self) -> Census:
        """How many data keys stand under which KEK, since when each is in use, and how many tombstones there are."""
        with self._engine.connect() as connection:
            execute = connection.execute
            counted = execute(text("SELECT kek_id, count(*), min(created_at) FROM data_keys GROUP BY kek_id"))
            keys = {kek: (int(count), oldest) for kek, count, oldest in counted}
            noted: dict[str, datetime] = {row[0]: row[1] for row in execute(text("SELECT id, introduced_at FROM keks"))}
            dead = execute(text("SELECT count(*) FROM tombstones")).scalar_one()
        since = {kek: noted.get(kek) or keys[kek][1] for kek in {*keys, *noted}}
        return Census({kek: count for kek, (count, _) in keys.items()}, since, int(dead))

    def _read_current(self, connection: Connection, subject: str, purpose: str) -> DataKey | None:
        row = connection.execute(
            text(
                "SELECT id, subject, purpose, kek_id, wrapped FROM data_keys"
                " WHERE subject = :subject AND purpose = :purpose AND current"
            ),
            {"subject": subject, "purpose": purpose},
        ).one_or_none()
        return None if row is None else self._unwrap(row)

    def _make(self, connection: Connection, subject: str, purpose: str) -> DataKey:
        execute = connection.execute
        values = {"subject": subject, "purpose": purpose}
        _lock(connection, subject, purpose)
        if execute(text("SELECT 1 FROM tombstones WHERE subject = :subject AND purpose = :purpose"), values).first():
            raise KeyDestroyed(f"{subject} {purpose}")
        key_id, secret, kek = ids.new_id(), os.urandom(32), self.keks.current
        execute(
            text(
                "INSERT INTO data_keys (id, subject, purpose, kek_id, wrapped, created_at)"
                " VALUES (:id, :subject, :purpose, :kek, :wrapped, :at)"
                " ON CONFLICT (subject, purpose) WHERE current DO NOTHING"
            ),
            {
                **values,
                "id": key_id,
                "kek": kek,
                "at": clock.now(),
                "wrapped": self.keks.wrap(kek, secret, _bound(key_id, subject, purpose, kek)),
            },
        )
        made = self._read_current(connection, subject, purpose)  # another process may have been first
        if made is None:
            raise KeyDestroyed(f"{subject} {purpose}")
        return made

    def _unwrap(self, row: Row[Any]) -> DataKey:
        return DataKey(row[0], self._secret(row))

    def _secret(self, row: Row[Any]) -> bytes:
        key_id, subject, purpose, kek, wrapped = tuple(row)
        return self.keks.unwrap(kek, bytes(wrapped), _bound(key_id, subject, purpose, kek))

    def _remembered(self, name: object) -> DataKey | None:
        found = self._cache.get(name)
        return found[1] if found and found[0] > time.monotonic() else None

    def _remember(self, name: object, key: DataKey) -> DataKey:
        with self._lock:
            if len(self._cache) >= CACHE_KEYS:
                self._cache.clear()
            self._cache[name] = (time.monotonic() + CACHE_SECONDS, key)
        return key


def _lock(connection: Connection, subject: str, purpose: str) -> None:
    """Making a key and destroying it wait for each other: else one made in between would outlive its tombstone."""
    statement = text("SELECT pg_advisory_xact_lock(hashtextextended(:name, 0))")
    connection.execute(statement, {"name": f"{subject}|{purpose}"})


def _bound(key_id: UUID, subject: str, purpose: str, kek: str) -> bytes:
    """Associated data of a wrapped key: it unwraps in its own row only."""
    return f"data_keys|{subject}|{purpose}|{key_id}|{kek}".encode()
