"""Stripe's special cases of currencies, all of them here.

Stripe counts amounts in a smallest unit that is not always ISO 4217's. Sources: docs.stripe.com/currencies, sections
"Zero-decimal currencies", "Three-decimal currencies" and "Special cases", read 2026-11.
"""

from __future__ import annotations

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
