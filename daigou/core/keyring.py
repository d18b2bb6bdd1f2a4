"""Named keys that no database holds (KEKs, blind-index keys), in their order: the first writes, all read.

A ring that stands in a file follows it: `daigou keys rotate` changes the file, and running processes go on with the new
one at their next use, without a restart.
"""

from __future__ import annotations

import base64
import logging
import os
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Protocol

from cryptography.hazmat.primitives.ciphers.aead import AESGCM

log = logging.getLogger(__name__)

UNNAMED = "1"  # what a lone key without a name is called


class UnknownKey(LookupError):
    """A key of this name is not here: it was taken away too early, or this machine has an older file."""


def parse(text: str) -> dict[str, bytes]:
    """``name:base64 of 32 bytes``, a line or comma each; a lone key may go without its name. ValueError otherwise."""
    found: dict[str, bytes] = {}
    for line in text.replace(",", "\n").split():
        name, colon, value = line.rpartition(":")
        name = name if colon else UNNAMED
        key = base64.b64decode(value, validate=True)
        if not name or name in found or len(key) != 32:
            raise ValueError
        found[name] = key
    if not found:
        raise ValueError
    return found


def parse_epochs(text: str) -> dict[str, bytes]:
    """Like parse(), where names are epochs: numbers from 1 to 255."""
    found = parse(text)
    if not all(name.isdigit() and 1 <= int(name) <= 255 for name in found):
        raise ValueError
    return found


def written(keys: Mapping[str, bytes]) -> str:
    """The form that parse() reads."""
    return "".join(f"{name}:{base64.b64encode(key).decode()}\n" for name, key in keys.items())


class Keyring:
    """``keys`` as the settings gave them; with ``path``, what the file says now."""

    def __init__(self, keys: Mapping[str, bytes], path: str = "") -> None:
        self._keys = dict(keys)
        self._path = Path(path) if path else None
        self._seen: tuple[int, int, int] | None = None
        self._lock = threading.Lock()

    @property
    def current(self) -> str:
        """The name of the key that writes."""
        return next(iter(self.keys()))

    def names(self) -> list[str]:
        return list(self.keys())

    def __getitem__(self, name: str) -> bytes:
        try:
            return self.keys()[name]
        except KeyError:
            raise UnknownKey(f"no key {name!r} here") from None

    def keys(self) -> dict[str, bytes]:
        """All of them, read again when the file has changed. A file that can't be read leaves the last good state."""
        if self._path is None:
            return self._keys
        try:
            stat = os.stat(self._path)
            seen = (stat.st_mtime_ns, stat.st_ino, stat.st_size)
            if seen != self._seen:
                with self._lock:
                    self._keys, self._seen = parse(self._path.read_text()), seen
        except (OSError, ValueError) as error:
            log.error("the key file can't be read: going on with what it said before", extra={"error": repr(error)})
        return self._keys


class Wrapper(Protocol):
    """What wraps data keys. A KMS outside fits: it never shows its keys, only wraps and unwraps under their names."""

    @property
    def current(self) -> str:
        """The name of the KEK that wraps what is new."""

    def names(self) -> list[str]:
        """The KEKs that can unwrap here."""

    def wrap(self, name: str, secret: bytes, bound: bytes) -> bytes:
        """``bound`` is associated data: to unwrap, the same must be given."""

    def unwrap(self, name: str, wrapped: bytes, bound: bytes) -> bytes:
        """UnknownKey where this KEK is not at hand."""


class LocalWrapper:
    """AES-256-GCM with the KEKs of a ring: a nonce of 12 bytes, then ciphertext and tag."""

    def __init__(self, ring: Keyring) -> None:
        self.ring = ring

    @property
    def current(self) -> str:
        return self.ring.current

    def names(self) -> list[str]:
        return self.ring.names()

    def wrap(self, name: str, secret: bytes, bound: bytes) -> bytes:
        nonce = os.urandom(12)
        return nonce + AESGCM(self.ring[name]).encrypt(nonce, secret, bound)

    def unwrap(self, name: str, wrapped: bytes, bound: bytes) -> bytes:
        return AESGCM(self.ring[name]).decrypt(wrapped[:12], wrapped[12:], bound)
