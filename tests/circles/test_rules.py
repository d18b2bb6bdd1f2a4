"""Who may bear which name, what an officer reads first, and what several verdicts come to."""

from datetime import date

import pytest

from daigou.circles import rules
from daigou.circles.rules import Counts
from daigou.risk.words import look_in_message

TODAY = date(2026, 11, 22)


@pytest.mark.parametrize(
    ("alias", "fault"),
    [
        ("Moon rabbit", ""),
        ("月兎", ""),
        ("Vogelfrei", ""),
        ("m", "length"),
        ("·.·", "length"),
        ("Mara Vogel", "own_name"),
        ("mara_vogel_99", "own_name"),
        ("ＭＡＲＡ Ｖｏｇｅｌ", "own_name"),
        ("Mara", "own_name"),
        ("the real Vogel", "own_name"),
        ("daigou support", "reserved"),
        ("S-u-p-p-o-r-t", "reserved"),
        ("官方客服", "reserved"),
    ],
)
def test_nobody_appears_under_their_own_name_or_as_one_of_us(alias, fault):
    assert rules.fault_of(alias, "Mara Vogel") == fault


def test_names_that_look_alike_have_one_key():
    assert rules.key_of("Moon Rabbit") == rules.key_of("moon-rabbit") == rules.key_of("ＭＯＯＮ　ＲＡＢＢＩＴ")


@pytest.mark.parametrize(
    ("words", "is_held"),
    [
        ("The seam at the neck tells a replica.", False),
        ("See https://maker.example.test/rin for the print.", False),
        ("Replica here: https://shop.example.test", True),
        ("Add me on WeChat", True),
        ("rin@example.test has one", True),
        ("call +49 151 23456789", True),
        ("转微信", True),
    ],
)
def test_talk_of_replicas_and_a_link_are_fair_and_ways_to_meet_elsewhere_are_not(words, is_held):
    assert rules.needs_officer(look_in_message(words, TODAY)) is is_held


@pytest.mark.parametrize(
    ("counts", "outcome", "is_strong"),
    [
        (Counts(), "", False),
        (Counts(2, 0, 0), "", False),
        (Counts(3, 0, 0), "genuine", False),
        (Counts(2, 1, 0), "genuine", False),
        (Counts(2, 2, 0), "unsure", False),
        (Counts(1, 0, 5), "unsure", False),
        (Counts(0, 2, 1), "doubtful", False),
        (Counts(0, 3, 0), "doubtful", True),
        (Counts(1, 3, 0), "doubtful", True),
        (Counts(2, 3, 0), "unsure", False),
    ],
)
def test_an_outcome_needs_three_voices_and_twice_as_many_on_one_side(counts, outcome, is_strong):
    assert counts.outcome(TODAY) == outcome
    assert counts.are_strong_doubts(TODAY) is is_strong


def test_every_figure_has_one_row_for_each_day():
    names = {row.what for row in rules.FIGURES}
    for name in names:
        assert len([r for r in rules.FIGURES if r.what == name and r.valid_from <= TODAY and not r.valid_to]) == 1
    with pytest.raises(LookupError):
        rules.figure("kept_days", date(2025, 12, 31))
