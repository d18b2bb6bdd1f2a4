from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

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
    for reason in ("not_as_described", "damaged"):
        assert rules.refund_due(reason, GOODS, FREIGHT, FEE, delivery=False) == GOODS + FREIGHT + FEE
    assert rules.refund_due("changed_mind", GOODS, FREIGHT, FEE, delivery=False) == GOODS
    assert rules.refund_due("changed_mind", GOODS, FREIGHT, FEE, delivery=True) == GOODS + FREIGHT


LAWS = [("DE", True), ("FR", True), ("GB", True), ("CN", False), ("JP", False)]


@pytest.mark.parametrize(("country", "delivery"), LAWS)
def test_who_takes_back_a_contract_in_the_eu_and_the_uk_gets_its_delivery_back(country, delivery):
    assert rules.window(country, DELIVERED.date()).delivery is delivery


MINOR = st.integers(0, 10**6)


@given(st.dictionaries(st.uuids(), st.integers(1, 10**6), min_size=1, max_size=8), MINOR, MINOR)
def test_the_parts_of_a_parcels_delivery_are_the_whole_and_never_more_than_the_cheapest_way(worths, paid, standard):
    paid, standard = Money(paid, "EUR"), Money(standard, "EUR")
    parts = [rules.delivery_due(paid, standard, worths, item) for item in worths]
    assert sum(part.minor for part in parts) == min(paid, standard).minor
    assert all(part.minor >= 0 for part in parts)


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


@pytest.mark.parametrize(
    ("category", "country", "kind"),
    [
        ("food", "DE", "perishable"),
        ("made_to_order", "CN", "made_to_order"),
        ("cosmetics", "GB", "sealed"),
        ("cosmetics", "CN", None),  # its law of seven days does not name them
        ("cosmetics", "BR", "sealed"),  # the house's own window
        ("figures", "DE", None),
    ],
)
def test_the_law_exempts_some_goods_from_returns_without_a_reason(category, country, kind):
    found = rules.exemption(category, country, date(2026, 11, 22))
    assert (found.kind if found else None) == kind
    assert found is None or found.source


def test_what_is_sealed_goes_back_while_it_is_sealed():
    sealed, fresh = (rules.exemption(category, "DE", date(2026, 11, 22)) for category in ("hygiene", "food"))
    assert rules.may_change_mind(sealed, "delivered", unopened=True)
    assert not rules.may_change_mind(sealed, "delivered", unopened=False)
    assert rules.may_change_mind(sealed, "in_stock", unopened=False)
    assert not rules.may_change_mind(fresh, "in_stock", unopened=True)


def test_before_the_law_nothing_was_exempt():
    assert rules.exemption("food", "DE", date(2014, 6, 12)) is None
