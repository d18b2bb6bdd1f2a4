"""Pieces of pages that are drawn once and kept in this process, by all that they show."""

from __future__ import annotations

import sys
import threading
from collections import OrderedDict
from collections.abc import Hashable, Iterable, Mapping
from typing import Any, Final, Generic, TypeVar

V = TypeVar("V", bound=str | Mapping[str, str])

MIB: Final = 2**20
KEEPING: Final = 500  # bytes that the key of a piece and its place take beside the piece itself


class Shelf(Generic[V]):
    """The pieces that were asked for last, up to ``most`` bytes of them.

    A key names everything that the piece depends on, so none is ever out of date.
    """

    def __init__(self, most: int) -> None:
        self._most = most
        self._weight = 0
        self._kept: OrderedDict[Hashable, V] = OrderedDict()
        self._lock = threading.Lock()

    def find(self, keys: Iterable[Hashable]) -> dict[Any, V]:
        """Those that are there."""
        with self._lock:
            found = {key: self._kept[key] for key in keys if key in self._kept}
            for key in found:
                self._kept.move_to_end(key)
        return found

    def keep(self, pieces: Mapping[Any, V]) -> None:
        with self._lock:
            for key, piece in pieces.items():
                if key not in self._kept:
                    self._kept[key] = piece
                    self._weight += weight(piece)
            while self._weight > self._most:
                _, oldest = self._kept.popitem(last=False)
                self._weight -= weight(oldest)

    def clear(self) -> None:
        """For tests."""
        with self._lock:
            self._kept.clear()
            self._weight = 0


def weight(piece: str | Mapping[str, str]) -> int:
    """Bytes that a kept piece takes. Text with a letter beyond Latin-1 takes twice as much as other text."""
    texts = [piece] if isinstance(piece, str) else piece.values()
    return KEEPING + sum(map(sys.getsizeof, texts))
