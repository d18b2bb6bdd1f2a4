from datetime import UTC, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from daigou.core.money import Money
from daigou.ledger.rules import imbalance
from daigou.payments.escrow import rules as escrow
from daigou.payments.paying import rules as paying
from daigou.payments.payouts.words import wanted
from daigou.payments.refunds import rules as refunds
from daigou.providers.payment import CHECKED, BookLine

NOW = datetime(2026, 11, 21, 12, tzinfo=UTC)
amounts = st.integers(0, 10**9)
some = st.integers(1, 10**9)


def line(gross, fee=0, currency="JPY"):
    return BookLine("txn_1", "charge", "ch_1", Money(gross, currency), Money(fee, currency), NOW)


@given(st.lists(some, min_size=1, max_size=6), some, amounts)
def test_a_capture_balances_across_currencies_and_within_one(parts, gross, fee):
    owners = [(f"item-{n}", Money(minor, "EUR")) for n, minor in enumerate(parts)]
    assert not imbalance(paying.captured(owners, line(gross, fee)))
    assert not imbalance(paying.captured(owners, line(sum(parts), fee, "EUR")))


@given(some, some, amounts, some)
def test_a_refund_and_its_return_balance(amount, taken, fee, was):
    money, worth = Money(amount, "EUR"), Money(was, "JPY")
    for gross in (-taken, taken):
        assert not imbalance(refunds.refunded("r", money, line(gross, fee), worth))
    assert not imbalance(refunds.refunded("r", money, line(-amount, fee, "EUR"), money))


@given(amounts, amounts, amounts, amounts, amounts, st.fractions(0, 1), st.fractions(0, 1))
def test_a_release_divides_all_that_is_held_whatever_was_refunded(goods, freight, fee, mgoods, mfreight, rate, kept):
    price = escrow.Price(
        *(Money(m, "EUR") for m in (goods, freight, fee)),
        Money(mgoods, "JPY"),
        Money(mfreight, "JPY"),
        Money(mgoods, "JPY").times(rate),
    )
    held = price.total.times(kept)
    parts = escrow.share(price, held)
    assert not imbalance(escrow.released("i", "m", held, parts))
    assert parts.fee + parts.sold == held
    assert parts.fee.minor >= 0
    assert 0 <= parts.net.minor <= mgoods + mfreight
    if held == price.total:
        assert parts.due.minor == (mgoods if goods else 0) + (mfreight if freight else 0)


@given(amounts, amounts, amounts)
def test_a_parcels_money_balances(freight, premium, duty):
    assert not imbalance(escrow.freight_settled("p", *(Money(m, "EUR") for m in (freight, premium, duty))))


def test_a_hosted_page_ends_with_its_bill_but_lives_half_an_hour_at_least():
    assert paying.page_expiry(NOW, NOW + timedelta(days=3)) == NOW + timedelta(hours=1)
    assert paying.page_expiry(NOW, NOW + timedelta(minutes=45)) == NOW + timedelta(minutes=45)
    assert paying.page_expiry(NOW, NOW + timedelta(minutes=5)) == NOW + timedelta(minutes=31)


@given(st.integers(1, 10**9), st.lists(st.integers(1, 10**7), min_size=1, max_size=12), st.data())
def test_however_a_payment_is_cut_up_its_parts_bring_back_what_came_in(settled, parts, data):
    """Failed refunds that come back in between included: the exchange accounts end at nothing."""
    settled, whole, gone = Money(settled, "JPY"), Money(sum(parts), "EUR"), Money(0, "EUR")
    brought = Money(0, "JPY")
    for minor in parts:
        part = Money(minor, "EUR")
        for moved in (part, -part, part) if data.draw(st.booleans()) else (part,):
            brought += refunds.worth(settled, whole, gone, moved)
            gone += moved
    assert gone == whole
    assert brought == settled


def test_what_a_merchant_still_has_to_give_is_said_in_words_once_each(app):
    names = ["individual.dob.day", "individual.dob.month", "external_account", "company.owners_provided", "made.up"]
    said = wanted([*names, "individual.verification.document" + CHECKED])
    assert said[:2] == ["a date of birth", "the bank account for your money"]
    assert len(said) == 5
    assert said[-1].endswith("paper (being checked)")
    assert not any("." in words or "_" in words for words in said)
