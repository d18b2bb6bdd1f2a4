from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from daigou.shipping import rules, tracking
from daigou.shipping.tracking import Scan, furthest, normalised

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("status", "detail", "postal", "ours"),
    [
        ("pre_transit", "label_created", "MA", "announced"),
        ("in_transit", "received_at_origin_facility", "EMA", "accepted"),
        ("in_transit", "departed_origin_facility", "EMC", "in_transit"),
        ("in_transit", "held", "EDB", "customs"),
        ("in_transit", "departed_facility", "EDC", "customs_released"),
        ("in_transit", "departed_facility", "", "in_transit"),
        ("in_transit", "awaiting_information", "EME", "customs_information_required"),
        ("in_transit", "delivery_exception", "EME", "customs_duty_due"),
        ("out_for_delivery", "out_for_delivery", "EDG", "out_for_delivery"),
        ("delivered", "delivered", "EMI", "delivered"),
        ("return_to_sender", "return", "EMF", "returning"),
        ("return_to_sender", "delivered", "EMI", "returned"),
        ("failure", "lost", "EXA", "lost"),
        ("failure", "damaged", "EXB", "damaged"),
        ("in_transit", "a word of tomorrow", "", "in_transit"),
        ("a status of tomorrow", "", "", "in_transit"),
    ],
)
def test_the_carriers_words_become_ours(status, detail, postal, ours):
    assert normalised(Scan(NOON, status, detail, postal)) == ours


def told(*statuses):
    return [(NOON + timedelta(hours=n), s) for n, s in enumerate(statuses)]


def test_the_furthest_scan_decides_whatever_the_order_they_come_in():
    journey = told("accepted", "in_transit", "customs", "customs_released", "out_for_delivery")
    assert furthest(journey) == furthest(reversed(journey)) == "go_out"


def test_a_late_scan_of_an_early_step_moves_nothing_back():
    assert furthest([*told("accepted", "customs"), (NOON + timedelta(days=2), "in_transit")]) == "enter_customs"


def test_the_last_word_counts_among_ends():
    assert furthest(told("accepted", "lost", "delivered")) == "deliver"
    assert furthest(told("accepted", "delivered", "returned")) == "turn_back"


def test_words_alone_move_nothing():
    assert furthest(told("announced", "returning", "failed")) is None


@given(st.lists(st.sampled_from(sorted(set(tracking.STATUSES.values()))), max_size=8), st.randoms())
def test_order_and_repetition_of_delivery_never_matter(statuses, random):
    scans = told(*statuses)
    shuffled = scans + scans[: len(scans) // 2]
    random.shuffle(shuffled)
    assert furthest(shuffled) == furthest(scans)


def test_every_move_stands_in_the_machine():
    names = {m.name for m in rules.PARCEL.moves}
    assert set(tracking.MOVES.values()) <= names
    assert set(tracking.STAMPS) <= names
