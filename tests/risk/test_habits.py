"""What somebody usually pays, and how far a payment is from it. Nothing here needs a database."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daigou.risk.habits import scoring
from daigou.risk.habits.rules import NOTHING, Habit, Payment, as_json, from_json, habit_of
from daigou.risk.habits.scoring import Prior, Seen, score

MONDAY = datetime(2026, 11, 16, 20, tzinfo=UTC)
PRIOR = Prior(typical=4.787, spread=1.1, weight=5)  # 120 euro


def paid(cents=10_000, weeks=0, **more):
    values = {"currency": "EUR", "method": "card", "country": "DE", "categories": ("figures",), **more}
    return Payment(at=MONDAY - timedelta(weeks=weeks), cents=cents, **values)


REGULAR = habit_of([paid(cents, weeks) for weeks, cents in enumerate([9_000, 10_000, 11_000, 10_500] * 5, 1)])


def seen(**more):
    usual = {"at": MONDAY, "cents": 10_000, "currency": "EUR", "country": "DE", "categories": ("figures",)}
    return Seen(**{**usual, **more})


def codes(habit, it):
    return set(score(habit, PRIOR, it).by_code)


def test_what_somebody_does_every_week_has_no_sign():
    assert score(REGULAR, PRIOR, seen(method="card")).points == 0


def test_the_first_payment_of_a_new_account_is_no_wonder():
    assert score(NOTHING, PRIOR, seen(cents=30_000)).points == 0


@pytest.mark.parametrize(
    ("strange", "sign"),
    [
        ({"cents": 120_000}, "amount"),
        ({"country": "BR"}, "country"),
        ({"currency": "KRW"}, "currency"),
        ({"method": "alipay"}, "method"),
        ({"categories": ("watches",)}, "category"),
        ({"at": MONDAY.replace(hour=4)}, "hour"),
        ({"at": MONDAY + timedelta(days=5)}, "hour"),  # the same hour of a Saturday
        ({"paid": 4}, "pace"),
        ({"declined": 3}, "declines"),
        ({"ways": 3}, "ways"),
        ({"cards": 3}, "cards"),
        ({"strange_browser": True}, "browser"),
        ({"refused_near": 1}, "network"),
    ],
)
def test_each_strange_thing_is_named_by_itself(strange, sign):
    assert codes(REGULAR, seen(**strange)) == {sign}


def test_no_single_sign_weighs_as_much_as_what_a_person_must_look_at():
    assert max(scoring.MOST.values()) <= 40 < 60


def test_somebody_in_a_copied_account_is_held_by_what_comes_together():
    thief = seen(cents=90_000, country="US", currency="USD", at=MONDAY.replace(hour=4), strange_browser=True)
    assert score(REGULAR, PRIOR, thief).points >= 60


def test_tried_cards_alone_are_held():
    assert score(NOTHING, PRIOR, seen(declined=8, cards=5)).points >= 60


def test_one_large_payment_does_not_make_large_ones_usual():
    poisoned = habit_of([paid(weeks=week) for week in range(1, 20)] + [paid(1_000_000)])
    assert "amount" in codes(poisoned, seen(cents=1_000_000))


def test_what_was_never_done_says_little_after_one_payment_and_more_after_many():
    abroad = seen(country="BR")
    few, many = (score(habit_of([paid(weeks=w) for w in range(n)]), PRIOR, abroad) for n in (1, 30))
    assert 0 < few.by_code["country"] < many.by_code["country"]


payments = st.lists(
    st.builds(
        Payment,
        at=st.datetimes(datetime(2025, 1, 1), datetime(2026, 11, 1)),
        cents=st.integers(1, 5_000_000),
        currency=st.sampled_from(["EUR", "USD", "JPY"]),
        method=st.sampled_from(["card", "alipay", ""]),
        country=st.sampled_from(["DE", "US", ""]),
        categories=st.lists(st.sampled_from(["figures", "books"]), max_size=2).map(tuple),
    ),
    max_size=30,
)
tries = st.fixed_dictionaries({name: st.integers(0, 20) for name in ("paid", "declined", "ways", "cards")})


@given(payments, tries, st.integers(0, 5_000_000), st.sampled_from(["cents", "paid", "declined", "ways", "cards"]))
def test_more_of_anything_never_lowers_the_score(history, tried, cents, name):
    habit, it = habit_of(history), seen(cents=cents, **tried)
    more = seen(**{**tried, "cents": cents, name: getattr(it, name) + 1})
    assert score(habit, PRIOR, more).points >= score(habit, PRIOR, it).points


@given(payments, st.randoms())
def test_a_habit_does_not_depend_on_the_order_and_comes_back_from_its_row(history, chance):
    shuffled = list(history)
    chance.shuffle(shuffled)
    assert habit_of(shuffled) == habit_of(history)
    assert from_json(as_json(habit_of(history))) == habit_of(history)


@given(payments, tries)
def test_every_point_has_a_line_and_no_line_weighs_more_than_it_may(history, tried):
    found = score(habit_of(history), PRIOR, seen(**tried))
    assert found.points == sum(sign.points for sign in found.signs)
    assert all(0 < sign.points <= scoring.MOST[sign.code] for sign in found.signs)


def test_of_nobody_nothing_is_kept():
    assert habit_of([]) == from_json(None) == Habit()
