"""The risk of an application, from 0 to 100: pure, and explained line by line."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

HIGH, SOME = 60, 25
"""From here on an application is looked at first; and before the others."""
NEW_DAYS: Final = 30


@dataclass(frozen=True, slots=True)
class Facts:
    """Counts of what the checks found. ``country_points`` is the dated row of the country."""

    hits: int
    failed: int
    warnings: int
    duplicates: int
    similar: int
    shared: int
    country_points: int
    kind: str
    age_days: int
    opened_by_us: bool = False


@dataclass(frozen=True, slots=True)
class Reason:
    """One line of the sum: a code for its words, what it counts, its points."""

    code: str
    count: int
    points: int


@dataclass(frozen=True, slots=True)
class Risk:
    score: int
    reasons: tuple[Reason, ...]

    @property
    def rank(self) -> int:
        """1 is looked at first. 0 is kept for what is late."""
        return 1 if self.score >= HIGH else 2 if self.score >= SOME else 3


def assess(facts: Facts) -> Risk:
    """More of anything never lowers the score."""
    reasons = tuple(reason for reason in _reasons(facts) if reason.points)
    return Risk(min(100, sum(reason.points for reason in reasons)), reasons)


def _reasons(f: Facts) -> tuple[Reason, ...]:
    return (
        Reason("screening", f.hits, 60 * min(1, f.hits)),
        Reason("duplicates", f.duplicates, min(60, 40 * f.duplicates)),
        Reason("similar", f.similar, min(30, 15 * f.similar)),
        Reason("shared", f.shared, min(45, 25 * f.shared)),
        Reason("failed_checks", f.failed, min(60, 20 * f.failed)),
        Reason("country", 1, f.country_points),
        Reason("review", 1, SOME if f.opened_by_us else 0),
        Reason("warnings", f.warnings, min(15, 5 * f.warnings)),
        Reason("kind", 1, 10 if f.kind == "individual" else 0),
        Reason("young", 1, 5 if f.age_days < NEW_DAYS else 0),
    )
