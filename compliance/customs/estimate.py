"""What an estimate is made of: the goods, each charge with the rule it comes from, and their sums."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal

from daigou.core.money import Money, total

SUBHEADING = 6  # digits of the Harmonised System that the whole world shares


def digits(code: str) -> str:
    return "".join(c for c in code if c.isdecimal())


@dataclass(frozen=True, slots=True)
class Good:
    """One line of goods: HS code (digits), country of origin, what was paid for all of it."""

    hs_code: str
    origin: str
    value: Money
    title: str = ""

    @property
    def subheading(self) -> str:
        return digits(self.hs_code)[:SUBHEADING]


@dataclass(frozen=True, slots=True)
class Charge:
    """One line of an assessment, naming the rule and the source it comes from. ``code`` is what pages translate."""

    code: str  # relief, flat, duty, surcharge, tax_relief, vat, waiver, handling, open
    basis: Money
    amount: Money
    rule_id: str
    source: str
    permille: Decimal | None = None
    each: int | None = None  # minor units per subheading or parcel
    count: int = 1
    hs_prefix: str = ""


@dataclass(frozen=True, slots=True)
class Assessment:
    """What the border costs. ``scheme`` names a simplified regime that applies (IOSS)."""

    destination: str
    day: date
    goods: Money
    freight: Money  # freight and insurance
    charges: tuple[Charge, ...] = field(default=())
    scheme: str | None = None

    def sum_of(self, *codes: str) -> Money:
        return total((c.amount for c in self.charges if c.code in codes), self.goods.currency)

    @property
    def duty(self) -> Money:
        return self.sum_of("relief", "flat", "duty", "surcharge")

    @property
    def vat(self) -> Money:
        return self.sum_of("vat")

    @property
    def handling(self) -> Money:
        return self.sum_of("handling")

    @property
    def total(self) -> Money:
        return self.duty + self.vat + self.handling

    @property
    def is_final(self) -> bool:
        """Whether nothing is left out, so that it may be asked for in advance."""
        return all(c.code != "open" for c in self.charges)
