"""From text to the words that listings are found by. Pure.

Scripts without spaces (Chinese, Japanese, Korean, Thai) become pairs of neighbours; everything else whole words.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from typing import Any

MOST_WORDS = 400  # of one listing
MOST_ASKED = 12  # of one search

_SPACELESS = r"\u0e00-\u0e7f\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff"
_RUN = re.compile(rf"[{_SPACELESS}]+|[^\W_{_SPACELESS}]+")
_IS_SPACELESS = re.compile(rf"[{_SPACELESS}]")


def words(text: str) -> list[str]:
    """Each word or pair once, in order: ``words("Rin 月の使者")`` is ``["rin", "月の", "の使", "使者"]``."""
    found: dict[str, None] = {}
    for run in _RUN.findall(_plain(text)):
        found.update(dict.fromkeys(_pairs(run) if _IS_SPACELESS.match(run) else [run[:40]]))
    return list(found)


def words_of(listing: Any) -> list[str]:
    """What a listing is found by: title, brand, model, description, in every language it has; single characters too."""
    other = [text for each in listing.translations.values() for text in each.values()] if listing.translations else []
    texts = [listing.title, listing.brand, listing.model, listing.ref, *other, listing.description]
    return list(dict.fromkeys(w for text in texts for w in (*words(text), *_singles(text))))[:MOST_WORDS]


def asked(text: str) -> list[str]:
    """The words of a search; all must be there."""
    return words(text)[:MOST_ASKED]


def _plain(text: str) -> str:
    """Compatibility form, folded case, without marks that change direction or accents on Latin letters."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return unicodedata.normalize("NFKC", "".join(c for c in decomposed if not "\u0300" <= c <= "\u036f"))


def _pairs(run: str) -> Iterable[str]:
    return [run[i : i + 2] for i in range(len(run) - 1)] or [run]


def _singles(text: str) -> Iterable[str]:
    """One character alone is a fair question in Chinese, but only for short texts, or the index fills with them."""
    return _IS_SPACELESS.findall(_plain(text)) if len(text) <= 160 else []
