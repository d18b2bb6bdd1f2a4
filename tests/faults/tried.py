"""What was tried, counted: by several people at once, so under a lock."""

from __future__ import annotations

import threading
from collections import Counter


class Tried(Counter[str]):
    def __init__(self) -> None:
        super().__init__()
        self._lock = threading.Lock()

    def note(self, what: str, times: int = 1) -> None:
        with self._lock:
            self[what] += times
