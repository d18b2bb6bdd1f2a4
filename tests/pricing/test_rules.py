from datetime import date
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daigou.core.money import Money
from daigou.pricing.rules import FeeRule, Published, Quotation, cross, is_stale

DAY = date(2026, 11, 20)
per_euro = st.decimals("0.001", "30000", places=4).map(lambda rate: Published(rate, DAY, "test"))


def fee(permille="60", minimum=300, currency="EUR"):
    return FeeRule("service", Decimal(permille), minimum, currency, DAY, "test")


@given(per_euro, per_euro, st.integers(0, 100))
def test_a_cross_rate_is_the_exact_one_cut_to_ten_places(base, target, spread):
    exact = Fraction(target.rate) / Fraction(base.rate) * (1000 + spread) / 1000
    assert abs(Fraction(cross(base, target, Decimal(spread))) - exact) <= Fraction(1, 2 * 10**10)


@given(per_euro, per_euro)
def test_the_spread_only_makes_it_dearer(base, target):
    assert cross(base, target, Decimal(15)) >= cross(base, target, Decimal(0))


def test_a_yen_price_in_euro_minds_the_spread():
    rate = cross(Published(Decimal(160), DAY, ""), Published(Decimal(1), DAY, ""), Decimal(15))
    assert rate == Decimal("0.0063437500")
    assert Quotation("JPY", "EUR", rate, DAY, "").convert(Money(18_400, "JPY")) == Money(11_672, "EUR")


def test_conversion_rounds_half_to_even():
    half = Quotation("JPY", "EUR", Decimal("0.005"), DAY, "")
    assert half.convert(Money(1, "JPY")) == Money(0, "EUR")
    assert half.convert(Money(3, "JPY")) == Money(2, "EUR")


def test_a_rate_refuses_other_currencies():
    with pytest.raises(ValueError, match="can't convert"):
        Quotation("JPY", "EUR", Decimal(1), DAY, "").convert(Money(1, "KRW"))


@given(st.integers(0, 10**12))
def test_a_fee_is_its_share_and_never_below_its_minimum(minor):
    amount = fee().of(Money(minor, "EUR"))
    assert amount.minor == max(round(Fraction(minor) * 60 / 1000), 300)


def test_a_minimum_holds_in_its_own_currency_only():
    assert fee(minimum=300).of(Money(100, "USD")) == Money(6, "USD")


@pytest.mark.parametrize(("days", "stale"), [(0, False), (5, False), (6, True), (400, True)])
def test_a_rate_is_stale_after_five_days(days, stale):
    assert is_stale(DAY, date.fromordinal(DAY.toordinal() + days)) is stale
