"""Pure rules of guarantees: the lives of a cover and of a claim, what a cover costs, earns and gives back."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from fractions import Fraction

from daigou.core.money import Money
from daigou.core.states import Machine, move

COVER = Machine(
    "cover",
    "agreed",
    move("pay", "agreed", "paid", "cover.settle"),
    move("lapse", "agreed", "lapsed", "cover.settle"),
    move("begin", "agreed paid", "active", "cover.settle"),
    move("cancel", "paid active", "cancelled", "cover.cancel"),
    # its item was refunded: there is nothing left to cover
    move("void", "agreed paid active", "void", "cover.settle"),
    move("end", "active", "ended", "cover.settle"),
)

CLAIM = Machine(
    "warranty_claim",
    "reported",
    move("assign", "reported", "assigned", "warranty.assign"),
    move("withdraw", "reported assigned", "withdrawn", "warranty.report"),
    move("lapse", "assigned", "lapsed", "warranty.sweep"),
    move("arrive", "assigned", "arrived", "warranty.handle"),
    move("cover", "arrived", "covered", "warranty.handle"),
    move("refuse", "arrived", "not_covered", "warranty.handle"),
    # the shopper's answer to a refusal
    move("appeal", "not_covered", "appealed", "warranty.report"),
    move("agree", "not_covered", "dismissed", "warranty.report"),
    move("let_stand", "not_covered", "dismissed", "warranty.sweep"),
    move("uphold", "appealed", "covered", "warranty.rule"),
    move("dismiss", "appealed", "dismissed", "warranty.rule"),
    # how it ends
    move("repair", "covered", "repaired", "warranty.handle"),
    move("refund", "covered", "refunded", "warranty.handle"),
    move("send_back", "repaired dismissed", "sent_back", "warranty.handle"),
)

OPEN = ("reported", "assigned", "arrived", "covered", "not_covered", "appealed", "repaired", "dismissed")
LIVE = ("agreed", "paid", "active")

# From when an item may be covered to when it is on its way: afterwards a defect may be known already.
BUYABLE = frozenset({"paid", "purchased", "received", "inspected", "in_stock", "in_parcel", "shipped"})
REPORTABLE = frozenset({"delivered", "completed"})
GONE = ("refunded", "withdrawn", "invalid")

ASSIGN_WITHIN = timedelta(days=2)
SEND_WITHIN = timedelta(days=21)
APPEAL_WITHIN = timedelta(days=14)
RULE_WITHIN = timedelta(days=5)
REPAIR_WITHIN = timedelta(days=30)
RETURN_WITHIN = timedelta(days=3)
PAY_WITHIN = timedelta(hours=48)

CANCEL_DAYS = 14
"""After delivery (Directive 2011/83/EU art. 9); what is used until then is paid for (art. 14 (3))."""


def premium(goods: Money, permille: Fraction, least: Money, most: Money) -> Money:
    """What a plan costs for an item of this price: its permille, within the plan's bounds, in one currency."""
    return max(least, min(most, goods.times(permille / 1000)))


def ends_on(begins: date, months: int) -> date:
    """The last covered day: the day before the same day ``months`` later, or that month's last where it has none."""
    year, month = divmod(begins.year * 12 + begins.month - 1 + months, 12)
    last = monthrange(year, month + 1)[1]
    if begins.day > last:
        return date(year, month + 1, last)
    return date(year, month + 1, begins.day) - timedelta(days=1)


def earned(price: Money, begins: date, ends: date, today: date) -> Money:
    """What of a price has been earned by the end of yesterday: by days, all of it once the last day is over."""
    term = (ends - begins).days + 1
    used = min(max((today - begins).days, 0), term)
    return price.times(Fraction(used, term))


def is_cancellable(state: str, delivered: date | None, today: date) -> bool:
    """Before delivery at any time, afterwards within fourteen days: the day after delivery is the first of them."""
    if state == "paid" and delivered is None:
        return True
    return state in ("paid", "active") and delivered is not None and (today - delivered).days <= CANCEL_DAYS


@dataclass(frozen=True, slots=True)
class Bench:
    """A repair partner as far as choosing one goes. ``open_claims``: how many it has in hand."""

    ref: str
    country: str
    categories: frozenset[str]
    open_claims: int


def partner_for(benches: Iterable[Bench], category: str, country: str) -> str | None:
    """The partner of the shopper's own country that repairs such things and has the least to do; None: a person looks.

    Across a border, customs and batteries make the way to a partner a person's decision.
    """
    fit = [b for b in benches if category in b.categories and b.country == country]
    return min(fit, key=lambda b: (b.open_claims, b.ref)).ref if fit else None


@dataclass(frozen=True, slots=True)
class Split:
    """How a repair's cost is borne: by what was set aside for it, and by the running year."""

    provision: Money
    expense: Money


def borne(cost: Money, provision: Money) -> Split:
    part = min(cost, max(provision, Money.zero(cost.currency)))
    return Split(part, cost - part)
