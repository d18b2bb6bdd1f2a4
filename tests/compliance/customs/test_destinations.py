"""Each destination's rows beside what its law says, and what holds for all of them."""

from datetime import date
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.customs import rules
from daigou import reference
from daigou.core.money import CurrencyMismatch, Money

from .test_duty import BOOK, FIGURE, PEN, ROWS

DAY = date(2026, 11, 20)
SHIRT = "610910"
CURRENCY = {
    **dict.fromkeys(rules.EU, "EUR"),
    "GB": "GBP", "US": "USD", "CA": "CAD", "AU": "AUD", "NZ": "NZD", "SG": "SGD", "HK": "HKD", "TW": "TWD", "KR": "KRW",
    "CN": "CNY", "CH": "CHF", "NO": "NOK", "AE": "AED", "SA": "SAR", "BR": "BRL", "JP": "JPY",
}  # fmt: skip
PER_DOLLAR = {"KRW": Fraction(1400), "BRL": Fraction(5)}


def exchange(amount, currency):
    """Thresholds in dollars, at a round rate."""
    return amount if amount.currency == currency else amount.convert(1 / PER_DOLLAR[amount.currency], currency)


def assess(country, *values, freight=0, hs=PEN, day=DAY):
    """Whole units of the destination's currency."""
    currency = CURRENCY[country]

    def money(units):
        return Money.parse(str(units), currency)

    goods = [rules.Good(hs, "JP", money(v)) for v in values]
    return rules.assess(goods, money(freight), Money.zero(currency), country, day, ROWS, exchange)


def units(money):
    return float(money.decimal)


def codes(assessment):
    return [c.code for c in assessment.charges]


def test_wherever_a_line_goes_the_law_is_in_the_table():
    (lines,) = reference.tables("daigou.shipping")
    assert {row["destination"] for row in lines["rows"]} == CURRENCY.keys() - {"JP"}
    for country, currency in CURRENCY.items():
        assert rules.currency_of(rules.in_force(ROWS, country, DAY)) == currency


def test_america_asks_for_duty_from_the_first_dollar_on_the_goods_alone():
    found = assess("US", 10, freight=30)
    assert (codes(found), units(found.duty), units(found.vat)) == (["duty", "surcharge", "vat"], 1.8, 0)
    assert assess("US", 100, hs=FIGURE).duty == Money(1500, "USD")  # toys are free, the surcharge is not


def test_britain_reliefs_duty_up_to_135_pounds_and_never_its_tax():
    within, above = assess("GB", 135, freight=15), assess("GB", "135.01", freight=15)
    assert (within.scheme, units(within.duty), units(within.vat)) == ("VAT at sale", 0, 30)
    assert (above.scheme, units(above.duty)) == (None, 3.75)


def test_australia_charges_tax_at_sale_up_to_a_thousand_dollars():
    within, above = assess("AU", 1000, freight=50), assess("AU", 1001, freight=50)
    assert (within.scheme, units(within.duty), units(within.vat)) == ("GST at sale", 0, 105)
    assert (above.scheme, units(above.duty), units(above.vat)) == (None, 50.05, 110.10)  # duty on the goods alone


def test_canada_frees_twenty_dollars_by_post():
    assert codes(assess("CA", 20)) == ["relief", "tax_relief", "open"]
    above = assess("CA", 100, freight=40)
    assert (units(above.duty), units(above.vat)) == (6, 5.3)  # neither counts the freight
    assert not above.is_final  # a province's own tax is left out


def test_koreas_limit_stands_in_dollars_and_above_it_everything_counts():
    within, above = assess("KR", 210_000, freight=20_000), assess("KR", 210_100, freight=20_000)
    assert not within.total
    assert (above.duty, above.vat) == (Money(18_408, "KRW"), Money(24_851, "KRW"))
    with pytest.raises(CurrencyMismatch):
        rules.assess([rules.Good(PEN, "JP", Money(1, "KRW"))], Money.zero("KRW"), Money.zero("KRW"), "KR", DAY, ROWS)


def test_china_takes_seventy_percent_of_its_tax_up_to_five_thousand():
    assert units(assess("CN", 5000).total) == 455
    above = assess("CN", 5001)
    assert "duty" in codes(above)
    assert above.vat.minor == pytest.approx(5001 * 1.1 * 13, abs=1)


def test_japan_frees_ten_thousand_yen_until_april_2028():
    assert not assess("JP", 10_000, day=date(2028, 3, 31)).total
    assert assess("JP", 10_000, day=date(2028, 4, 1)).total.minor == 1_330


def test_singapore_switzerland_and_norway_each_have_a_limit_of_another_kind():
    assert codes(assess("SG", 400)) == ["duty", "tax_relief"]
    assert units(assess("SG", 401, freight=99).vat) == 45
    assert codes(assess("CH", 61)) == ["waiver", "open"]  # 8.1 % of it is less than five francs
    assert units(assess("CH", 100).vat) == 8.1
    assert (assess("NO", 3000).scheme, assess("NO", 3001).scheme) == ("VOEC", None)
    assert units(assess("NO", 100, hs=SHIRT).total) == 38.38  # 10.7 % duty on clothes, a quarter on top


def test_brazils_rate_falls_below_fifty_dollars():
    assert units(assess("BR", 250).duty) == 50
    assert units(assess("BR", 251).duty) == 150.6


def test_a_free_port_asks_for_nothing_and_says_so():
    found = assess("HK", 100_000, freight=500)
    assert not found.total
    assert [c.permille for c in found.charges] == [0, 0]
    assert found.is_final


@pytest.mark.parametrize(("country", "rate"), [("AT", 200), ("FI", 255), ("HU", 270), ("LU", 170), ("SK", 230)])
def test_members_of_the_union_share_the_duty_and_keep_their_own_tax(country, rate):
    found = assess(country, 100, day=date(2026, 10, 1))
    assert found.duty == Money(300, "EUR")
    assert found.vat.minor == rate * 103 // 10 + (rate * 103 % 10 > 5)


def test_customs_names_the_number_it_asks_the_recipient_for():
    asked = {c: rules.importer_id(rules.in_force(ROWS, c, DAY)) for c in CURRENCY}
    assert {c: n for c, n in asked.items() if n} == {"KR": "PCCC", "BR": "CPF", "CN": "ID"}


def test_every_row_names_its_source():
    assert all(r.source for r in ROWS)


PARCELS = st.lists(
    st.tuples(st.integers(1, 10**7), st.sampled_from([FIGURE, PEN, BOOK, SHIRT])), min_size=1, max_size=5
)


@given(st.sampled_from(sorted(CURRENCY)), PARCELS, st.integers(0, 10**6), st.integers(0, 10**5))
def test_an_assessment_is_the_sum_of_its_rows_and_never_negative_anywhere(country, lines, freight, insurance):
    currency = CURRENCY[country]
    goods = [rules.Good(hs, "JP", Money(v, currency)) for v, hs in lines]
    carriage = (Money(freight, currency), Money(insurance, currency))
    found = rules.assess(goods, *carriage, country, DAY, ROWS, exchange)
    assert {m.currency for c in found.charges for m in (c.amount, c.basis)} | {found.total.currency} == {currency}
    assert found.total.minor == sum(c.amount.minor for c in found.charges) == sum(
        m.minor for m in (found.duty, found.vat, found.handling)
    )
    assert all(c.amount.minor >= 0 and c.source and c.rule_id for c in found.charges)
