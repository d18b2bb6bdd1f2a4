"""What somebody usually pays: robust figures of their payments, pure. Nothing here knows who they are.

Median and MAD (the median distance from the median) instead of mean and variance: one large payment, a thief's above
all, must not move what counts as usual (Rousseeuw & Croux 1993). Amounts are taken as logarithms, for people pay twice
or half as much, not ten euros more or less.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from datetime import datetime, timedelta
from math import log
from statistics import median
from typing import Any, Final

from daigou.core.states import Machine, move

# A payment that waits for a person. Only a person refuses one, and the shopper may have another one look.
CHECK = Machine(
    "payment_check",
    "held",
    move("clear", "held", "cleared", "payment.watch"),
    move("refuse", "held", "refused", "payment.watch"),
    move("contest", "refused", "held", "payment.contest"),
)

SPAN: Final = timedelta(days=730)
"""How far back a habit goes."""
MOST: Final = 500
"""Payments that a habit is made of at most: the newest."""
SCALE: Final = 1.4826
"""MAD times this is the standard deviation, where the logarithms are normal."""
NEAR_HOURS: Final = 3
WEEK: Final = 168


@dataclass(frozen=True, slots=True)
class Payment:
    """One that went through. ``at`` is in the shopper's own zone, ``cents`` are euro cents."""

    at: datetime
    cents: int
    currency: str
    method: str
    country: str
    categories: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Habit:
    """Figures of payments: logarithms of euro, counts by kind, hours of the week from Monday 0 h (0 to 167)."""

    payments: int = 0
    median: float = 0.0
    mad: float = 0.0
    busiest_day: int = 0
    currencies: Mapping[str, int] = field(default_factory=dict)
    methods: Mapping[str, int] = field(default_factory=dict)
    countries: Mapping[str, int] = field(default_factory=dict)
    categories: Mapping[str, int] = field(default_factory=dict)
    hours: Mapping[str, int] = field(default_factory=dict)


NOTHING: Final = Habit()


def habit_of(payments: Sequence[Payment]) -> Habit:
    """The habit that these payments make, in any order: the same payments always make the same one."""
    if not payments:
        return NOTHING
    logs = [in_log(each.cents) for each in payments]
    middle = median(logs)
    return Habit(
        payments=len(payments),
        median=round(middle, 4),
        mad=round(median(abs(each - middle) for each in logs), 4),
        busiest_day=max(Counter(each.at.date() for each in payments).values()),
        currencies=_counted(each.currency for each in payments),
        methods=_counted(each.method for each in payments if each.method),
        countries=_counted(each.country for each in payments if each.country),
        categories=_counted(name for each in payments for name in set(each.categories)),
        hours=_counted(str(hour_of_week(each.at)) for each in payments),
    )


def in_log(cents: int) -> float:
    """Euro cents as the logarithm of euros; a cent at least."""
    return log(max(cents, 1) / 100)


def hour_of_week(at: datetime) -> int:
    return at.weekday() * 24 + at.hour


def near_in_time(hours: Mapping[str, int], at: datetime) -> int:
    """How many payments were made within three hours of this time of day, on the same kind of day (working, free)."""
    return sum(
        count
        for hour, count in hours.items()
        if _is_free(int(hour) // 24) == _is_free(at.weekday()) and _apart(int(hour) % 24, at.hour) <= NEAR_HOURS
    )


def as_json(habit: Habit) -> dict[str, Any]:
    return asdict(habit)


def from_json(kept: Mapping[str, Any] | None) -> Habit:
    """What as_json() wrote; of nobody's payments, where nothing was kept."""
    return Habit(**kept) if kept else NOTHING


def _is_free(weekday: int) -> bool:
    return weekday >= 5


def _apart(one: int, other: int) -> int:
    around = abs(one - other)
    return min(around, 24 - around)


def _counted(names: Iterable[str]) -> dict[str, int]:
    return dict(sorted(Counter(names).items()))
