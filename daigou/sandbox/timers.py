"""Things that happen later (a session expires, a parcel moves): rows in the journal, run by one thread."""

import heapq
import logging
import threading
from collections.abc import Callable

from daigou.sandbox.ids import easypost_id
from daigou.sandbox.store import Json, Store, Tx

Work = Callable[[Tx, str], None]
log = logging.getLogger("daigou.sandbox")
_WORK: dict[str, Work] = {}


def works(kind: str) -> Callable[[Work], Work]:
    """Name the function that a due timer of this kind calls with its subject's id."""

    def register(work: Work) -> Work:
        _WORK[kind] = work
        return work

    return register


def schedule(tx: Tx, kind: str, subject: str, delay: float) -> None:
    """Ask for `kind` on `subject` after `delay` seconds of the sandbox's clock."""
    tx.put("timer", {"id": easypost_id("tmr"), "due": tx.clock + delay, "kind": kind, "subject": subject})


class Timers:
    """Wakes for the nearest due row; survives a restart because the rows do."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._heap: list[tuple[float, str]] = []
        self._wake = threading.Event()
        self._stopped = False
        store.watch("timer", self._changed)

    def start(self) -> None:
        threading.Thread(target=self._run, name="timers", daemon=True).start()

    def stop(self) -> None:
        self._stopped = True
        self._wake.set()

    def nudge(self) -> None:
        """The clock was moved."""
        self._wake.set()

    def _changed(self, key: str, _old: Json | None, new: Json | None) -> None:
        if new is not None:
            heapq.heappush(self._heap, (new["due"], key))
            self._wake.set()

    def _run(self) -> None:
        while not self._stopped:
            self._wake.clear()
            self.run_due()
            with self._store.lock:
                due = self._heap[0][0] if self._heap else None
                now = self._store.clock()
            self._wake.wait(None if due is None else min(max(due - now, 0.005), 30))

    def run_due(self) -> None:
        """Run everything that is due by now, each in a transaction of its own."""
        while True:
            with self._store.lock:
                if not self._heap or self._heap[0][0] > self._store.clock():
                    return
                _, key = heapq.heappop(self._heap)
            self._run_one(key)

    def _run_one(self, key: str) -> None:
        try:
            with self._store.write() as tx:
                row = tx.peek("timer", key)
                if row is None:
                    return
                tx.drop("timer", key)
                _WORK[row["kind"]](tx, row["subject"])
        except Exception:
            log.exception("timer %s failed and was dropped", key)
            with self._store.write() as tx:
                tx.drop("timer", key)
