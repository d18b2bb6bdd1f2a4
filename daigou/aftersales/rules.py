"""Pure rules of returns."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from daigou.core.money import Money
from daigou.core.states import Machine, move

RETURN = Machine(
    "return",
    "opened",
    move("approve", "opened", "approved", "return.decide"),
    move("decline", "opened", "declined", "return.decide"),
    move("withdraw", "opened", "withdrawn", "return.withdraw"),
    move("receive", "approved", "received", "return.receive"),
    move("refund", "approved received", "refunding", "return.decide"),
    move("settle", "refunding", "refunded", "return.settle"),
)

REASONS = ("not_as_described", "damaged", "changed_mind")

# Where an item may be when its shopper says no, and whether it is with us (nothing has to be sent back then).
AT_OURS = frozenset({"inspected", "in_stock"})
WITH_SHOPPER = frozenset({"delivered"})

# How long support takes at most.
DECIDE_WITHIN = timedelta(days=3)

KEEP = {"inspected": "keep_inspected", "in_stock": "keep_in_stock", "delivered": "keep_delivered"}


@dataclass(frozen=True, slots=True)
class Window:
    """A dated row: days after delivery in which consumers of these countries may return what they bought."""

    countries: frozenset[str]
    days: int
    valid_from: date
    valid_to: date | None
    source: str


_EU = frozenset(
    {"AT", "BE", "BG", "HR", "CY", "CZ", "DK", "EE", "FI", "FR", "DE", "GR", "HU", "IE", "IT", "LV", "LT", "LU", "MT"}
    | {"NL", "PL", "PT", "RO", "SK", "SI", "ES", "SE"}
)
WINDOWS = (
    Window(_EU, 14, date(2014, 6, 13), None, "Directive 2011/83/EU art. 9 (Germany: BGB § 355, § 356)"),
    Window(frozenset({"GB"}), 14, date(2014, 6, 13), None, "Consumer Contracts Regulations 2013, reg. 30"),
    Window(frozenset({"CN"}), 7, date(2014, 3, 15), None, "Consumer Rights Protection Law art. 25"),
)
HOUSE_WINDOW = Window(frozenset(), 14, date(2026, 1, 1), None, "house terms 2026: as in the EU, for everybody")


def window(country: str, day: date) -> Window:
    """The row that stands for a country on a day; the house's own where no law gives one, or a shorter time."""
    for row in WINDOWS:
        if country in row.countries and row.valid_from <= day and (row.valid_to is None or day <= row.valid_to):
            return row if row.days >= HOUSE_WINDOW.days else HOUSE_WINDOW
    return HOUSE_WINDOW


def return_until(country: str, delivered_at: datetime) -> datetime:
    """The last moment to open a return: the window starts on the day after delivery, and its last day counts whole."""
    days = window(country, delivered_at.date()).days
    last = delivered_at.date() + timedelta(days=days)
    return datetime.combine(last, datetime.max.time(), tzinfo=delivered_at.tzinfo)


def is_returnable(state: str, country: str, delivered_at: datetime | None, now: datetime) -> bool:
    """Whether a return may be opened from here. What is with us can always be returned; it has not even been sent."""
    if state in AT_OURS:
        return True
    return state in WITH_SHOPPER and delivered_at is not None and now <= return_until(country, delivered_at)


def refund_due(reason: str, goods: Money, freight: Money, fee: Money) -> Money:
    """What a return brings back: everything when the fault is not the shopper's, else what the goods cost.

    The merchant's domestic freight and our fee have been earned by then; freight to the shopper is a bill of its own.
    """
    return goods if reason == "changed_mind" else goods + freight + fee


def decided_by_rule(reason: str, state: str, verdict: str | None) -> str | None:
    """The rule that approves a return at once, or None when a person must look.

    Our own inspection has found the same fault that the shopper names, and the item has not left us.
    """
    if state in AT_OURS and reason == "not_as_described" and verdict in ("non_conformant", "damaged"):
        return "inspection_agrees"
    if state in AT_OURS and reason == "damaged" and verdict == "damaged":
        return "inspection_agrees"
    return None
