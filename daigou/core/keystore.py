"""Where data keys live: outside the main database and its backups, so that destroying one erases for good.

One key per subject and purpose, wrapped by a key-encryption key (KEK) that no database holds. The adapter here is a
second PostgreSQL database with its own role; Vault or a cloud KMS fit the same protocol.
"""

from __future__ import annotations

import os
import threading
import time
from dataclasses import dataclass, field
from typing import Any, Protocol
from uuid import UUID

from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import Connection, Engine, Row, text

from . import clock, ids

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
"""

CACHE_SECONDS = 60.0  # how long after its destruction a key may still live in a process's memory
CACHE_KEYS = 4096


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


class KeyStore(Protocol):
    def current(self, subject: str, purpose: str) -> DataKey:
        """The key to write with, made on first use. KeyDestroyed when the subject was erased for this purpose."""

    def by_id(self, key_id: bytes) -> DataKey:
        """The key to read with, by the 16 bytes of its id as sealed values carry it. KeyDestroyed when it is gone."""

    def destroy(self, subject: str, purpose: str, reason: str) -> int:
        """Delete the keys and leave a tombstone; how many keys there were."""


class PostgresKeyStore:
    """``keks`` maps KEK ids to 32-byte keys; the first wraps what is new, all unwrap."""

    def __init__(self, engine: Engine, keks: dict[str, bytes]) -> None:
        self._engine = engine
        self._keks = keks
        self._current_kek = next(iter(keks))
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
            connection.execute(
                text("INSERT INTO tombstones VALUES (:subject, :purpose, :at, :reason) ON CONFLICT DO NOTHING"), values
            )
            gone = connection.execute(
                text("DELETE FROM data_keys WHERE subject = :subject AND purpose = :purpose"), values
            ).rowcount
        with self._lock:
            self._cache.clear()
        return gone

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
        if execute(text("SELECT 1 FROM tombstones WHERE subject = :subject AND purpose = :purpose"), values).first():
            raise KeyDestroyed(f"{subject} {purpose}")
        key_id, secret = ids.new_id(), os.urandom(32)
        execute(
            text(
                "INSERT INTO data_keys (id, subject, purpose, kek_id, wrapped, created_at)"
                " VALUES (:id, :subject, :purpose, :kek, :wrapped, :at)"
                " ON CONFLICT (subject, purpose) WHERE current DO NOTHING"
            ),
            {
                **values,
                "id": key_id,
                "kek": self._current_kek,
                "at": clock.now(),
                "wrapped": self._wrap(key_id, subject, purpose, secret),
            },
        )
        made = self._read_current(connection, subject, purpose)  # another process may have been first
        if made is None:
            raise KeyDestroyed(f"{subject} {purpose}")
        return made

    def _wrap(self, key_id: UUID, subject: str, purpose: str, secret: bytes) -> bytes:
        nonce = os.urandom(12)
        bound = f"data_keys|{subject}|{purpose}|{key_id}|{self._current_kek}".encode()
        return nonce + AESGCM(self._keks[self._current_kek]).encrypt(nonce, secret, bound)

    def _unwrap(self, row: Row[Any]) -> DataKey:
        key_id, subject, purpose, kek_id, wrapped = tuple(row)
        bound = f"data_keys|{subject}|{purpose}|{key_id}|{kek_id}".encode()
        secret = AESGCM(self._keks[kek_id]).decrypt(wrapped[:12], bytes(wrapped[12:]), bound)
        return DataKey(key_id, secret)

    def _remembered(self, name: object) -> DataKey | None:
        found = self._cache.get(name)
        return found[1] if found and found[0] > time.monotonic() else None

    def _remember(self, name: object, key: DataKey) -> DataKey:
        with self._lock:
            if len(self._cache) >= CACHE_KEYS:
                self._cache.clear()
            self._cache[name] = (time.monotonic() + CACHE_SECONDS, key)
        return key
