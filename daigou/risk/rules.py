"""Pure rules of what a person must look at."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from statistics import median
from typing import Final

from daigou.core.states import Machine, move

CASE = Machine(
    "risk",
    "open",
    move("clear", "open", "cleared", "risk.decide"),
    move("uphold", "open", "upheld", "risk.decide"),
)

DECIDE_WITHIN: Final = timedelta(hours=24)
"""House terms: a listing that waits for us waits no longer than a day."""

FAR_BELOW: Final = 0.4
"""Of what others ask for the same thing: seeds/000 §5.1, "far below market"."""
PEERS_NEEDED: Final = 3
PRICE_FALL: Final = 0.5
"""An edit that leaves less than this share of a price that people have seen."""
NEW_SHOP: Final = timedelta(days=30)
VALUABLES_MOST: Final = 5
"""Valuables that a new shop may show before a person looks (seeds/000 §5.1)."""
VALUABLE_EURO: Final = 500
LOW_SCORE: Final = 50
"""Of 100: below it people are warned of a shop, and an officer sees its listings first."""


def is_far_below(price: float, peers: Sequence[float]) -> bool:
    """Whether a price is far below what others ask for the same. With too few to compare, nothing is said."""
    return len(peers) >= PEERS_NEEDED and price < FAR_BELOW * median(peers)


def has_fallen(before: int, after: int) -> bool:
    """Whether an edit took more than half of a price away."""
    return after < before * PRICE_FALL
