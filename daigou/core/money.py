"""Money.

An integer number of minor units and its currency. Nothing here converts, and nothing here rounds in secret.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

# ISO 4217 minor units. CLDR's digits differ (it shows IQD without decimals): they are for display only.
_EXPONENTS = {
    **dict.fromkeys(
        [
            "BIF",
            "CLP",
            "DJF",
            "GNF",
            "ISK",
            "JPY",
            "KMF",
            "KRW",
            "PYG",
            "RWF",
            "UGX",
            "UYI",
            "VND",
            "VUV",
            "XAF",
            "XOF",
            "XPF",
        ],
        0,
    ),
    **dict.fromkeys(["BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"], 3),
    **dict.fromkeys(["CLF", "UYW"], 4),
}

# Beyond this no single amount of this trade is honest; well inside BIGINT so that sums can't overflow.
LIMIT_MINOR = 10**14

_CURRENCY = re.compile(r"[A-Z]{3}")
_GROUPED = re.compile(r"^\d{1,3}([ '_\u00a0\u202f]\d{3})+([.,]\d+)?$")
_PLAIN = re.compile(r"^\d+([.,]\d+)?$")
_ENGLISH = re.compile(r"^\d{1,3}(,\d{3})+(\.\d+)?$")
_GERMAN = re.compile(r"^\d{1,3}(\.\d{3})+(,\d+)?$")


class CurrencyMismatch(TypeError):
    """Amounts of different currencies met in arithmetic."""


class BadAmount(ValueError):
    """Text that is not an amount of this currency. ``code`` is one of format, precision, range."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def exponent(currency: str) -> int:
    """How many decimals the currency has under ISO 4217."""
    if not _CURRENCY.fullmatch(currency):
        raise ValueError(f"not a currency code: {currency!r}")
    return _EXPONENTS.get(currency, 2)


@dataclass(frozen=True, slots=True)
class Money:
    """``minor`` counts the currency's smallest unit: Money(1250, "EUR") is 12.50 euro, Money(1250, "JPY") 1,250 yen."""

    minor: int
    currency: str

    def __post_init__(self) -> None:
        if type(self.minor) is not int:
            raise TypeError(f"minor units are integers, not {type(self.minor).__name__}")
        exponent(self.currency)

    @classmethod
    def zero(cls, currency: str) -> Money:
        return cls(0, currency)

    @classmethod
    def of(cls, amount: Decimal | int | str, currency: str) -> Money:
        """From a decimal number of major units; refuses more decimals than the currency has."""
        scaled = Decimal(amount).scaleb(exponent(currency))
        if scaled != scaled.to_integral_value():
            raise BadAmount("precision")
        return cls(int(scaled), currency)

    @classmethod
    def parse(cls, text: str, currency: str) -> Money:
        """From what a person typed: ``1,234.50``, ``1.234,50``, ``1 234,50`` and full-width digits all work."""
        cleaned = "".join(_ascii_digit(c) for c in text).strip()
        if not cleaned or len(cleaned) > 24:
            raise BadAmount("format")
        money = cls.of(_normal(cleaned, exponent(currency)), currency)
        if money.minor > LIMIT_MINOR:
            raise BadAmount("range")
        return money

    @property
    def decimal(self) -> Decimal:
        """The amount in major units, exact."""
        return Decimal(self.minor).scaleb(-exponent(self.currency))

    def __add__(self, other: Money) -> Money:
        return Money(self.minor + self._same(other), self.currency)

    def __sub__(self, other: Money) -> Money:
        return Money(self.minor - self._same(other), self.currency)

    def __neg__(self) -> Money:
        return Money(-self.minor, self.currency)

    def __mul__(self, count: int) -> Money:
        if type(count) is not int:
            raise TypeError("multiply money by whole counts; use times() for fractions")
        return Money(self.minor * count, self.currency)

    def __lt__(self, other: Money) -> bool:
        return self.minor < self._same(other)

    def __le__(self, other: Money) -> bool:
        return self.minor <= self._same(other)

    def __gt__(self, other: Money) -> bool:
        return self.minor > self._same(other)

    def __ge__(self, other: Money) -> bool:
        return self.minor >= self._same(other)

    def __bool__(self) -> bool:
        return self.minor != 0

    def __str__(self) -> str:
        return f"{self.decimal} {self.currency}"

    def times(self, factor: Fraction | Decimal) -> Money:
        """Multiplied by an exact factor, rounded half to even to a whole minor unit."""
        return Money(round(self.minor * Fraction(factor)), self.currency)

    def convert(self, rate: Fraction | Decimal, currency: str) -> Money:
        """At ``rate`` units of the target per unit of this currency (both major), half to even.

        The one way across currencies.
        """
        shift = Fraction(10) ** (exponent(currency) - exponent(self.currency))
        return Money(round(self.minor * Fraction(rate) * shift), currency)

    def allocate(self, weights: Sequence[int], step: int = 1) -> list[Money]:
        """Split by weights, in multiples of ``step`` minor units, so that the parts sum to the whole.

        Largest remainders get the odd units, earlier parts first; the first one bears what is no multiple.
        """
        total = sum(weights)
        if total <= 0 or any(w < 0 for w in weights):
            raise ValueError("weights must be non-negative and not all zero")
        units, rest = divmod(self.minor, step)
        shares = [divmod(units * w, total) for w in weights]
        odd = units - sum(q for q, _ in shares)
        order = sorted(range(len(weights)), key=lambda i: (-shares[i][1], i))
        raised = set(order[:odd])
        parts = [(q + (i in raised)) * step for i, (q, _) in enumerate(shares)]
        return [Money(part + (rest if i == 0 else 0), self.currency) for i, part in enumerate(parts)]

    def _same(self, other: object) -> int:
        if not isinstance(other, Money):
            raise TypeError(f"money and {type(other).__name__} do not mix")
        if other.currency != self.currency:
            raise CurrencyMismatch(f"{self.currency} and {other.currency}")
        return other.minor


def total(amounts: Iterable[Money], currency: str) -> Money:
    """The sum, in a stated currency so that an empty sum has one too."""
    result = Money.zero(currency)
    for amount in amounts:
        result += amount
    return result


def _ascii_digit(character: str) -> str:
    if character.isdecimal():
        return str(int(character))
    return {"\uff0e": ".", "\uff0c": ",", "\u066b": ".", "\u066c": ","}.get(character, character)


def _normal(text: str, digits: int) -> str:
    """A forgiving reading of grouping and decimal marks.

    A mark that could be either is decimal only if it fits the currency.
    """
    if _GROUPED.match(text):
        return re.sub(r"[ '_\u00a0\u202f]", "", text).replace(",", ".")
    if _ENGLISH.match(text) and (digits == 0 or text.count(",") > 1 or "." in text or digits != 3):
        return text.replace(",", "")
    if _GERMAN.match(text) and (digits == 0 or text.count(".") > 1 or "," in text or digits != 3):
        return text.replace(".", "").replace(",", ".")
    if _PLAIN.match(text):
        return text.replace(",", ".")
    raise BadAmount("format")
