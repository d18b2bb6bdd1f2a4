from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daigou.core.money import BadAmount, CurrencyMismatch, Money, total

amounts = st.integers(-(10**12), 10**12)
currencies = st.sampled_from(["EUR", "JPY", "KWD", "USD", "CLF"])


@given(amounts, st.lists(st.integers(0, 1000), min_size=1, max_size=12).filter(any), currencies)
def test_an_allocation_sums_to_the_whole(minor, weights, currency):
    parts = Money(minor, currency).allocate(weights)
    assert total(parts, currency) == Money(minor, currency)


@given(st.integers(0, 10**12), st.lists(st.integers(0, 1000), min_size=1, max_size=12).filter(any))
def test_no_part_of_an_allocation_is_off_by_a_whole_unit(minor, weights):
    for part, weight in zip(Money(minor, "EUR").allocate(weights), weights, strict=True):
        assert abs(Fraction(part.minor) - Fraction(minor * weight, sum(weights))) < 1


@given(amounts, amounts, currencies)
def test_what_is_added_can_be_taken_away(a, b, currency):
    assert Money(a, currency) + Money(b, currency) - Money(b, currency) == Money(a, currency)


@given(amounts, currencies)
def test_an_amount_survives_its_decimal_form(minor, currency):
    money = Money(minor, currency)
    assert Money.of(money.decimal, currency) == money


@given(st.integers(0, 10**12))
def test_there_and_back_at_an_exact_rate_loses_nothing(minor):
    there = Money(minor, "EUR").convert(Fraction(2), "USD")
    assert there.convert(Fraction(1, 2), "EUR") == Money(minor, "EUR")


def test_conversion_minds_each_currencys_decimals():
    assert Money(18_400, "JPY").convert(Fraction(1, 160), "EUR") == Money(11_500, "EUR")
    assert Money(11_500, "EUR").convert(Fraction(160), "JPY") == Money(18_400, "JPY")


def test_conversion_rounds_half_to_even():
    assert Money(1, "EUR").convert(Fraction(1, 2), "USD") == Money(0, "USD")
    assert Money(3, "EUR").convert(Fraction(1, 2), "USD") == Money(2, "USD")


def test_currencies_do_not_mix():
    with pytest.raises(CurrencyMismatch):
        Money(1, "EUR") + Money(1, "USD")
    with pytest.raises(CurrencyMismatch):
        assert Money(1, "EUR") < Money(1, "USD")


@pytest.mark.parametrize("wrong", [1.5, "1", None, True])
def test_minor_units_are_whole_numbers(wrong):
    with pytest.raises(TypeError):
        Money(wrong, "EUR")


@pytest.mark.parametrize(
    ("text", "currency", "minor"),
    [
        ("12.50", "EUR", 1250),
        ("12,50", "EUR", 1250),
        ("1,234.50", "EUR", 123450),
        ("1.234,50", "EUR", 123450),
        ("1 234,50", "EUR", 123450),
        ("1'234.50", "EUR", 123450),
        ("18,400", "JPY", 18400),
        ("18.400", "JPY", 18400),
        ("１８４００", "JPY", 18400),
        ("١٢٫٥٠", "EUR", 1250),
        ("1.234", "KWD", 1234),
        ("7", "EUR", 700),
    ],
)
def test_people_may_write_amounts_their_way(text, currency, minor):
    assert Money.parse(text, currency) == Money(minor, currency)


@pytest.mark.parametrize(
    "text", ["", "abc", "-5", "1,2,3", "1e5", "12.345.6", "٪", "🙂", "‮12", "NaN", "Infinity", "9" * 30]
)
def test_what_is_no_amount_is_refused(text):
    with pytest.raises(BadAmount):
        Money.parse(text, "EUR")


def test_more_decimals_than_the_currency_has_are_refused():
    with pytest.raises(BadAmount, match="precision"):
        Money.parse("1.5", "JPY")
