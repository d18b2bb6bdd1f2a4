"""Envelope encryption of single values, and blind indexes for looking them up.

A sealed value is: version (1 byte), data key id (16), nonce (12), AES-256-GCM ciphertext and tag. Its associated data
is ``table|column|row|key id``, so a ciphertext moved to another place does not open.
"""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import unicodedata
from typing import Any

from flask import current_app
from sqlalchemy import LargeBinary
from sqlalchemy.orm import Mapped, mapped_column

from .keyring import Keyring
from .keystore import KeyDestroyed, KeyStore

PURPOSES = frozenset({"account", "transaction", "identity", "conversation"})
_VERSION = b"\x01"

# What stands on a page where a value can't be read any more because its key was destroyed.
ERASED = "∅"


class Vault:
    """Seals and opens values with keys from the key store, and makes blind indexes."""

    def __init__(self, keys: KeyStore, index_keys: Keyring) -> None:
        self.keys = keys
        self.index_keys = index_keys

    def seal(self, subject: str, purpose: str, place: str, plain: bytes) -> bytes:
        """``place`` is ``table|column|row``."""
        if purpose not in PURPOSES:
            raise ValueError(f"unknown purpose {purpose!r}")
        key = self.keys.current(subject, purpose)
        nonce = os.urandom(12)
        return _VERSION + key.octets + nonce + key.cipher.encrypt(nonce, plain, place.encode() + key.suffix)

    def open(self, place: str, sealed: bytes) -> bytes:
        """KeyDestroyed when the subject was erased; InvalidTag when the bytes or the place are not the ones sealed."""
        if sealed[:1] != _VERSION:
            raise ValueError("unknown sealing version")
        key = self.keys.by_id(sealed[1:17])
        return key.cipher.decrypt(sealed[17:29], sealed[29:], place.encode() + key.suffix)

    def blind_index(self, column: str, value: str) -> bytes:
        """A keyed hash to find equal values by, as it is written: the epoch (1 byte) and 32 bytes.

        Each column and epoch has a key of its own.
        """
        return self._blind_index(column, value, self.index_keys.current)

    def blind_indexes(self, column: str, value: str) -> list[bytes]:
        """The index of every epoch that may stand in a row, the one that writes first: what to look up by."""
        return [self._blind_index(column, value, epoch) for epoch in self.index_keys.names()]

    def _blind_index(self, column: str, value: str, epoch: str) -> bytes:
        key = hmac.digest(self.index_keys[epoch], f"{column}|{epoch}".encode(), "sha256")
        return bytes([int(epoch)]) + hmac.digest(key, normalised(value).encode(), "sha256")

    def token_hash(self, token: str) -> bytes:
        """For one-time tokens: what the database keeps instead of the token."""
        return hashlib.sha256(token.encode()).digest()


def normalised(value: str) -> str:
    """What two spellings of one value share: compatibility form, folded case, single spaces."""
    return " ".join(unicodedata.normalize("NFKC", value).casefold().split())


def vault() -> Vault:
    """The running application's vault."""
    found: Vault = current_app.extensions["vault"]
    return found


def blind_index(column: str, value: str) -> bytes:
    return vault().blind_index(column, value)


def blind_indexes(column: str, value: str) -> list[bytes]:
    return vault().blind_indexes(column, value)


def index_column(name: str, of: str, **more: Any) -> Mapped[bytes]:
    """A column of blind indexes: ``name`` keys it (``accounts.email``), ``of`` is the Sealed attribute it is made from.

    `daigou keys reindex` finds it by its info.
    """
    return mapped_column(LargeBinary, info={"blind_index": name, "of": of}, **{"nullable": False, **more})


def sealed_column(purpose: str, subject: str = "subject") -> Mapped[bytes | None]:
    """The column behind a Sealed attribute; its info is what privacy tools walk the metadata for."""
    return mapped_column(LargeBinary, nullable=True, info={"personal": purpose, "subject": subject})


class Sealed:
    """An attribute that reads and writes plain JSON values and stores them sealed in ``<name>_sealed``.

    ``subject`` names the attribute that holds the row's subject reference; it must be set before the value.
    """

    def __init__(self, purpose: str, subject: str = "subject") -> None:
        self.purpose = purpose
        self.subject = subject

    def __set_name__(self, owner: type, name: str) -> None:
        self.column = f"{name}_sealed"

    def __get__(self, row: Any, owner: type | None = None) -> Any:
        if row is None:
            return self
        sealed = getattr(row, self.column)
        if sealed is None:
            return None
        try:
            return json.loads(vault().open(self._place(row), sealed))
        except KeyDestroyed:
            return ERASED

    def __set__(self, row: Any, value: Any) -> None:
        if value is None:
            setattr(row, self.column, None)
            return
        plain = json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()
        setattr(row, self.column, vault().seal(getattr(row, self.subject), self.purpose, self._place(row), plain))

    def _place(self, row: Any) -> str:
        return f"{row.__tablename__}|{self.column}|{row.id}"
