"""A person's credit with us (S16), from nothing but their own history here: pure, and explained line by line.

Fifty points to begin with. No outside data, no look at who they are: only what was paid, returned and disputed.
"""

from __future__ import annotations

from dataclasses import dataclass

START, LEAST, MOST = 50, 0, 100
VERSION = 1  # of this arithmetic; a kept rating says by which it was made


@dataclass(frozen=True, slots=True)
class History:
    """Counts over the last two years, and the account's age in days. ``lost_disputes`` are payments charged back."""

    paid_orders: int
    expired_orders: int
    refunds: int
    refunds_declined: int
    lost_disputes: int
    age_days: int


@dataclass(frozen=True, slots=True)
class Reason:
    """One line of the sum: a code for its words, what it counts, and the points it gave or took."""

    code: str
    count: int
    points: int


@dataclass(frozen=True, slots=True)
class Rating:
    score: int
    reasons: tuple[Reason, ...]


def rate(history: History) -> Rating:
    """The score from 0 to 100 and what it is made of. More paid orders never lower it, more disputes never raise it."""
    reasons = tuple(reason for reason in _reasons(history) if reason.count)
    total = START + sum(reason.points for reason in reasons)
    return Rating(max(LEAST, min(MOST, total)), reasons)


def _reasons(h: History) -> tuple[Reason, ...]:
    return (
        Reason("paid_orders", h.paid_orders, min(30, 3 * h.paid_orders)),
        Reason("age", h.age_days // 90, min(20, 2 * (h.age_days // 90))),
        Reason("expired_orders", h.expired_orders, -min(10, h.expired_orders)),
        Reason("refunds", _many(h), -min(15, 3 * _many(h))),
        Reason("refunds_declined", h.refunds_declined, -min(30, 6 * h.refunds_declined)),
        Reason("lost_disputes", h.lost_disputes, -min(60, 25 * h.lost_disputes)),
    )


def _many(h: History) -> int:
    """Refunds beyond one order in four: sending back what is not right is a right, and costs nobody a point."""
    return max(0, h.refunds - h.paid_orders // 4 - 1)
