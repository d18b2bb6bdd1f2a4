"""What a text gives away: forbidden goods, and lures away from the platform (S68, S69). Pure."""

from __future__ import annotations

import json
import re
import unicodedata
from dataclasses import dataclass
from datetime import date
from functools import cache
from pathlib import Path
from typing import Final

FORBIDDEN: Final = "forbidden_word"
LURE: Final = "lure"
_KINDS: Final = {"forbidden": FORBIDDEN, "lure": LURE}

# What people write between letters so that no machine reads them: 高-仿, w.e.c.h.a.t.
_GAPS = re.compile(r"[\s._·・*~|/\\-]+")
_UNSEEN = re.compile(r"[\u00ad\u200b-\u200f\u2060-\u2064\ufeff]")
_EMAIL = re.compile(r"[\w.+-]+\s?(?:@|\(at\)|\[at\])\s?[\w-]+(?:\.|\s?dot\s?)\w{2,}")
_PHONE = re.compile(r"(?<![\w-])(?:\+|00)\d[\d\s().-]{7,16}\d(?![\w-])|(?<![\w-])1[3-9]\d{9}(?!\d)")
_LINK = re.compile(r"(?:https?://|www\.)[^\s<>\"']+|\b(?:t\.me|wa\.me|paypal\.me|line\.me)/\w+")


@dataclass(frozen=True, slots=True)
class Found:
    """``code`` is FORBIDDEN or LURE; ``word`` the row's own word, or what kind of contact it is. Never the text."""

    code: str
    word: str


@dataclass(frozen=True, slots=True)
class _Row:
    code: str
    words: tuple[str, ...]
    valid_from: date
    valid_to: date | None

    def holds(self, day: date) -> bool:
        return self.valid_from <= day and (self.valid_to is None or day <= self.valid_to)


def look(text: str, day: date) -> list[Found]:
    """Forbidden words and lures in a text that everybody reads, by the rows that hold on ``day``."""
    plain = _plain(text)
    return [Found(row.code, word) for row in _rows() if row.holds(day) for word in row.words if _has(plain, word)]


def look_in_message(text: str, day: date) -> list[Found]:
    """Like look(), and ways to reach somebody elsewhere.

    A maker's link is fair in a listing; in a message it leads away.
    """
    plain = _plain(text)
    ways = (("e-mail", _EMAIL), ("phone", _PHONE), ("link", _LINK))
    return look(text, day) + [Found(LURE, name) for name, pattern in ways if pattern.search(plain)]


def _has(plain: str, word: str) -> bool:
    if word.isascii():
        spelled = r"[\s._*~|/\\-]*".join(map(re.escape, _GAPS.sub("", word)))
        return re.search(rf"(?<!\w){spelled}(?!\w)", plain) is not None
    return _GAPS.sub("", word) in _GAPS.sub("", plain)


def _plain(text: str) -> str:
    return _UNSEEN.sub("", unicodedata.normalize("NFKC", text)).casefold()


@cache
def _rows() -> tuple[_Row, ...]:
    written = json.loads((Path(__file__).parent / "reference.json").read_text("utf-8"))["words"]
    return tuple(
        _Row(
            _KINDS[row["kind"]],
            tuple(_plain(word) for word in row["words"]),
            date.fromisoformat(row["valid_from"]),
            date.fromisoformat(row["valid_to"]) if row["valid_to"] else None,
        )
        for row in written
    )
