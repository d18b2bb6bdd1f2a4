"""The append-only file of effects: one JSON line per transaction, so a line is all or nothing."""

import fcntl
import json
import os
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any


class JournalDamaged(Exception):
    """A line before the last one does not read: somebody edited the file, and guessing would be worse."""


class Journal:
    """Appends under the caller's lock; `sync` is called outside of it and shares one fsync among callers."""

    def __init__(self, folder: Path) -> None:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        self.path = folder / "journal.jsonl"
        self._file = open(self.path, "a+b", buffering=0)  # noqa: SIM115 - it lives as long as the process
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError as error:
            raise JournalDamaged(f"another sandbox writes {self.path}") from error
        self._syncing = threading.Lock()
        self._written = self._synced = 0

    def replay(self) -> Iterator[Any]:
        """Every whole line, oldest first. A torn last line (the process died in the write) is cut off."""
        good = 0
        with open(self.path, "rb") as lines:
            for number, line in enumerate(lines, 1):
                parsed = _parse(line)
                if parsed is None:
                    if lines.readline():
                        raise JournalDamaged(f"{self.path} line {number} is unreadable")
                    break
                good += len(line)
                yield parsed
        os.ftruncate(self._file.fileno(), good)
        self._written = self._synced = good

    def append(self, entry: Any) -> int:
        """Write one line; answers with the offset to pass to `sync`."""
        line = json.dumps(entry, separators=(",", ":"), ensure_ascii=False).encode() + b"\n"
        view = memoryview(line)
        while view:
            view = view[self._file.write(view) :]
        self._written += len(line)
        return self._written

    def sync(self, offset: int) -> None:
        """Return once everything up to `offset` is on disk."""
        with self._syncing:
            if self._synced >= offset:
                return
            reached = self._written
            os.fsync(self._file.fileno())
            self._synced = reached

    def close(self) -> None:
        self.sync(self._written)
        self._file.close()


def _parse(line: bytes) -> Any:
    if not line.endswith(b"\n"):
        return None
    try:
        return json.loads(line)
    except ValueError:
        return None
