"""A file that was just written: measured, and handed on in pieces."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from hashlib import sha256
from typing import IO, Final

_CHUNK: Final = 1 << 18


def measure(file: IO[bytes]) -> tuple[int, str]:
    """Bytes and SHA-256 of a file that was just written."""
    digest, size = sha256(), 0
    for piece in chunks(file):
        digest.update(piece)
        size += len(piece)
    return size, digest.hexdigest()


def chunks(file: IO[bytes]) -> Iterator[bytes]:
    """All of it from its beginning, 256 KiB at a time."""
    file.seek(0)
    return iter(partial(file.read, _CHUNK), b"")
