"""Pure rules of import duty and tax: what a parcel costs at the border, by the dated rows of its destination's law."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Protocol

from daigou.core.money import CurrencyMismatch, Money, total

from .estimate import Assessment, Charge, Good, digits

# The EU's members share one tariff: their duty rows stand as "EU", their VAT rows under their own name.
EU = frozenset("AT BE BG CY CZ DE DK EE ES FI FR GR HR HU IE IT LT LU LV MT NL PL PT RO SE SI SK".split())  # noqa: SIM905


class Row(Protocol):
    """A DutyRule, or anything shaped like one."""

    id: object
    destination: str
    kind: str
    hs_prefix: str
    permille: Decimal | None
    amount_minor: int | None
    threshold_minor: int | None
    carriage: bool
    currency: str | None
    valid_from: date
    valid_to: date | None
    source: str
    note: str


class NoRule(LookupError):
    """The destination's law is not in the table for that day: nothing may be promised."""


class UnderDeclared(ValueError):
    """A value below what was paid. We do not write such a declaration."""


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
    """The currency a destination charges in: its import tax's."""
    found = next((r.currency for r in rows if r.kind == "vat" and r.currency), None)
    if found is None:
        raise NoRule("no currency")
    return found


Exchange = Callable[[Money, str], Money]


def unchanged(amount: Money, currency: str) -> Money:
    """For destinations whose thresholds all stand in their own currency."""
    if amount.currency != currency:
        raise CurrencyMismatch(f"a threshold stands in {currency}, the value in {amount.currency}")
    return amount


def assess(
    goods: Sequence[Good],
    freight: Money,
    insurance: Money,
    destination: str,
    day: date,
    rows: Iterable[Row],
    exchange: Exchange = unchanged,
) -> Assessment:
    """Duty, import tax and handling for one consignment. Every amount is in the currency of the destination's tax.

    ``exchange`` tells the goods value in the currency of a threshold that stands in another one. Raises NoRule where
    the table has no tax or duty row for that place and day.
    """
    value = total((g.value for g in goods), freight.currency)
    carriage = freight + insurance
    valid = [r for r in in_force(rows, destination, day) if _covers(r, value, exchange)]
    duty = _duty(goods, value, carriage, valid)
    charges = _waived([*duty, _tax(value, carriage, duty, valid)], value, valid)
    charges += [_per_parcel(value, r) for r in valid if r.kind == "handling"]
    charges += [Charge("open", value, Money.zero(value.currency), str(r.id), r.note) for r in valid if r.kind == "open"]
    return Assessment(destination, day, value, carriage, tuple(charges), _scheme(valid))


def _covers(row: Row, value: Money, exchange: Exchange) -> bool:
    """Whether the row holds for goods of this value; a waiver's threshold is one of the charges, not of the goods."""
    if row.threshold_minor is None or row.kind == "waiver":
        return True
    return exchange(value, row.currency or value.currency).minor <= row.threshold_minor


def _narrowest(rows: Iterable[Row], kind: str) -> Row | None:
    """The row of a kind with the lowest threshold, one without a threshold last."""
    return min((r for r in rows if r.kind == kind), key=_width, default=None)


def _width(row: Row) -> tuple[bool, int]:
    return (row.threshold_minor is None, row.threshold_minor or 0)


def _amounts(charges: Iterable[Charge], currency: str) -> Money:
    return total((c.amount for c in charges), currency)


def _duty(goods: Sequence[Good], value: Money, carriage: Money, rows: Sequence[Row]) -> list[Charge]:
    """Relief, else the flat amount per subheading, else the tariff and what stands on top of it."""
    relief = _narrowest(rows, "relief")
    if relief is not None:
        return [_charge("relief", value, Money.zero(value.currency), relief)]
    flat = _narrowest(rows, "flat")
    if flat is not None:
        return [_flat(goods, value, flat)]
    return _tariff(goods, carriage, rows)


