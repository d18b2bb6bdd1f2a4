"""The file that holds KEKs or blind-index keys: changed whole or not at all, with its owner and its mode."""

from __future__ import annotations

import os
import secrets
from collections.abc import Callable, Mapping
from pathlib import Path

from daigou.core.keyring import written

from .refused import Refused


def prepare(path: Path, keys: Mapping[str, bytes], name: str) -> None:
    """Add a new random key at the end: every process may read with it before any writes with it."""
    _replace(path, {**keys, name: secrets.token_bytes(32)})


def promote(path: Path, keys: Mapping[str, bytes], name: str) -> None:
    """Put a key first: from now on it writes."""
    _replace(path, {name: keys[name], **keys})


def drop(path: Path, keys: Mapping[str, bytes], name: str) -> None:
    _replace(path, {known: key for known, key in keys.items() if known != name})


def number_of(name: str) -> int:
    """``k2`` is 2: keys are numbered in the order in which they were made."""
    digits = "".join(character for character in name if character.isdigit())
    return int(digits) if digits else 0


def next_name(keys: Mapping[str, bytes], form: Callable[[int], str]) -> str:
    """``k2`` after ``k1``."""
    return form(max(map(number_of, keys)) + 1)


def _replace(path: Path, keys: Mapping[str, bytes]) -> None:
    fresh = path.with_name(f".{path.name}.{secrets.token_hex(6)}")
    try:
        before = path.stat()
        handle = os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "w") as out:
            out.write(written(keys))
            out.flush()
            if (before.st_uid, before.st_gid) != (os.geteuid(), os.getegid()):
                os.fchown(handle, before.st_uid, before.st_gid)
            os.fchmod(handle, before.st_mode & 0o7777)
            os.fsync(handle)
        fresh.replace(path)
    except OSError as error:
        fresh.unlink(missing_ok=True)
        words = f"{path} can't be changed from here ({error.strerror}): change it where it comes from"
        raise Refused("file", words) from error
