"""Pure rules of invoices for our own fees: numbers, tax out of a price, and what a refund takes off."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from fractions import Fraction

from daigou.core.money import Money

KINDS = ("service_fee", "commission", "credit_note")


@dataclass(frozen=True, slots=True)
class Tax:
    """How a supply is taxed, by a dated row. ``note`` is what the law wants to read on the invoice."""

    permille: Decimal
    treatment: str  # standard, reverse_charge, export, out_of_scope
    note: str


@dataclass(frozen=True, slots=True)
class Split:
    """``gross`` is what was charged; our fees contain the tax."""

    net: Money
    vat: Money

    @property
    def gross(self) -> Money:
        return self.net + self.vat


def split(gross: Money, tax: Tax) -> Split:
    """The tax in a gross amount, half to even."""
    rate = Fraction(tax.permille) / 1000
    vat = gross.times(rate / (1 + rate))
    return Split(gross - vat, vat)


def number(country: str, year: int, sequence: int) -> str:
    """``JP-2026-000017``: one series per country and year, without gaps."""
    return f"{country}-{year}-{sequence:06d}"


def month_before(day: date) -> tuple[date, date]:
    """First day of the month before, and of this one."""
    first = day.replace(day=1)
    last = first.replace(year=first.year - 1, month=12) if first.month == 1 else first.replace(month=first.month - 1)
    return last, first


def fee_refunded(goods: Money, freight: Money, fee: Money, refunded: Money) -> Money:
    """How much of our fee went back with ``refunded`` of an item: goods go first, then freight, then the fee."""
    beyond = refunded.minor - goods.minor - freight.minor
    return Money(max(0, min(beyond, fee.minor)), fee.currency)