def _flat(goods: Sequence[Good], value: Money, row: Row) -> Charge:
    count = len({g.subheading for g in goods})
    amount = Money((row.amount_minor or 0) * count, value.currency)
    return Charge("flat", value, amount, str(row.id), row.source, each=row.amount_minor, count=count)


def _tariff(goods: Sequence[Good], carriage: Money, rows: Sequence[Row]) -> list[Charge]:
    """Where carriage counts (CIF) each line bears its share; the longest prefix of its code decides the rate."""
    weights = [max(g.value.minor, 0) for g in goods]
    shares = carriage.allocate(weights) if sum(weights) else [Money.zero(carriage.currency)] * len(goods)
    charges = []
    for good, share in zip(goods, shares, strict=True):
        charges.append(_rated("duty", good, share, longest_prefix(good.hs_code, rows)))
        extra = _longest(good.hs_code, rows, "surcharge")
        if extra is not None:
            charges.append(_rated("surcharge", good, share, extra))
    return charges


def _rated(code: str, good: Good, share: Money, row: Row) -> Charge:
    basis = good.value + share if row.carriage else good.value
    return _charge(code, basis, basis.times(_rate(row)), row)


def longest_prefix(hs_code: str, rows: Iterable[Row]) -> Row:
    found = _longest(hs_code, rows, "duty")
    if found is None:
        raise NoRule(f"no duty row for {digits(hs_code)}")
    return found


def _longest(hs_code: str, rows: Iterable[Row], kind: str) -> Row | None:
    code = digits(hs_code)
    found = [r for r in rows if r.kind == kind and code.startswith(r.hs_prefix)]
    return min(found, key=lambda r: (-len(r.hs_prefix), _width(r)), default=None)


def _tax(value: Money, carriage: Money, duty: Sequence[Charge], rows: Sequence[Row]) -> Charge:
    row, relief = _narrowest(rows, "vat"), _narrowest(rows, "tax_relief")
    if row is None:
        raise NoRule("no import tax row")
    if relief is not None:
        return _charge("tax_relief", value, Money.zero(value.currency), relief)
    basis = value + _amounts(duty, value.currency) + (carriage if row.carriage else Money.zero(value.currency))
    return _charge("vat", basis, basis.times(_rate(row)), row)


def _waived(charges: list[Charge], value: Money, rows: Sequence[Row]) -> list[Charge]:
    """Charges too small for customs to ask for are one line of nothing."""
    row, due = _narrowest(rows, "waiver"), _amounts(charges, value.currency)
    if row is None or not due or due.minor > (row.threshold_minor or 0):
        return charges
    return [_charge("waiver", due, Money.zero(value.currency), row)]


def _per_parcel(value: Money, row: Row) -> Charge:
    amount = Money(row.amount_minor or 0, value.currency)
    return Charge("handling", value, amount, str(row.id), row.source, each=row.amount_minor)


def _charge(code: str, basis: Money, amount: Money, row: Row) -> Charge:
    return Charge(code, basis, amount, str(row.id), row.source, permille=row.permille, hs_prefix=row.hs_prefix)


def _rate(row: Row) -> Fraction:
    return Fraction(row.permille or 0) / 1000


def _scheme(rows: Sequence[Row]) -> str | None:
    row = _narrowest(rows, "scheme")
    return row.hs_prefix or None if row is not None else None


def importer_id(rows: Iterable[Row]) -> str | None:
    """What the recipient's number is called that customs asks for (PCCC, CPF); None where it asks for none."""
    return next((r.hs_prefix for r in rows if r.kind == "importer_id"), None)


def declared_value(goods: Sequence[Good], declared: Money | None) -> Money:
    """What goes on the declaration: what was paid. Raises UnderDeclared for anything else, also for more."""
    paid = total((g.value for g in goods), goods[0].value.currency)
    if declared is not None and declared != paid:
        raise UnderDeclared(f"{declared} is not {paid}")
    return paid


def converted(goods: Iterable[Good], change: Callable[[Money], Money]) -> list[Good]:
    """The same goods in the currency that the destination counts in."""
    return [Good(g.hs_code, g.origin, change(g.value), g.title) for g in goods]
