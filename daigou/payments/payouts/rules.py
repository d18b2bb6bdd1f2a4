"""Pure rules of payouts: their life, when a schedule is due, what a sum of them costs, what the books say."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from daigou.core.money import Money
from daigou.core.states import Machine, move
from daigou.ledger.rules import Line, credit, debit
from daigou.providers.payment import BookLine

PAYOUT_ACCOUNT = Machine(
    "payout_account",
    "intended",
    move("open", "intended", "onboarding", "payout.onboard"),
    move("enable", "intended onboarding restricted", "enabled", "release.settle"),
    move("restrict", "onboarding enabled", "restricted", "release.settle"),
)

# Refusals of a transfer that time or the merchant can mend; all others need a person.
MENDABLE = frozenset({"balance_insufficient", "insufficient_capabilities_for_transfer", "account_invalid"})

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

# A merchant asks for its deposit: granted when two officers have sent it, declined by one with words.
DEPOSIT_REQUEST = Machine(
    "deposit_request",
    "asked",
    move("grant", "asked", "granted", "deposit.return"),
    move("decline", "asked", "declined", "deposit.return"),
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


def sent(payout: str, merchant: str, amount: Money, out_of: str = "payable") -> list[Line]:
    """On its way to a merchant: what it is owed, or its ``deposit``."""
    return [debit(out_of, amount, merchant), credit("payout_transit", amount, payout)]


def arrived(payout: str, line: BookLine) -> list[Line]:
    """A transfer left the provider's balance; ``line`` is negative there."""
    return [debit("payout_transit", -line.gross, payout), debit("clearing", line.net), debit("provider_fee", line.fee)]


def reversed_(merchant: str, line: BookLine) -> list[Line]:
    """A transfer, or a part of it, came back into the provider's balance; ``line`` is positive there."""
    return [credit("claim", line.gross, merchant), debit("clearing", line.net), debit("provider_fee", line.fee)]


def withheld(merchant: str, amount: Money) -> list[Line]:
    """What a merchant owes is kept from what it is owed."""
    return [debit("payable", amount, merchant), credit("claim", amount, merchant)]


def taken_from_deposit(merchant: str, amount: Money) -> list[Line]:
    return [debit("deposit", amount, merchant), credit("claim", amount, merchant)]


def advanced(merchant: str, amount: Money) -> list[Line]:
    """The reserve fund stands in for a merchant. The claim on the merchant stays as it is.

    A negative amount is the fund refilled by what the merchant has paid back since.
    """
    return [debit("reserve", amount), credit("reserve_advanced", amount, merchant)]


def left_for_bank(payout: str, line: BookLine) -> list[Line]:
    """Money of ours went from the provider's balance to our own bank (negative ``line``), or it failed to arrive."""
    return [debit("bank_transit", -line.gross, payout), debit("clearing", line.net), debit("provider_fee", line.fee)]
