"""Pure rules of reviews and of a shop's standing."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import timedelta
from typing import Final

from daigou.core.states import Machine, move

REVIEW = Machine(
    "review",
    "shown",
    move("hold", "shown", "held", "review.hold"),  # a rule or a report wants an officer to see it
    move("show", "held", "shown", "review.hold"),
    move("withhold", "held", "withheld", "review.hold"),
)

DIMENSIONS: Final = ("goods", "described", "communication", "dispatch")
"""The goods themselves, and the three dimensions of the service (seeds/000 §1.2, seeds/002 §1)."""
POSITIVE: Final = 4  # of five, on average

REVIEW_WITHIN: Final = timedelta(days=90)
ASK_AFTER: Final = timedelta(days=2)
A_DAY_MOST: Final = 5  # reviews of one person for one shop in a day that count: seeds/000 §1.2, against brushing

RECENT: Final = timedelta(days=30)
COMPLAINTS_TOLD: Final = 2  # in that time, before the item page says so, whatever the score (seeds/000 §1.2)

# A shop with few reviews stands at what shops are like on average, and moves away from it as reviews come in.
_PRIOR, _PRIOR_WEIGHT = 4.0, 5
_SLOW_MINUTES = 48 * 60


@dataclass(frozen=True, slots=True)
class Record:
    """What is known of a shop: counts of the last year, marks out of five as sums over ``reviewers``."""

    sales: int
    reviewers: int
    positive: int
    marks: float  # the sum of each reviewer's average
    complaints: int
    answer_minutes: int | None
    violations: int


def score(record: Record) -> int:
    """0 to 100: six tenths marks, two tenths complaints, one tenth each promptness and violations."""
    average = (_PRIOR * _PRIOR_WEIGHT + record.marks) / (_PRIOR_WEIGHT + record.reviewers)
    marks = (average - 1) / 4
    calm = 1 - min(1.0, 5 * record.complaints / max(record.sales, 10))
    prompt = 1 - min(1.0, (record.answer_minutes or 0) / _SLOW_MINUTES)
    clean = 1 - min(1.0, record.violations / 3)
    return round(100 * (0.6 * marks + 0.2 * calm + 0.1 * prompt + 0.1 * clean))


def is_warned_of(complaints_recent: int) -> bool:
    """Whether the item page names the shop's recent complaints, even where its score is high."""
    return complaints_recent >= COMPLAINTS_TOLD


def counts(of_this_person_today: int, newer_by_same_person: bool) -> bool:
    """One person is one voice: only their newest review of a shop counts, and not the sixth of a day."""
    return not newer_by_same_person and of_this_person_today <= A_DAY_MOST
