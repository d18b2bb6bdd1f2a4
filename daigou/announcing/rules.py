"""Pure rules of announcements."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from daigou.core.i18n import lazy
from daigou.core.states import Machine, move

ANNOUNCEMENT = Machine(
    "announcement",
    "posted",
    move("take_down", "posted", "taken_down", "announcement.post"),
)

SECURITY, CASE, TIP = "security", "case", "tip"
KINDS: Final = {
    SECURITY: lazy("Security announcement"),
    CASE: lazy("Case to learn from"),
    TIP: lazy("Tip"),
}
MAILED: Final = frozenset({SECURITY})
"""Kinds that everybody is told of at once; cases and tips wait for the month's letter."""
LETTER_MOST: Final = 5  # of one month's letter
TITLE_MOST, BODY_MOST = 160, 4000


def in_language(texts: Mapping[str, Mapping[str, str]], locale: str) -> Mapping[str, str]:
    """Title and body as the reader reads them best: their language if it was written, else English."""
    return texts.get(locale) or texts["en"]
