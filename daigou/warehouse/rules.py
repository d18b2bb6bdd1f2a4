"""Pure rules of the warehouse: how long things stay and what a measure may be."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

STORAGE = timedelta(days=60)  # free storage; afterwards we ask, and nothing is destroyed silently
REMIND_DAYS = (14, 7, 1)  # letters before free storage ends
ACCEPT_AFTER = timedelta(days=7)  # a conformant item nobody objects to is taken into stock
LONGEST_MM = 3_000
HEAVIEST_G = 100_000


@dataclass(frozen=True, slots=True)
class Arrival:
    """What the warehouse notes when a thing comes in: its place, grams and millimetres."""

    bin: str
    weight_g: int
    length_mm: int
    width_mm: int
    height_mm: int


def storage_until(received_at: datetime) -> datetime:
    return received_at + STORAGE


def days_left(until: datetime, now: datetime) -> int:
    """Whole days that storage is still free; zero when it is over."""
    return max((until - now).days, 0)


def code_of(scanned: str) -> str:
    """What a scanner or a person typed, as we keep it: no spaces, capitals."""
    return "".join(scanned.split()).upper()
