"""Pure rules of returns."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from daigou.core.money import Money
from daigou.core.states import Machine, move

RETURN = Machine(
    "return",
    "opened",
    move("approve", "opened", "approved", "return.decide"),
    move("decline", "opened", "declined", "return.decide"),
    move("withdraw", "opened", "withdrawn", "return.withdraw"),
    move("receive", "approved", "received", "return.receive"),
    # lost on a way back that we have paid for and insured: as good as received
    move("lose", "approved", "received", "return.decide"),
    move("refund", "approved received", "refunding", "return.decide"),
    move("settle", "refunding", "refunded", "return.settle"),
)

RETURN_LABEL = Machine(
    "return_label",
    "wanted",
    move("buy", "wanted", "bought", "return.settle"),
    move("fail", "wanted", "failed", "return.settle"),
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
    """A dated row: days after delivery in which consumers of these countries may return what they bought.

    ``delivery``: whether the law gives back what delivery cost, too (to us, and to them as far as the cheapest way).
    """

    countries: frozenset[str]
    days: int
    delivery: bool
    valid_from: date
    valid_to: date | None
    source: str


@dataclass(frozen=True, slots=True)
class Exemption:
    """A dated row: goods of these categories may not be returned there without a reason, and which law says so.

    ``kind`` is perishable, made_to_order, or sealed: the last only once its seal was broken after the delivery.
    """

    kind: str
    categories: frozenset[str]
    countries: frozenset[str]
    valid_from: date
    valid_to: date | None
    source: str


_EU = frozenset(
    {"AT", "BE", "BG", "HR", "CY", "CZ", "DK", "EE", "FI", "FR", "DE", "GR", "HU", "IE", "IT", "LV", "LT", "LU", "MT"}
    | {"NL", "PL", "PT", "RO", "SK", "SI", "ES", "SE"}
)
WINDOWS = (
    Window(_EU, 14, True, date(2014, 6, 13), None, "Directive 2011/83/EU art. 9, 13 (Germany: BGB § 355 to 357)"),
    Window(frozenset({"GB"}), 14, True, date(2014, 6, 13), None, "Consumer Contracts Regulations 2013, reg. 30, 34"),
    Window(frozenset({"CN"}), 7, False, date(2014, 3, 15), None, "Consumer Rights Protection Law art. 25"),
)
HOUSE_WINDOW = Window(frozenset(), 14, False, date(2026, 1, 1), None, "house terms 2026: fourteen days for everybody")


_UNION = _EU | {"GB"}
_CN = frozenset({"CN"})
_FOOD, _OURS = frozenset({"food", "plants"}), frozenset({"made_to_order", "prints"})
_SEALED = frozenset({"cosmetics", "hygiene", "underwear"})
_SINCE, _CHINA = date(2014, 6, 13), date(2014, 3, 15)
_GB = "; Consumer Contracts Regulations 2013, reg. 28"
EXEMPTIONS = (
    Exemption("made_to_order", _OURS, _UNION, _SINCE, None, f"Directive 2011/83/EU art. 16 (c){_GB} (1)(b)"),
    Exemption("perishable", _FOOD, _UNION, _SINCE, None, f"Directive 2011/83/EU art. 16 (d){_GB} (1)(c)"),
    Exemption("sealed", _SEALED, _UNION, _SINCE, None, f"Directive 2011/83/EU art. 16 (e){_GB} (3)(a)"),
    Exemption("made_to_order", _OURS, _CN, _CHINA, None, "Consumer Rights Protection Law art. 25 (1)"),
    Exemption("perishable", _FOOD, _CN, _CHINA, None, "Consumer Rights Protection Law art. 25 (2)"),
)
"""By category, for the catalogue to come too: what we sell today can all be returned."""


def exemption(category: str, country: str, day: date, rows: Iterable[Exemption] = EXEMPTIONS) -> Exemption | None:
    """The row that takes away the return without a reason; None where the law gives it, as nearly always.

    Where no law gives a return at all, the house's own window has the exceptions of the Union.
    """
    where = country if any(country in row.countries for row in rows) else "DE"
    for row in rows:
        in_force = row.valid_from <= day and (row.valid_to is None or day <= row.valid_to)
        if category in row.categories and where in row.countries and in_force:
            return row
    return None


def may_change_mind(found: Exemption | None, state: str, *, unopened: bool) -> bool:
    """Whether a return without a reason is possible: not of exempt goods, of sealed ones while they are sealed.

    What is with us was opened by nobody but our inspection; what was made to order or perishes is exempt there too.
    """
    return found is None or (found.kind == "sealed" and (unopened or state in AT_OURS))


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


def label_is_ours(reason: str, state: str) -> bool:
    """Whether we pay for the way back: what was wrong with it was not the shopper's doing, and it is with them.

    Who only changed their mind bears it, as the law lets them (Directive 2011/83/EU art. 14 (1)).
    """
    return reason != "changed_mind" and state in WITH_SHOPPER


def refund_due(reason: str, goods: Money, freight: Money, fee: Money, *, delivery: bool) -> Money:
    """What a return brings back of an item's own price: everything when the fault is not the shopper's.

    When only the mind changed: the goods, and their domestic freight where the law gives ``delivery`` back. Our fee has
    been earned by then (Directive 2011/83/EU art. 16 (a)). Freight to the shopper is another bill: delivery_due().
    """
    if reason != "changed_mind":
        return goods + freight + fee
    return goods + freight if delivery else goods


def delivery_due(paid: Money, standard: Money, worths: Mapping[UUID, int], item: UUID) -> Money:
    """One item's part of what sending its parcel cost, as far as the cheapest way (Directive 2011/83/EU art. 13 (2)).

    ``worths`` are the goods' prices of all that lay in the parcel: by them it is divided, so that the parts of all its
    items are the whole, exactly.
    """
    keys = sorted(worths)
    parts = min(paid, standard).allocate([worths[key] for key in keys])
    return parts[keys.index(item)]


def decided_by_rule(reason: str, state: str, verdict: str | None) -> str | None:
    """The rule that approves a return at once, or None when a person must look.

    Our own inspection has found the same fault that the shopper names, and the item has not left us.
    """
    if state in AT_OURS and reason == "not_as_described" and verdict in ("non_conformant", "damaged"):
        return "inspection_agrees"
    if state in AT_OURS and reason == "damaged" and verdict == "damaged":
        return "inspection_agrees"
    return None
