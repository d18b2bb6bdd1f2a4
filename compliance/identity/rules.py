"""Pure rules of identity: tiers, the life of a check, when two names are one person's, what a limit leaves room for."""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import date

from daigou.core.money import Money
from daigou.core.states import Machine, move

TIERS = ("basic", "verified", "advanced")
SHOPPER, MERCHANT = "shopper", "merchant"

# The state of an identity is its tier.
IDENTITY = Machine(
    "identity",
    "basic",
    move("verify", "basic", "verified", "identity.verify"),
    move("advance", "verified", "advanced", "identity.advance"),
    move("lower", "verified advanced", "basic", "identity.lower"),
)

CHECK = Machine(
    "identity_check",
    "intended",
    move("open", "intended", "pending", "identity.edit"),
    move("submit", "intended", "in_review", "identity.edit"),
    move("trouble", "pending", "requires_input", "identity.settle"),
    move("resume", "requires_input", "pending", "identity.settle"),
    move("verify", "pending requires_input", "verified", "identity.settle"),
    move("verify", "in_review", "verified", "identity.review"),
    move("refuse", "intended pending requires_input", "refused", "identity.settle"),
    move("refuse", "in_review", "refused", "identity.review"),
    move("cancel", "intended pending requires_input in_review", "cancelled", "identity.edit"),
)
OPEN = ("intended", "pending", "requires_input", "in_review")

METHODS = ("provider", "photos", "card")
IMAGES = ("identity_document", "identity_face")  # kinds of stored files


@dataclass(frozen=True, slots=True)
class Limits:
    """What a tier may do. Amounts are euros; None is no limit."""

    tier: str
    order: Money | None
    month: Money | None
    open_orders: int | None
    listings: int | None
    payout_hold_days: int


@dataclass(frozen=True, slots=True)
class Spent:
    """What somebody has open, and what they ordered in the last 30 days, in euros."""

    open_orders: int
    month: Money


def exceeded(limits: Limits, spent: Spent, order: Money) -> str | None:
    """Which limit an order would break (``order``, ``month``, ``open_orders``), or None when there is room."""
    if limits.order is not None and order > limits.order:
        return "order"
    if limits.open_orders is not None and spent.open_orders >= limits.open_orders:
        return "open_orders"
    if limits.month is not None and spent.month + order > limits.month:
        return "month"
    return None


def scaled(limits: Limits, permille: int, open_orders: int | None) -> Limits:
    """A tier's limits as somebody's own history makes them (rating bands): scaled amounts, and a cap on open orders."""
    caps = [cap for cap in (limits.open_orders, open_orders) if cap is not None]
    return Limits(
        limits.tier,
        _part(limits.order, permille),
        _part(limits.month, permille),
        min(caps) if caps else None,
        limits.listings,
        limits.payout_hold_days,
    )


def _part(amount: Money | None, permille: int) -> Money | None:
    return None if amount is None else Money(amount.minor * permille // 1000, amount.currency)


def tier_of(audience: str, kind: str) -> str:
    """The tier of who has no row of their own: an approved company was verified by its papers, a person on their own
    account begins below."""
    return "verified" if audience == MERCHANT and kind != "individual" else "basic"


def names_match(claimed: str, shown: str) -> bool:
    """Whether a document's name is the claimed one: in any order and case, with or without accents and middle names.

    At least the first and the last of the shorter name must stand in the longer one; where a script writes no spaces
    the two are compared whole.
    """
    one, other = _parts(claimed), _parts(shown)
    if not one or not other:
        return False
    if sorted(one) == sorted(other) or "".join(one) == "".join(other):
        return True
    shorter, longer = sorted((one, other), key=len)
    return len(shorter) >= 2 and set(shorter) <= set(longer)


def _parts(name: str) -> list[str]:
    plain = unicodedata.normalize("NFKD", name).casefold()
    letters = "".join(c if c.isalnum() else "" if unicodedata.combining(c) or c in "'’" else " " for c in plain)
    return letters.split()


def document_fault(expires: date | None, today: date) -> str | None:
    """The code of what is wrong with an identity document's dates, if anything."""
    return "document_expired" if expires is not None and expires < today else None


def mixed_scripts(name: str) -> bool:
    """Whether one word mixes letters that only look alike (Latin with Cyrillic or Greek): a name meant to deceive."""
    return any(len(_scripts(word) & {"LATIN", "CYRILLIC", "GREEK"}) > 1 for word in name.split())


def _scripts(word: str) -> set[str]:
    return {unicodedata.name(c, "").split(" ")[0] for c in word if c.isalpha()}
