"""Pure rules of payouts: their life, when a schedule is due, what a sum of them costs."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from daigou.core.money import Money
from daigou.core.states import Machine, move

# One transfer at the provider, or one entry of a bank file. A refusal ends it: its releases go into another one.
PAYOUT = Machine(
    "payout",
    "intended",
    move("submit", "intended", "submitted", "release.settle"),
    move("settle", "submitted", "paid", "release.settle"),
    move("refuse", "intended submitted", "refused", "release.settle"),
    # a bank may send money back days after it took it
    move("bounce", "paid", "returned", "release.settle"),
)

# What an owed amount goes through when a refund comes after its release.
RECOURSE = Machine(
    "recourse",
    "reversing",
    move("go_on", "reversing", "claimed", "release.settle"),
    move("settle", "reversing claimed", "settled", "release.settle"),
)

# A payout from an account at the provider to a bank. Even a paid one may fail days later.
PROVIDER_PAYOUT = Machine(
    "provider_payout",
    "pending",
    move("arrive", "pending", "paid", "release.settle"),
    move("fail", "pending paid", "failed", "release.settle"),
    move("cancel", "pending", "canceled", "release.settle"),
)

SCHEDULES = ("as_released", "daily", "weekly", "monthly")
LAST_MONTHLY = 28  # the last day of a month that every month has


def is_due(schedule: str, day: int, today: date) -> bool:
    """Whether payouts go out today. ``day`` is the weekday (Monday 0) or the day of the month."""
    if schedule == "weekly":
        return today.weekday() == day
    return today.day == day if schedule == "monthly" else True


def next_day(schedule: str, day: int, today: date) -> date:
    """The next day on which payouts go out, today included."""
    found = today
    while not is_due(schedule, day, found):
        found += timedelta(days=1)
    return found


@dataclass(frozen=True, slots=True)
class Cost:
    """What one payout costs us: a fixed part and a share of the amount, by a dated row."""

    fixed: Money
    permille: Decimal

    def of(self, amount: Money) -> Money:
        return self.fixed + amount.times(Fraction(self.permille) / 1000)


def saved(cost: Cost, releases: int, payouts: int) -> Money:
    """What sending ``releases`` in so few ``payouts`` saves: the share is the same, only the fixed part is not."""
    return cost.fixed * max(releases - payouts, 0)
