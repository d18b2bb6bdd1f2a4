"""Pure rules: names, limits, ratings."""

from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.identity import rating, rules
from daigou.core.money import Money

EUR = Money(100, "EUR")
LIMITS = rules.Limits("basic", Money(200_000, "EUR"), Money(500_000, "EUR"), 20, None, 0)


@pytest.mark.parametrize(
    ("claimed", "shown"),
    [
        ("Mara Vogel", "VOGEL MARA"), ("Zoë Müller", "Zoe Muller"), ("Mara Vogel", "Mara Lena Vogel"),
        ("星野 さくら", "星野さくら"), ("王小明", "王 小明"), ("O'Neil Söhne", "ONEIL SÖHNE"), ("محمد علي", "علي محمد"),
        ("Анна Иванова", "ИВАНОВА АННА"), ("김 민준", "김민준"),
    ],
)  # fmt: skip
def test_a_name_is_the_same_in_any_order_case_and_accent(claimed, shown):
    assert rules.names_match(claimed, shown)


@pytest.mark.parametrize(
    ("claimed", "shown"),
    [("Mara Vogel", "Mara Vogt"), ("Mara", "Mara Vogel"), ("", "Mara Vogel"), ("Mara Vogel", ""), ("…", "…"),
     ("Mara Vogel", "Mаra Vogel"), ("王小明", "王小红")],
)  # fmt: skip
def test_another_name_is_another_name(claimed, shown):
    assert not rules.names_match(claimed, shown)


def test_letters_of_two_alphabets_in_one_word_are_seen():
    assert rules.mixed_scripts("Mаra Vogel")  # a Cyrillic а
    assert not rules.mixed_scripts("Mara Иванова")
    assert not rules.mixed_scripts("星野 Sakura")


@pytest.mark.parametrize(
    ("open_orders", "month", "order", "limit"),
    [(0, 0, 200_000, None), (0, 0, 200_001, "order"), (20, 0, 1, "open_orders"), (0, 400_000, 100_001, "month"),
     (19, 400_000, 100_000, None)],
)  # fmt: skip
def test_an_order_fits_a_limit_to_the_cent(open_orders, month, order, limit):
    spent = rules.Spent(open_orders, Money(month, "EUR"))
    assert rules.exceeded(LIMITS, spent, Money(order, "EUR")) == limit


@given(st.integers(0, 3000), st.one_of(st.none(), st.integers(0, 50)))
def test_no_limit_stays_no_limit_and_a_cap_only_lowers(permille, cap):
    free = rules.scaled(rules.Limits("advanced", None, None, None, None, 0), permille, cap)
    assert (free.order, free.month, free.open_orders) == (None, None, cap)
    scaled = rules.scaled(LIMITS, permille, cap)
    assert scaled.open_orders == min(20, 20 if cap is None else cap)
    assert scaled.order == Money(200 * permille, "EUR")


HISTORY = st.builds(rating.History, *[st.integers(0, 200)] * 5, st.integers(0, 5000))


@given(HISTORY)
def test_a_score_stays_between_its_bounds_and_is_the_sum_of_its_lines(history):
    found = rating.rate(history)
    assert 0 <= found.score <= 100
    assert found.score == max(0, min(100, rating.START + sum(reason.points for reason in found.reasons)))


@given(HISTORY, st.integers(1, 50))
def test_paying_never_costs_points_and_a_dispute_never_gives_any(history, more):
    from dataclasses import replace

    score = rating.rate(history).score
    assert rating.rate(replace(history, paid_orders=history.paid_orders + more)).score >= score
    assert rating.rate(replace(history, lost_disputes=history.lost_disputes + more)).score <= score


def test_sending_back_what_is_not_right_costs_nothing():
    assert rating.rate(rating.History(8, 0, 3, 0, 0, 0)).score == rating.rate(rating.History(8, 0, 0, 0, 0, 0)).score


def test_a_document_ends_after_its_last_day():
    assert rules.document_fault(date(2026, 1, 1), date(2026, 1, 1)) is None
    assert rules.document_fault(date(2026, 1, 1), date(2026, 1, 2)) == "document_expired"
