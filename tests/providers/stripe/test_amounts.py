import pytest
from hypothesis import given
from hypothesis import strategies as st

from daigou.core.money import Money
from daigou.providers.stripe.amounts import UNKNOWN, NotChargeable, from_stripe, step, to_stripe
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
