"""Hash tiles of the log (C2SP tlog-tiles, https://c2sp.org/tlog-tiles): their paths and contents. Pure.

Tile (L, N) holds the hashes of up to 256 nodes at level 8 L, beginning with node 256 N; 32 bytes each.
Entry bundles (tile/entries/…) are part of that standard and **never** made: entries are not public.
"""

import re
from dataclasses import dataclass
from typing import Final

from compliance.audit.merkle import Getter

WIDTH: Final = 256
HEIGHT: Final = 8
_PATH = re.compile(r"tile/(\d|[1-5]\d|6[0-3])/((?:x\d{3}/)*\d{3})(?:\.p/([1-9]\d{0,2}))?")


class NoSuchTile(ValueError):
    """No tile has this path, or the tree has not grown that far."""


@dataclass(frozen=True, slots=True)
class Tile:
    """Level 0 … 63, index from 0, width 1 … 256 hashes (256: a full tile)."""

    level: int
    index: int
    width: int = WIDTH

    @property
    def path(self) -> str:
        """For example `tile/0/x001/x234/067.p/8`."""
        digits = str(self.index)
        digits = digits.zfill(-(-len(digits) // 3) * 3)
        groups = [digits[i : i + 3] for i in range(0, len(digits), 3)]
        number = "/".join([*(f"x{g}" for g in groups[:-1]), groups[-1]])
        partial = "" if self.width == WIDTH else f".p/{self.width}"
        return f"tile/{self.level}/{number}{partial}"


def parse(path: str) -> Tile:
    """The tile that a path names; raises NoSuchTile for every path that is not the one right spelling."""
    match = _PATH.fullmatch(path) if len(path) < 80 and path.isascii() else None
    if match is None:
        raise NoSuchTile(path)
    index = int(match[2].replace("/", "").replace("x", ""))
    tile = Tile(int(match[1]), index, int(match[3] or WIDTH))
    if tile.path != path or tile.width > WIDTH:
        raise NoSuchTile(path)
    return tile


def width(level: int, index: int, size: int) -> int:
    """How many hashes tile (level, index) has in a tree of `size` leaves: 0 … 256."""
    nodes = size >> (HEIGHT * level)
    return max(0, min(WIDTH, nodes - index * WIDTH))


def content(tile: Tile, size: int, get: Getter) -> bytes:
    """The tile's bytes out of a tree of `size` leaves; raises NoSuchTile where it does not reach."""
    if width(tile.level, tile.index, size) < tile.width:
        raise NoSuchTile(tile.path)
    first = tile.index * WIDTH
    return b"".join(get([(tile.level * HEIGHT, first + i) for i in range(tile.width)]))


def grown(old: int, new: int) -> list[Tile]:
    """The tiles to publish when the tree grows from `old` to `new` leaves, with partial ones at its edge."""
    tiles = []
    level = 0
    while new >> (HEIGHT * level):
        first = (old >> (HEIGHT * level)) // WIDTH
        last = ((new >> (HEIGHT * level)) - 1) // WIDTH
        tiles += [Tile(level, i, width(level, i, new)) for i in range(first, last + 1)]
        level += 1
    return tiles
