"""Pure rules of screening: the life of a screened party, what officers decide, what a shrunken list is."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from typing import Final

from daigou.core.states import Machine, move

SCREENING = Machine(
    "screening",
    "clear",
    move("hold", "clear", "held", "screening.hold"),
    move("clear", "held", "clear", "screening.settle"),
    move("confirm", "held", "confirmed", "screening.settle"),
    move("reopen", "confirmed", "held", "screening.decide"),
)

LISTS: Final = ("ofac-sdn", "un", "eu")
EMBARGO: Final = "embargo"
ROLES: Final = ("shopper", "consignee", "merchant", "destination")

PATIENCE: Final = timedelta(days=2)
"""How long a check may take; what people are told, and what makes a case late."""
SHRINK_PERCENT: Final = 10
"""A list that loses more entries than this between two versions is taken to be damaged."""

# How a thing stands: what was found about everybody in it, the worst first.
UNKNOWN, CLEAR, HELD, CONFIRMED = "unknown", "clear", "held", "confirmed"
_WORST: Final = (CONFIRMED, HELD, CLEAR)


def worst(states: Iterable[str]) -> str:
    """The state that a thing takes from its parties; unknown while nobody in it was looked at."""
    found = set(states)
    return next((state for state in _WORST if state in found), UNKNOWN)


def is_shrunken(before: int, after: int) -> bool:
    return after * 100 < before * (100 - SHRINK_PERCENT)
