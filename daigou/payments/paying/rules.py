"""Pure rules of paying: the life of a try, how a bill is divided, what the books say of a payment."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from daigou.core.money import Money
from daigou.core.states import Machine, move
from daigou.ledger.rules import Line, credit, debit
from daigou.providers.payment import BookLine

# One try to pay a bill on the provider's hosted page.
ATTEMPT = Machine(
    "attempt",
    "intended",
    move("open", "intended", "open", "bill.settle"),
    move("process", "intended open", "processing", "bill.settle"),
    # money that came although we had given it up still counts
    move("succeed", "intended open processing failed", "succeeded", "bill.settle"),
    # captured for a bill that no longer wants it: it goes back
    move("overpay", "intended open processing failed", "surplus", "bill.settle"),
    move("fail", "intended open processing", "failed", "bill.settle"),
)

# A hosted page lives an hour where the bill does; the provider allows no less than half an hour and no more than a day.
PAGE_LIFE = timedelta(hours=1)

SHORTEST_PAGE = timedelta(minutes=31)

# With less than this left a page is not handed out again.
USEFUL_PAGE = timedelta(minutes=2)

# How long money may be on its way where its method's row says nothing, and the time to pay after it did not come.
USUAL_WAIT_DAYS = 7

ONCE_MORE = timedelta(hours=24)

# The provider forgets idempotency keys after a day: from then on look first, never repeat blindly.
KEY_LIFE = timedelta(hours=23)


def page_expiry(now: datetime, due_until: datetime) -> datetime:
    """Until when a hosted page may take money for a bill. It may outlive a bill that ends within half an hour."""
    return max(min(due_until, now + PAGE_LIFE), now + SHORTEST_PAGE).replace(microsecond=0)


Parts = list[tuple[str, Money]]


def parts_of(split: Sequence[Mapping[str, Any]], currency: str) -> Parts:
    """Where a bill's money goes, from its rows of {"escrow", "minor"}."""
    return [(str(row["escrow"]), Money(int(row["minor"]), currency)) for row in split]


def split_at(parts: Sequence[tuple[str, Money]], first: Money) -> tuple[Parts, Parts]:
    """A bill's parts (owner of escrow, amount) divided in their order: the first ones sum to ``first``."""
    left = first
    ours: Parts = []
    theirs: Parts = []
    for owner, amount in parts:
        taken = min(amount, left)
        left -= taken
        ours += [(owner, taken)] if taken else []
        theirs += [(owner, amount - taken)] if amount > taken else []
    return ours, theirs


def wallet_part(available: Money, due: Money, least: Money) -> Money:
    """How much of a bill a balance pays: all it can, but it leaves nothing or at least the least charge."""
    part = min(available, due)
    if Money.zero(due.currency) < due - part < least:
        part = max(due - least, Money.zero(due.currency))
    return part


# ---- what each event does to the books (signed: a negative debit is a credit)


def captured(parts: Sequence[tuple[str, Money]], line: BookLine) -> list[Line]:
    """A payment came in for these owners of escrow; the provider booked ``line``, perhaps in another currency."""
    lines = [credit("escrow", amount, owner) for owner, amount in parts]
    lines += [debit("clearing", line.net), debit("provider_fee", line.fee)]
    currency = parts[0][1].currency
    if line.gross.currency != currency:
        lines += [debit("exchange", amount) for _, amount in parts]
        lines += [credit("exchange", line.gross)]
    return lines


def reserved(account: str, attempt: str, amount: Money) -> list[Line]:
    """A part of a shopper's balance is set aside for one payment; negated, it is given back."""
    return [debit("wallet", amount, account), credit("wallet_held", amount, attempt)]


def spent(attempt: str, parts: Sequence[tuple[str, Money]]) -> list[Line]:
    """What was set aside is held for these owners of escrow."""
    lines = [credit("escrow", amount, owner) for owner, amount in parts]
    return lines + [debit("wallet_held", amount, attempt) for _, amount in parts]
