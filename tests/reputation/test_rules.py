"""How a shop's score follows from its record."""

from dataclasses import replace

from hypothesis import given
from hypothesis import strategies as st

from daigou.reputation import rules
from daigou.reputation.rules import Record

NOBODY = Record(0, 0, 0, 0.0, 0, None, 0)
counts = st.integers(0, 500)
records = st.builds(
    lambda sales, reviewers, mark, complaints, minutes, violations: Record(
        sales, reviewers, 0, reviewers * mark, complaints, minutes, violations
    ),
    counts, counts, st.floats(1, 5), counts, st.none() | st.integers(0, 100_000), st.integers(0, 9),
)  # fmt: skip


@given(records)
def test_a_score_is_out_of_a_hundred(record):
    assert 0 <= rules.score(record) <= 100


@given(records)
def test_nothing_bad_ever_raises_a_score(record):
    score = rules.score(record)
    assert rules.score(replace(record, complaints=record.complaints + 1)) <= score
    assert rules.score(replace(record, violations=record.violations + 1)) <= score
    assert rules.score(replace(record, answer_minutes=(record.answer_minutes or 0) + 60)) <= score
    worst = replace(record, reviewers=record.reviewers + 1, marks=record.marks + 1)
    assert rules.score(worst) <= score


@given(records)
def test_a_voice_of_five_never_lowers_a_score(record):
    assert rules.score(replace(record, reviewers=record.reviewers + 1, marks=record.marks + 5)) >= rules.score(record)


def test_one_glowing_review_moves_a_new_shop_but_little():
    assert rules.score(replace(NOBODY, reviewers=1, marks=5)) - rules.score(NOBODY) <= 3


def test_recent_complaints_are_told_whatever_the_score():
    assert rules.is_warned_of(2)
    assert not rules.is_warned_of(1)
