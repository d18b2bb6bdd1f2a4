"""The chains within a bundle: each thing's entries by number, each with the hash of the one before.

Entries of one thing may stand anywhere in the range, and a bundle may hold millions, so they are sorted
by SQLite in a temporary file: memory stays flat. Nothing is kept.
"""

import sqlite3
from collections.abc import Iterator
from typing import Final

from compliance.audit import entry
from compliance.audit.report import Report

_FLUSH: Final = 5_000
_TABLES: Final = """
    PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -16000;
    CREATE TABLE shown (stream TEXT, no INTEGER, prev BLOB, leaf BLOB, place INTEGER);
    CREATE TABLE hidden (leaf BLOB, place INTEGER);"""

Head = tuple[int, bytes, int]
"""Number, leaf hash and leaf index of a stream's last entry."""


class Chains:
    """Collects what is shown and what is hidden, then says where chains do not hold."""

    def __init__(self) -> None:
        # The empty name is SQLite's for a private database that lives in a temporary file.
        self._db = sqlite3.connect("")
        self._db.executescript(_TABLES)
        self._shown: list[tuple[str, int, bytes, bytes, int]] = []
        self._hidden: list[tuple[bytes, int]] = []
        self.hidden_count = 0

    def close(self) -> None:
        self._db.close()

    def show(self, stream: str, number: int, prev: bytes, leaf: bytes, index: int) -> None:
        """An entry that the bundle discloses."""
        self._shown.append((stream, number, prev, leaf, index))
        if len(self._shown) >= _FLUSH:
            self._flush()

    def hide(self, leaf: bytes, index: int) -> None:
        """A leaf of the range of which the bundle shows the hash only."""
        self.hidden_count += 1
        self._hidden.append((leaf, index))
        if len(self._hidden) >= _FLUSH:
            self._flush()

    def check(self, heads: dict[str, Head], complete: bool, report: Report) -> None:
        """Findings `stream_broken`, `stream_head`, and `withheld` where `complete` streams are promised."""
        self._flush()
        self._db.execute("CREATE INDEX hidden_leaf ON hidden (leaf)")
        last: tuple[str, int, bytes] | None = None
        for stream, number, prev, leaf, index in self._sorted():
            if last is None or last[0] != stream:
                self._check_end(last, heads, complete, report)
                self._check_first(stream, number, prev, index, report)
            else:
                self._check_next(last, (stream, number, prev, index), complete, report)
            last = (stream, number, leaf)
        self._check_end(last, heads, complete, report)

    def place_of_hidden(self, leaf: bytes) -> int | None:
        """The index of a leaf that is in the range but not shown."""
        row = self._db.execute("SELECT place FROM hidden WHERE leaf = ?", (leaf,)).fetchone()
        return row[0] if row else None

    def _sorted(self) -> Iterator[tuple[str, int, bytes, bytes, int]]:
        return self._db.execute("SELECT stream, no, prev, leaf, place FROM shown ORDER BY stream, no, place")

    def _check_first(self, stream: str, number: int, prev: bytes, index: int, report: Report) -> None:
        if (number == 1) != (prev == entry.GENESIS):
            report.add("stream_broken", f"entry {index}: number {number} of {stream} begins wrongly", index)

    def _check_next(
        self,
        last: tuple[str, int, bytes],
        this: tuple[str, int, bytes, int],
        complete: bool,
        report: Report,
    ) -> None:
        stream, number, prev, index = this
        if number == last[1]:
            report.add("stream_broken", f"entry {index}: number {number} of {stream} is there twice", index)
        elif number == last[1] + 1 and prev != last[2]:
            message = f"entry {index}: number {number} of {stream} does not follow the one before it"
            report.add("stream_broken", message, index)
        elif number > last[1] + 1 and complete and (place := self.place_of_hidden(prev)) is not None:
            report.add("withheld", f"entry {place}: number {number - 1} of {stream} is not shown", place)

    def _check_end(
        self, last: tuple[str, int, bytes] | None, heads: dict[str, Head], complete: bool, report: Report
    ) -> None:
        if last is None:
            return
        stream, number, leaf = last
        if stream not in heads:
            report.add("stream_head", f"the manifest does not say where {stream} ends")
            return
        head_number, head_leaf, _ = heads[stream]
        if head_number < number or (head_number == number and head_leaf != leaf):
            report.add("stream_head", f"the manifest says that {stream} ends elsewhere")
        elif head_number > number and complete and (place := self.place_of_hidden(head_leaf)) is not None:
            report.add("withheld", f"entry {place}: number {head_number} of {stream} is not shown", place)

    def _flush(self) -> None:
        self._db.executemany("INSERT INTO shown VALUES (?, ?, ?, ?, ?)", self._shown)
        self._db.executemany("INSERT INTO hidden VALUES (?, ?)", self._hidden)
        self._shown.clear()
        self._hidden.clear()
