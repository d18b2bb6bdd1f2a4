"""Pure rules of exchange rates and fees."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from decimal import ROUND_HALF_EVEN, Decimal, localcontext
from fractions import Fraction

from daigou.core.money import Money
from daigou.providers.stripe.amounts import payable

# What shoppers may see prices and pay in. Each but the euro has rates: the ECB's, or an officer's (TWD, AED, SAR, KWD).
CURRENCIES = (
    "EUR", "USD", "GBP", "JPY", "KRW", "CNY", "HKD", "TWD", "AUD", "CAD", "SGD", "CHF", "BRL", "AED", "SAR", "KWD",
)  # fmt: skip
STALE_AFTER_DAYS = 5  # Easter is the longest pause: from Thursday to Tuesday
PLACES = Decimal("1E-10")  # as many decimals as the frozen rate of an order item has


@dataclass(frozen=True, slots=True)
class Published:
    """``rate`` units of a currency for one euro."""

    rate: Decimal
    day: date
    source: str


@dataclass(frozen=True, slots=True)
class Quotation:
    """``rate`` units of ``target`` for one of ``base``, spread included; ``day`` is the older of its two."""

    base: str
    target: str
    rate: Decimal
    day: date
    source: str
    spread_permille: Decimal = Decimal(0)

    def convert(self, money: Money) -> Money:
        """From ``base`` to ``target``, half to even, to an amount that can be paid (1.230 and never 1.234 dinars)."""
        if money.currency != self.base:
            raise ValueError(f"a rate of {self.base} can't convert {money.currency}")
        return payable(money if self.base == self.target else money.convert(self.rate, self.target))


@dataclass(frozen=True, slots=True)
class FeeRule:
    """One dated row: ``permille`` of an amount, at least ``minimum_minor`` where the row names a currency."""

    kind: str
    permille: Decimal
    minimum_minor: int
    currency: str | None
    valid_from: date
    source: str

    def of(self, amount: Money) -> Money:
        """The fee on an amount, half to even, never below the minimum, and an amount that can be paid."""
        share = payable(amount.times(Fraction(self.permille) / 1000))
        least = self.minimum_minor if self.currency == amount.currency else 0
        return share if share.minor >= least else Money(least, amount.currency)


def cross(base: Published, target: Published, spread_permille: Decimal) -> Decimal:
    """Units of target for one of base through the euro, with the spread on top, cut to PLACES half to even."""
    exact = Fraction(target.rate) / Fraction(base.rate) * (1 + Fraction(spread_permille) / 1000)
    with localcontext() as context:
        context.prec = 40
        return (Decimal(exact.numerator) / Decimal(exact.denominator)).quantize(PLACES, ROUND_HALF_EVEN)


def is_stale(day: date, today: date) -> bool:
    return (today - day).days > STALE_AFTER_DAYS
