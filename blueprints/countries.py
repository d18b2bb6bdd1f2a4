"""Countries by name, in the reader's language, for forms."""

from __future__ import annotations

import unicodedata
from functools import cache

from babel import Locale
from flask_babel import get_locale

# CLDR's territories that are no country people live in or send to.
_NOT = frozenset(
    {"EU", "EZ", "UN", "XA", "XB", "ZZ", "QO", "AQ", "BV", "HM", "TF", "CP", "AC", "TA", "DG", "CQ", "EA", "IC"}
)


def choices() -> list[tuple[str, str]]:
    """(code, name) of every country, sorted as the reader's language sorts without knowing accents."""
    return list(_choices(str(get_locale() or "en")))


def name(code: str) -> str:
    return dict(_choices(str(get_locale() or "en"))).get(code, code)


@cache
def _choices(locale: str) -> tuple[tuple[str, str], ...]:
    names = Locale.parse(locale).territories.items()
    known = [(code, str(label)) for code, label in names if len(code) == 2 and code.isalpha() and code not in _NOT]
    return tuple(sorted(known, key=lambda row: unicodedata.normalize("NFKD", row[1]).casefold()))
