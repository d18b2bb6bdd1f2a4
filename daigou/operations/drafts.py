"""A folder that becomes a backup at once, or never."""

from __future__ import annotations

import os
import time
from pathlib import Path

from .refused import Refused


def prepare(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    except OSError as error:
        raise Refused("no_place", f"{folder} can't be written: {error.strerror}") from error


def draft_in(place: Path) -> Path:
    prepare(place)
    draft = place / f".draft-{os.getpid()}-{time.monotonic_ns()}"
    draft.mkdir(mode=0o700)
    return draft


def settle(draft: Path, folder: Path) -> Path:
    """From now on it is a backup."""
    draft.rename(folder)
    handle = os.open(folder.parent, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
    return folder
