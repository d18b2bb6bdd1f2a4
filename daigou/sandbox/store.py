"""The sandbox's memory: collections of plain dicts, changed by whole transactions that the journal keeps."""

import copy
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from daigou.sandbox.config import Settings
from daigou.sandbox.journal import Journal

Json = dict[str, Any]
Watcher = Callable[[str, Json | None, Json | None], None]


class Collection:
    """Rows by id, and the order in which they came, so that a page of a list costs only its own length."""

    def __init__(self) -> None:
        self.rows: dict[str, Json] = {}
        self.order: list[str] = []
        self.place: dict[str, int] = {}

    def set(self, key: str, row: Json | None) -> None:
        if row is None:
            self.rows.pop(key, None)
            return
        if key not in self.place:
            self.place[key] = len(self.order)
            self.order.append(key)
        self.rows[key] = row

    def newest_first(self, before: str | None = None) -> Iterator[Json]:
        """Rows from the newest back; `before` starts behind that id (Stripe's `starting_after`)."""
        start = self.place[before] if before is not None else len(self.order)
        for position in range(start - 1, -1, -1):
            row = self.rows.get(self.order[position])
            if row is not None:
                yield row


class Tx:
    """One transaction: what it reads includes what it wrote; nothing is seen by others before it commits."""

    def __init__(self, store: "Store") -> None:
        self._store = store
        self.changes: dict[tuple[str, str], Json | None] = {}
        self.clock = store.clock()
        self.now = int(self.clock)
        self.settings = store.settings
        self.balances: Any = store.balances
        self.after: list[Callable[[], None]] = []

    def peek(self, collection: str, key: str) -> Json | None:
        """The row to look at, never to change."""
        if (collection, key) in self.changes:
            return self.changes[(collection, key)]
        return self._store.collection(collection).rows.get(key)

    def edit(self, collection: str, key: str) -> Json | None:
        """A copy that will be written when the transaction commits."""
        row = self.peek(collection, key)
        if row is None:
            return None
        if (collection, key) not in self.changes:
            row = copy.deepcopy(row)
            self.changes[(collection, key)] = row
        return row

    def put(self, collection: str, row: Json) -> Json:
        self.changes[(collection, row["id"])] = row
        return row

    def drop(self, collection: str, key: str) -> None:
        self.changes[(collection, key)] = None

    def is_new(self, collection: str, key: str) -> bool:
        """Written by this transaction and not there before."""
        return key not in self._store.collection(collection).rows

    def rows(self, collection: str) -> Iterator[Json]:
        """Every row, oldest first, this transaction's own included."""
        kept = self._store.collection(collection).rows
        for key in list(kept):
            row = self.peek(collection, key)
            if row is not None:
                yield row
        for (name, key), row in list(self.changes.items()):
            if name == collection and row is not None and key not in kept:
                yield row

    def newest_first(self, collection: str, before: str | None = None) -> Iterator[Json]:
        """Committed rows only: lists are read by requests of their own."""
        return self._store.collection(collection).newest_first(before)


class Store:
    """One lock around all changes: this is a sandbox for one team, and races belong to its callers."""

    def __init__(self, journal: Journal, settings: Settings) -> None:
        self.journal = journal
        self.settings = settings
        self.balances: Any = None
        self.lock = threading.RLock()
        self._collections: dict[str, Collection] = {}
        self._watchers: dict[str, list[Watcher]] = {}

    def collection(self, name: str) -> Collection:
        return self._collections.setdefault(name, Collection())

    def watch(self, collection: str, watcher: Watcher) -> None:
        """`watcher(key, old, new)` is told of each change, also while the journal is replayed."""
        self._watchers.setdefault(collection, []).append(watcher)

    def replay(self) -> None:
        for entry in self.journal.replay():
            for name, key, row in entry["w"]:
                self._apply(name, key, row)

    def clock(self) -> float:
        """Seconds since 1970 on the sandbox's own clock, which `/clock` may move forward."""
        moved = self.collection("meta").rows.get("clock")
        return time.time() + (moved["offset"] if moved else 0)

    @contextmanager
    def write(self) -> Iterator[Tx]:
        """Commit on a normal exit, forget everything on an exception. Durable when this returns."""
        with self.lock:
            tx = Tx(self)
            yield tx
            offset = self.commit(tx)
        if offset:
            self.journal.sync(offset)

    def commit(self, tx: Tx) -> int:
        """Write the line, then show it. The caller holds the lock; answers with the offset to sync."""
        if not tx.changes:
            return 0
        written = [(name, key, row) for (name, key), row in tx.changes.items()]
        offset = self.journal.append({"t": tx.now, "w": written})
        for name, key, row in written:
            self._apply(name, key, row)
        for done in tx.after:
            done()
        tx.changes = {}
        return offset

    def _apply(self, name: str, key: str, row: Json | None) -> None:
        rows = self.collection(name)
        old = rows.rows.get(key)
        rows.set(key, row)
        for watcher in self._watchers.get(name, ()):
            watcher(key, old, row)
