"""Pure rules of parcels."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from daigou.core.money import Money
from daigou.core.states import Machine, move

# The parcel's states that a carrier's event may lead to, in order: a late event never moves one backwards.
PROGRESS = ("shipped", "in_transit", "customs", "customs_released", "out_for_delivery", "delivered")

PARCEL = Machine(
    "parcel",
    "draft",
    move("submit", "draft", "freight_pending", "parcel.edit"),
    move("pay", "freight_pending", "freight_paid", "parcel.bill"),
    move("reopen", "freight_pending", "draft", "parcel.bill"),
    move("pack", "freight_paid", "packed", "parcel.pack"),
    move("ship", "packed", "shipped", "parcel.ship"),
    move("travel", "shipped", "in_transit", "parcel.track"),
    move("enter_customs", "shipped in_transit", "customs", "parcel.track"),
    move("clear_customs", "shipped in_transit customs", "customs_released", "parcel.track"),
    move("go_out", "shipped in_transit customs customs_released", "out_for_delivery", "parcel.track"),
    move("deliver", "shipped in_transit customs customs_released out_for_delivery", "delivered", "parcel.track"),
    move("confirm", "delivered", "completed", "parcel.confirm"),
    move("cancel", "draft freight_pending freight_paid", "cancelled", "parcel.cancel"),
    # what goes wrong on the way; a person takes it from there
    move("turn_back", "shipped in_transit customs customs_released out_for_delivery", "returned", "parcel.track"),
    move("lose", "shipped in_transit customs customs_released out_for_delivery", "lost", "parcel.track"),
    move("damage", "shipped in_transit customs customs_released out_for_delivery", "damaged", "parcel.track"),
    move("seize", "shipped in_transit customs", "seized", "parcel.track"),
    move("settle", "returned lost damaged seized", "settled", "parcel.settle"),
)


# Weights and sizes ---------------------------------------------------------------------------------------------------

WRAPPING_MM = 20  # what a carton and its filling add to each side
WRAPPING_G = 150  # the carton itself; filling adds a twentieth of the goods
PACKED_TOLERANCE_G = 100


@dataclass(frozen=True, slots=True)
class Size:
    """Grams and millimetres."""

    weight_g: int
    length_mm: int
    width_mm: int
    height_mm: int

    @property
    def volume_mm3(self) -> int:
        return self.length_mm * self.width_mm * self.height_mm


def boxed(pieces: Sequence[Size]) -> Size:
    """A carton that surely holds the pieces: stacked on their smallest sides, with room for filling."""
    sides = [sorted((p.length_mm, p.width_mm, p.height_mm), reverse=True) for p in pieces]
    goods = sum(p.weight_g for p in pieces)
    return Size(
        goods + WRAPPING_G + -(-goods // 20),
        max(s[0] for s in sides) + WRAPPING_MM,
        max(s[1] for s in sides) + WRAPPING_MM,
        sum(s[2] for s in sides) + WRAPPING_MM,
    )


def volumetric_g(size: Size, divisor: int | None) -> int:
    """What the volume counts for: cm³ / divisor in kilograms, rounded up to a gram. Postal lines have no divisor."""
    return 0 if divisor is None else -(-size.volume_mm3 // divisor)  # mm³ / (cm³/kg) is exactly grams


def chargeable_g(size: Size, divisor: int | None) -> int:
    """The greater of scale and volume."""
    return max(size.weight_g, volumetric_g(size, divisor))


def freight_minor(steps: Sequence[Mapping[str, int]], weight_g: int) -> int | None:
    """The price of the first step that holds the weight; None when the line takes nothing so heavy."""
    return next((s["minor"] for s in steps if weight_g <= s["up_to_g"]), None)


def premium(declared: Money, permille: Fraction, minimum: Money | None = None) -> Money:
    """Insurance of the declared value."""
    wanted = declared.times(permille / 1000)
    return max(wanted, minimum) if minimum is not None and minimum.currency == wanted.currency else wanted


def is_too_heavy(packed_g: int, billed_g: int) -> bool:
    """Whether the scale says more than was billed, beyond what wrapping may differ."""
    return packed_g > billed_g + max(PACKED_TOLERANCE_G, billed_g // 20)


# UPU S10 identifiers -------------------------------------------------------------------------------------------------

_S10 = re.compile(r"([A-Z]{2})([0-9]{8})([0-9])([A-Z]{2})")
_S10_WEIGHTS = (8, 6, 4, 2, 3, 5, 9, 7)


def s10_check_digit(serial: str) -> int:
    """Of eight digits (UPU standard S10): 47312482 -> 9."""
    rest = 11 - sum(int(d) * w for d, w in zip(serial, _S10_WEIGHTS, strict=True)) % 11
    return {10: 0, 11: 5}.get(rest, rest)


def is_s10(code: str) -> bool:
    """Whether it is a well-formed postal identifier such as RA473124829JP."""
    match = _S10.fullmatch(code)
    return match is not None and int(match[3]) == s10_check_digit(match[2])
