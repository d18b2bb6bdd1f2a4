from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.oversight import evidence, rules
from compliance.oversight.standards import ALL


@pytest.mark.parametrize(
    ("last", "months", "due"),
    [
        (None, 12, date(2026, 11, 22)),
        (date(2026, 2, 3), 12, date(2027, 2, 3)),
        (date(2026, 8, 31), 6, date(2027, 2, 28)),
        (date(2026, 12, 31), 3, date(2027, 3, 28)),
    ],
)
def test_the_next_audit_comes_a_whole_number_of_months_later(last, months, due):
    assert rules.next_due(last, months, date(2026, 11, 22)) == due


@given(st.dates(date(2000, 1, 1), date(2100, 1, 1)), st.integers(1, 60))
def test_the_next_audit_is_always_later(last, months):
    assert rules.next_due(last, months, last) > last


def test_the_graver_the_sooner():
    days = [rules.DAYS_TO_MEND[severity] for severity in rules.SEVERITIES]
    assert days == sorted(days, reverse=True)


@pytest.mark.parametrize(
    ("verdicts", "score"),
    [
        (["met", "met"], 100),
        (["met", "not_met"], 50),
        (["partly"], 50),
        (["not_applicable"], 100),
        (["open", "met"], 50),
    ],
)
def test_what_does_not_apply_counts_neither_way(verdicts, score):
    assert rules.score(verdicts) == score


@pytest.mark.parametrize("standard", ALL.values(), ids=list(ALL))
def test_every_point_is_named_once_and_its_evidence_exists(standard):
    codes = [point.code for point in standard.points]
    assert len(codes) == len(set(codes))
    named = {name for point in standard.points for name in point.evidence}
    assert [name for name in named if not str(evidence.label(name))] == []
