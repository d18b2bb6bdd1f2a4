"""Pure rules of a table of listings that was sent in: its life, and what its cells mean."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping

from daigou.core.states import Machine, move

LISTING_IMPORT = Machine(
    "listing_import",
    "checking",
    move("keep", "checking", "keeping", "import.work"),
    move("finish", "keeping", "finished", "import.work"),
    move("refuse", "checking keeping", "refused", "import.work"),
)
UNDER_WAY = ("checking", "keeping")

WAITING, RIGHT, WRONG, THERE, KEPT = "waiting", "right", "wrong", "there", "kept"
"""What became of a row. ``right``: checked, not kept yet. ``there``: a listing of this item number stood already."""

ONLY_WHOLE, RIGHT_ONES = "all", "good"
"""How much is taken: the table only if every row is right, or the rows that are."""

ITEM_NUMBER = 80  # characters
KEEP_DAYS = 30
"""For so long the rows of a table can be read and fetched; then only the count of what became of them stays."""
_BETWEEN = re.compile(r"[|;\n]")


def photo_names(cell: str) -> list[str]:
    """The photos of a row, the cover first: names of files in the archive, with bars or semicolons between them."""
    return list(dict.fromkeys(name.strip() for name in _BETWEEN.split(cell) if name.strip()))


def row_key(cells: Mapping[str, str]) -> str:
    """What makes a row the same one when it is sent again: the merchant's own item number, else all that it says."""
    own = cells.get("item_number", "").strip()
    said = json.dumps(sorted(cells.items()), ensure_ascii=False)
    return own or f"auto:{hashlib.sha256(said.encode()).hexdigest()[:32]}"
