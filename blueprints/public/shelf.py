"""Pieces of pages that are drawn once and kept in this process, by all that they show."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Hashable, Iterable, Mapping
from typing import Any, Generic, TypeVar

V = TypeVar("V")


class Shelf(Generic[V]):
    """The ``most`` newest pieces. A key names everything that the piece depends on, so none is ever out of date."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._kept: OrderedDict[Hashable, V] = OrderedDict()
        self._lock = threading.Lock()

    def find(self, keys: Iterable[Hashable]) -> dict[Any, V]:
        """Those that are there."""
        with self._lock:
            return {key: self._kept[key] for key in keys if key in self._kept}

    def keep(self, pieces: Mapping[Any, V]) -> None:
        with self._lock:
            self._kept.update(pieces)
            while len(self._kept) > self._most:
                self._kept.popitem(last=False)

    def clear(self) -> None:
        """For tests."""
        with self._lock:
            self._kept.clear()
