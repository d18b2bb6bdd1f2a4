from datetime import UTC, datetime, timedelta

import pytest

from daigou.aftersales import rules
from daigou.core.money import Money

DELIVERED = datetime(2026, 11, 1, 15, 0, tzinfo=UTC)
GOODS, FREIGHT, FEE = (Money(m, "EUR") for m in (10_000, 500, 600))


def test_a_german_consumer_has_fourteen_whole_days_after_the_day_of_delivery():
    last = rules.return_until("DE", DELIVERED)
    assert last.date() == DELIVERED.date() + timedelta(days=14)
    assert rules.is_returnable("delivered", "DE", DELIVERED, last)
    assert not rules.is_returnable("delivered", "DE", DELIVERED, last + timedelta(seconds=1))


def test_where_the_law_gives_less_the_house_gives_fourteen_days_all_the_same():
    assert rules.window("CN", DELIVERED.date()).days == 14
    assert rules.window("SA", DELIVERED.date()) is rules.HOUSE_WINDOW


@pytest.mark.parametrize("state", ["inspected", "in_stock"])
def test_what_is_with_us_can_be_returned_at_any_time(state):
    assert rules.is_returnable(state, "DE", None, DELIVERED + timedelta(days=400))


@pytest.mark.parametrize("state", ["paid", "purchased", "in_parcel", "shipped", "completed", "refunded"])
def test_elsewhere_it_can_not(state):
    assert not rules.is_returnable(state, "DE", DELIVERED, DELIVERED)


def test_everything_goes_back_unless_only_the_mind_changed():
    assert rules.refund_due("not_as_described", GOODS, FREIGHT, FEE) == GOODS + FREIGHT + FEE
    assert rules.refund_due("damaged", GOODS, FREIGHT, FEE) == GOODS + FREIGHT + FEE
    assert rules.refund_due("changed_mind", GOODS, FREIGHT, FEE) == GOODS


@pytest.mark.parametrize(
    ("reason", "state", "verdict", "rule"),
    [
        ("not_as_described", "inspected", "non_conformant", "inspection_agrees"),
        ("not_as_described", "in_stock", "damaged", "inspection_agrees"),
        ("damaged", "in_stock", "damaged", "inspection_agrees"),
        ("damaged", "in_stock", "non_conformant", None),
        ("not_as_described", "inspected", "conformant", None),
        ("not_as_described", "inspected", None, None),
        ("not_as_described", "delivered", "non_conformant", None),
        ("changed_mind", "inspected", "non_conformant", None),
    ],
)
def test_a_rule_decides_only_where_our_own_inspection_agrees(reason, state, verdict, rule):
    assert rules.decided_by_rule(reason, state, verdict) == rule
