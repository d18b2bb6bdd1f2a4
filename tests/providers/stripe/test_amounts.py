import pytest
from hypothesis import given
from hypothesis import strategies as st

from daigou.core.money import Money
from daigou.pricing.rules import CURRENCIES
from daigou.providers.stripe.amounts import (
    UNKNOWN,
    NotChargeable,
    charge_limits,
    from_stripe,
    payable,
    payout_step,
    step,
    to_stripe,
)
from daigou.sandbox.stripe import currencies as theirs

# Currency, our minor units (ISO 4217), what Stripe is sent.
CASES = [
    ("EUR", 1250, 1250),
    ("USD", 1, 1),
    ("GBP", 999, 999),
    ("CNY", 100, 100),
    ("HKD", 100, 100),
    ("TWD", 15000, 15000),
    ("AUD", 5, 5),
    ("CAD", 5, 5),
    ("SGD", 5, 5),
    ("CHF", 5, 5),
    ("BRL", 5, 5),
    ("AED", 5, 5),
    ("SAR", 5, 5),
    ("HUF", 150, 150),
    ("JPY", 1250, 1250),
    ("KRW", 1250, 1250),
    ("VND", 9, 9),
    ("CLP", 9, 9),
    ("XOF", 9, 9),
    ("ISK", 12, 1200),
    ("UGX", 12, 1200),
    ("KWD", 1250, 1250),
    ("BHD", 10, 10),
    ("OMR", 10, 10),
    ("JOD", 10, 10),
    ("TND", 10, 10),
    ("MGA", 500, 5),
]


@pytest.mark.parametrize(("currency", "ours", "sent"), CASES)
def test_each_currency_is_sent_as_stripe_counts_it_and_read_back_the_same(currency, ours, sent):
    assert to_stripe(Money(ours, currency)) == sent
    assert from_stripe(sent, currency.lower()) == Money(ours, currency)


@pytest.mark.parametrize(("currency", "ours"), [("KWD", 1251), ("BHD", 5), ("MGA", 450)])
def test_an_amount_between_two_of_stripes_is_refused_and_never_rounded(currency, ours):
    with pytest.raises(NotChargeable):
        to_stripe(Money(ours, currency))


@pytest.mark.parametrize("currency", sorted(UNKNOWN))
def test_a_currency_that_stripe_does_not_take_is_refused(currency):
    with pytest.raises(NotChargeable):
        to_stripe(Money(100, currency))


@given(st.sampled_from(sorted(theirs.KNOWN)), st.integers(1, 10**8))
def test_what_we_send_has_the_shape_that_the_provider_wants(currency, steps):
    code = currency.upper()
    money = Money(steps * step(code), code)
    assert theirs.check_shape(to_stripe(money), currency) == to_stripe(money)
    assert from_stripe(to_stripe(money), currency) == money


# Currency, the least and the most of one charge in our minor units, the step of payouts.
LIMITS = [
    ("EUR", 50, 99_999_999, 1),
    ("USD", 50, 99_999_999, 1),
    ("GBP", 30, 99_999_999, 1),
    ("JPY", 50, 9_999_999_999, 1),
    ("KRW", 700, 9_999_999_999, 1),
    ("CNY", 400, 99_999_999, 1),
    ("HKD", 400, 99_999_999, 1),
    ("TWD", 1500, 99_999_999, 100),
    ("AUD", 50, 99_999_999, 1),
    ("CAD", 50, 99_999_999, 1),
    ("SGD", 50, 99_999_999, 1),
    ("CHF", 50, 99_999_999, 1),
    ("BRL", 50, 99_999_999, 1),
    ("AED", 200, 99_999_999, 1),
    ("SAR", 1, 99_999_999, 1),
    ("KWD", 10, 99_999_999, 10),
    ("HUF", 17_500, 9_999_999_999, 100),
    ("ISK", 1, 999_999, 1),
    ("UGX", 1, 999_999, 1),
    ("MGA", 100, 9_999_999_900, 100),
]


@pytest.mark.parametrize(("currency", "least", "most", "payouts"), LIMITS)
def test_each_currency_has_its_limits_and_its_step_of_payouts(currency, least, most, payouts):
    assert charge_limits(currency) == (Money(least, currency), Money(most, currency))
    assert payout_step(currency) == payouts


def test_every_currency_that_is_offered_is_written_out_above():
    assert {row[0] for row in CASES} >= set(CURRENCIES) <= {row[0] for row in LIMITS}


@pytest.mark.parametrize("currency", sorted(theirs.MINIMUM))
def test_our_least_charge_is_the_providers(currency):
    assert to_stripe(charge_limits(currency.upper())[0]) == theirs.MINIMUM[currency]


@given(st.sampled_from(["KWD", "MGA", "EUR", "JPY", "ISK"]), st.integers(-(10**9), 10**9))
def test_a_price_is_rounded_to_what_can_be_paid_and_by_no_more_than_half_a_step(currency, minor):
    found = payable(Money(minor, currency))
    assert found.minor % step(currency) == 0
    assert abs(found.minor - minor) * 2 <= step(currency)
    to_stripe(found)
