"""Stripe's special cases of currencies, all of them here.

Stripe counts amounts in a smallest unit that is not always ISO 4217's. Sources: docs.stripe.com/currencies, sections
"Zero-decimal currencies", "Three-decimal currencies" and "Special cases", read 2026-11.
"""

from __future__ import annotations

from fractions import Fraction

from daigou.core.money import Money, exponent

# Sent without decimals. MGA has two under ISO 4217 and none here.
ZERO_DECIMAL = frozenset(
    {"BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA", "PYG", "RWF", "VND", "VUV", "XAF", "XOF", "XPF"}
)
# Sent with three decimals of which the last must be 0.
THREE_DECIMAL = frozenset({"BHD", "JOD", "KWD", "OMR", "TND"})
# No decimals under ISO 4217, yet sent times a hundred.
TIMES_HUNDRED = frozenset({"ISK", "UGX"})
# Payouts (not charges) only in whole units.
WHOLE_PAYOUTS = frozenset({"HUF", "TWD", "ISK", "UGX"})
# What Stripe does not take at all although ISO 4217 has it.
UNKNOWN = frozenset({"CLF", "IQD", "LYD", "UYI", "UYW"})
# The least that a charge may be, as Stripe counts it ("Minimum and maximum charge amounts"). Where it names none, its
# own refusal says what is too small.
LEAST = {
    "USD": 50, "AED": 200, "AUD": 50, "BRL": 50, "CAD": 50, "CHF": 50, "CZK": 1500, "DKK": 250, "EUR": 50,
    "GBP": 30, "HKD": 400, "HUF": 17500, "INR": 50, "JPY": 50, "MXN": 1000, "MYR": 200, "NOK": 300, "NZD": 50,
    "PLN": 200, "RON": 200, "SEK": 300, "SGD": 50, "THB": 1000, "KRW": 700, "TWD": 1500, "CNY": 400,
}  # fmt: skip
# Eight digits, and more where the unit is small.
MOST = 99_999_999
WIDER = {"IDR": 999_999_999_999, "JPY": 9_999_999_999, "KRW": 9_999_999_999, "HUF": 9_999_999_999}


class NotChargeable(ValueError):
    """An amount that Stripe can't take in this currency. ``code`` is currency or step."""

    def __init__(self, code: str, money: Money) -> None:
        super().__init__(f"{code}: {money}")
        self.code = code


def stripe_exponent(currency: str) -> int:
    """How many decimals Stripe counts in. Raises NotChargeable for currencies that it does not take."""
    if currency in UNKNOWN:
        raise NotChargeable("currency", Money.zero(currency))
    if currency in ZERO_DECIMAL:
        return 0
    return 3 if currency in THREE_DECIMAL else 2


def step(currency: str) -> int:
    """The smallest difference between two amounts of this currency at Stripe, in ISO minor units."""
    if currency in THREE_DECIMAL:
        return 10
    surplus = exponent(currency) - stripe_exponent(currency)
    return _power(max(surplus, 0))


def payable(money: Money) -> Money:
    """The nearest amount that Stripe can take in this currency, half to even: what a new price is rounded to."""
    least = step(money.currency)
    return Money(round(Fraction(money.minor, least)) * least, money.currency)


def payout_step(currency: str) -> int:
    """The smallest difference between two payouts of this currency, in ISO minor units."""
    if currency not in WHOLE_PAYOUTS:
        return step(currency)
    return max(_power(exponent(currency)), step(currency))


def charge_limits(currency: str) -> tuple[Money, Money]:
    """The least and the most of one charge. Raises NotChargeable for currencies that Stripe does not take."""
    stripe_exponent(currency)
    least = from_stripe(LEAST[currency], currency) if currency in LEAST else Money(step(currency), currency)
    most = WIDER.get(currency, MOST) // _power(_surplus(currency)) * _power(_surplus(currency))
    return least, from_stripe(most, currency)


def _surplus(currency: str) -> int:
    """Decimals that Stripe counts beyond ISO's."""
    return max(stripe_exponent(currency) - exponent(currency), 0)


def to_stripe(money: Money) -> int:
    """What to send. Raises NotChargeable when the amount falls between two of Stripe's."""
    if money.minor % step(money.currency):
        raise NotChargeable("step", money)
    shift = stripe_exponent(money.currency) - exponent(money.currency)
    return money.minor * _power(shift) if shift >= 0 else money.minor // _power(-shift)


def from_stripe(amount: int, currency: str) -> Money:
    """What came back, as ISO counts it."""
    code = currency.upper()
    shift = stripe_exponent(code) - exponent(code)
    if shift <= 0:
        return Money(amount * _power(-shift), code)
    minor, rest = divmod(amount, _power(shift))
    if rest:
        raise ValueError(f"{amount} {code} is no whole amount")
    return Money(minor, code)


def _power(digits: int) -> int:
    return int(10**digits)
