"""Pure rules of import duty and tax: what a parcel costs at the border, by the dated rows of its destination's law."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Protocol

from daigou.core.money import Money, total

# The EU's members share one tariff: their duty rows stand as "EU", their VAT rows under their own name.
EU = frozenset("AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK".split())  # noqa: SIM905
SUBHEADING = 6  # digits of the Harmonised System that the whole world shares


class Row(Protocol):
    """A DutyRule, or anything shaped like one."""

    id: object
    destination: str
    kind: str
    hs_prefix: str
    permille: Decimal | None
    amount_minor: int | None
    threshold_minor: int | None
    currency: str | None
    valid_from: date
    valid_to: date | None
    source: str


class NoRule(LookupError):
    """The destination's law is not in the table for that day: nothing may be promised."""


class UnderDeclared(ValueError):
    """A value below what was paid. We do not write such a declaration."""


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

    code: str  # relief, flat, duty, vat, handling
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
        return self.sum_of("relief", "flat", "duty")

    @property
    def vat(self) -> Money:
        return self.sum_of("vat")

    @property
    def handling(self) -> Money:
        return self.sum_of("handling")

    @property
    def total(self) -> Money:
        return self.duty + self.vat + self.handling


def digits(code: str) -> str:
    return "".join(c for c in code if c.isdecimal())


def jurisdictions(destination: str) -> tuple[str, ...]:
    """Whose rows apply there."""
    return (destination, "EU") if destination in EU else (destination,)


def in_force(rows: Iterable[Row], destination: str, day: date) -> list[Row]:
    """The rows of that place on that day; ``valid_to`` is the first day they do not hold any more."""
    places = jurisdictions(destination)
    return [
        r for r in rows if r.destination in places and r.valid_from <= day and (r.valid_to is None or day < r.valid_to)
    ]


def currency_of(rows: Sequence[Row]) -> str:
    """The currency a destination's thresholds stand in."""
    found = next((r.currency for r in rows if r.currency), None)
    if found is None:
        raise NoRule("no currency")
    return found


def assess(
    goods: Sequence[Good], freight: Money, insurance: Money, destination: str, day: date, rows: Iterable[Row]
) -> Assessment:
    """Duty, import tax and handling for one consignment. Every amount is in the currency of the destination's rows.

    Raises NoRule where the table has no tax or duty row for that place and day.
    """
    valid = in_force(rows, destination, day)
    value = total((g.value for g in goods), freight.currency)
    carriage = freight + insurance
    charges = _duty(goods, value, carriage, valid)
    charges.append(_vat(value + carriage + _amounts(charges, freight.currency), valid))
    charges += [_per_parcel(value, r) for r in valid if r.kind == "handling"]
    return Assessment(destination, day, value, carriage, tuple(charges), _scheme(value, valid))


def _amounts(charges: Iterable[Charge], currency: str) -> Money:
    return total((c.amount for c in charges), currency)


def _duty(goods: Sequence[Good], value: Money, carriage: Money, rows: Sequence[Row]) -> list[Charge]:
    """Relief, else the flat amount per subheading, else the tariff: the first that covers the value."""
    relief = _covering(rows, "relief", value)
    if relief is not None:
        return [_charge("relief", value, Money.zero(value.currency), relief)]
    flat = _covering(rows, "flat", value)
    if flat is not None:
        return [_flat(goods, value, flat)]
    return _tariff(goods, carriage, rows)


def _covering(rows: Sequence[Row], kind: str, value: Money) -> Row | None:
    return next((r for r in rows if r.kind == kind and value.minor <= (r.threshold_minor or 0)), None)


def _flat(goods: Sequence[Good], value: Money, row: Row) -> Charge:
    count = len({g.subheading for g in goods})
    amount = Money((row.amount_minor or 0) * count, value.currency)
    return Charge("flat", value, amount, str(row.id), row.source, each=row.amount_minor, count=count)


def _tariff(goods: Sequence[Good], carriage: Money, rows: Sequence[Row]) -> list[Charge]:
    """Each line's share of the carriage belongs to its customs value (CIF); the longest prefix of its code decides."""
    weights = [max(g.value.minor, 0) for g in goods]
    shares = carriage.allocate(weights) if sum(weights) else [Money.zero(carriage.currency)] * len(goods)
    charges = []
    for good, share in zip(goods, shares, strict=True):
        row = longest_prefix(good.hs_code, rows)
        basis = good.value + share
        charges.append(_charge("duty", basis, basis.times(_rate(row)), row))
    return charges


def longest_prefix(hs_code: str, rows: Iterable[Row]) -> Row:
    code = digits(hs_code)
    found = [r for r in rows if r.kind == "duty" and code.startswith(r.hs_prefix)]
    if not found:
        raise NoRule(f"no duty row for {code}")
    return max(found, key=lambda r: len(r.hs_prefix))


def _vat(basis: Money, rows: Sequence[Row]) -> Charge:
    row = next((r for r in rows if r.kind == "vat"), None)
    if row is None:
        raise NoRule("no import tax row")
    return _charge("vat", basis, basis.times(_rate(row)), row)


def _per_parcel(value: Money, row: Row) -> Charge:
    amount = Money(row.amount_minor or 0, value.currency)
    return Charge("handling", value, amount, str(row.id), row.source, each=row.amount_minor)


def _charge(code: str, basis: Money, amount: Money, row: Row) -> Charge:
    return Charge(code, basis, amount, str(row.id), row.source, permille=row.permille, hs_prefix=row.hs_prefix)


def _rate(row: Row) -> Fraction:
    return Fraction(row.permille or 0) / 1000


def _scheme(value: Money, rows: Sequence[Row]) -> str | None:
    row = _covering(rows, "scheme", value)
    return row.hs_prefix or None if row is not None else None


def declared_value(goods: Sequence[Good], declared: Money | None) -> Money:
    """What goes on the declaration: what was paid. Raises UnderDeclared for anything else, also for more."""
    paid = total((g.value for g in goods), goods[0].value.currency)
    if declared is not None and declared != paid:
        raise UnderDeclared(f"{declared} is not {paid}")
    return paid


def converted(goods: Iterable[Good], change: Callable[[Money], Money]) -> list[Good]:
    """The same goods in the currency that the destination counts in."""
    return [Good(g.hs_code, g.origin, change(g.value), g.title) for g in goods]
