"""How the rooms' reference.json files are written: short for people, spread out into one row for each dated fact.

``common`` holds what all rows of a table share; a row's own word wins. ``each`` names a column and the values that the
row holds for, one row each: ``{"destination": ["AT", "BE"]}``, or ``{"destination": {"AT": {"permille": "200"}}}``
where each value brings columns of its own. A price ladder is a first step and equal further ones.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from importlib.resources import files
from typing import Any

Row = dict[str, Any]


def tables(room: str) -> list[dict[str, Any]]:
    """A room's tables with all their rows; none where it ships no reference."""
    source = files(room) / "reference.json"
    if not source.is_file():
        return []
    return [{**table, "rows": list(spread(table))} for table in json.loads(source.read_text("utf-8"))]


def spread(table: Mapping[str, Any]) -> Iterator[Row]:
    for row in table["rows"]:
        for found in _each({**table.get("common", {}), **row}):
            yield {name: _laddered(value) for name, value in found.items()}


def _each(row: Row) -> Iterator[Row]:
    several = row.pop("each", None)
    if several is None:
        yield row
        return
    ((column, values),) = several.items()
    for value in values:
        own = values[value] if isinstance(values, dict) else {}
        yield {**row, column: value, **own}


def _laddered(value: Any) -> Any:
    return ladder(**value) if isinstance(value, dict) and "first_g" in value else value


def ladder(first_g: int, first: int, step_g: int, step: int, to_g: int) -> list[dict[str, int]]:
    """Prices in minor units: ``first`` up to ``first_g`` grams, ``step`` more for each ``step_g``, up to ``to_g``."""
    count = (to_g - first_g) // step_g + 1
    return [{"up_to_g": first_g + n * step_g, "minor": first + n * step} for n in range(count)]
