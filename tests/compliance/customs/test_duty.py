from datetime import date
from decimal import Decimal
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from compliance.customs import rules, service
from compliance.customs.models import DutyAssessment
from daigou import reference
from daigou.core.db import db, transaction
from daigou.core.errors import Unavailable
from daigou.core.money import Money

BEFORE, AFTER = date(2026, 6, 30), date(2026, 7, 1)
FIGURE, PEN, BOOK = "950300", "960830", "482010"


def seeded():
    """The rows as a new installation gets them, without a database."""
    (table,) = reference.tables("compliance.customs")
    for number, row in enumerate(table["rows"]):
        day = {k: date.fromisoformat(row[k]) if row[k] else None for k in ("valid_from", "valid_to")}
        permille = Decimal(row["permille"]) if row["permille"] else None
        yield SimpleNamespace(**{**row, **day, "permille": permille, "id": number})


ROWS = list(seeded())


def eur(minor):
    return Money(minor, "EUR")


def good(minor, hs=FIGURE):
    return rules.Good(hs, "JP", eur(minor))


def assess(*goods, freight=0, insurance=0, day=date(2026, 11, 20)):
    return rules.assess(goods, eur(freight), eur(insurance), "DE", day, ROWS)


def test_the_relief_ended_with_june_2026():
    assert assess(good(10_000), day=BEFORE).duty == eur(0)
    assert assess(good(10_000), day=AFTER).duty == eur(300)


def test_vat_is_due_from_the_first_euro_on_value_carriage_and_duty():
    assert assess(good(10_000), freight=2_000, insurance=250, day=BEFORE).vat == eur(2_328)  # 19 % of 122.50, half even
    assert assess(good(10_000), freight=2_000, insurance=250, day=AFTER).vat == eur(2_384)  # 19 % of 125.50


def test_the_flat_duty_counts_subheadings_not_pieces():
    assert assess(good(3_000), good(4_000)).duty == eur(300)
    assert assess(good(3_000), good(4_000, PEN)).duty == eur(600)


def test_the_threshold_is_the_goods_value_without_carriage():
    assert assess(good(15_000, PEN), freight=5_000).duty == eur(300)
    over = assess(good(15_001, PEN), freight=5_000)
    assert over.charges[0].code == "duty"
    assert over.duty == eur(740)  # 3.7 % of 200.01


def test_above_the_threshold_the_longest_prefix_decides():
    charges = assess(good(20_000), good(20_000, PEN), good(20_000, "611020")).charges
    assert [(c.hs_prefix, c.permille) for c in charges[:3]] == [("9503", 0), ("9608", 37), ("", 25)]


def test_from_july_2028_the_tariff_holds_for_everything():
    assert assess(good(5_000, PEN), day=date(2028, 6, 30)).duty == eur(300)
    assert assess(good(5_000, PEN), day=date(2028, 7, 1)).duty == eur(185)


def test_the_handling_fee_has_its_own_day():
    assert assess(good(5_000), day=date(2026, 10, 31)).handling == eur(0)
    assert assess(good(5_000), day=date(2026, 11, 1)).handling == eur(200)


def test_ioss_covers_what_the_flat_duty_covers():
    assert assess(good(15_000)).scheme == "IOSS"
    assert assess(good(15_001)).scheme is None


def test_every_charge_names_its_rule_and_source():
    for charge in assess(good(5_000), good(9_000, BOOK)).charges:
        assert charge.rule_id
        assert charge.source


def test_a_place_without_rows_gets_no_promise():
    with pytest.raises(rules.NoRule):
        rules.assess([good(5_000)], eur(0), eur(0), "TH", AFTER, ROWS)
    taxless = [r for r in ROWS if (r.destination, r.kind) != ("AT", "vat")]
    with pytest.raises(rules.NoRule):
        rules.assess([good(5_000)], eur(0), eur(0), "AT", AFTER, taxless)  # duty is the EU's, its VAT is not known


def test_another_value_than_what_was_paid_is_not_declared():
    goods = [good(5_000), good(2_000)]
    assert rules.declared_value(goods, None) == eur(7_000)
    assert rules.declared_value(goods, eur(7_000)) == eur(7_000)
    for wrong in (6_999, 0, -1, 7_001):
        with pytest.raises(rules.UnderDeclared):
            rules.declared_value(goods, eur(wrong))


values = st.integers(1, 10_000_000)
goods_lists = st.lists(st.tuples(values, st.sampled_from([FIGURE, PEN, BOOK, "611020"])), min_size=1, max_size=6)
days = st.dates(date(2021, 1, 1), date(2030, 12, 31))


@given(goods_lists, st.integers(0, 500_000), st.integers(0, 50_000), days)
def test_the_charges_sum_to_the_totals(lines, freight, insurance, day):
    found = assess(*(good(v, hs) for v, hs in lines), freight=freight, insurance=insurance, day=day)
    assert found.duty + found.vat + found.handling == found.total
    assert sum(c.amount.minor for c in found.charges) == found.total.minor
    assert all(c.amount.minor >= 0 for c in found.charges)
    if any(c.code == "duty" for c in found.charges):
        assert sum(c.basis.minor for c in found.charges if c.code == "duty") == (found.goods + found.freight).minor


@given(goods_lists, st.integers(0, 500_000), st.integers(0, 500_000), days)
def test_more_freight_never_costs_less(lines, freight, more, day):
    goods = [good(v, hs) for v, hs in lines]
    # An odd cent may move from one line's rounding to another's.
    slack = len(goods)
    assert (
        assess(*goods, freight=freight + more, day=day).total.minor + slack
        >= assess(*goods, freight=freight, day=day).total.minor
    )


@given(st.integers(1, 14_999), st.integers(1, 100), days)
def test_within_the_threshold_more_value_never_costs_less(value, more, day):
    bigger = min(value + more, 15_000)
    assert assess(good(bigger), day=day).total >= assess(good(value), day=day).total


def test_the_seeded_table_answers_and_what_was_shown_is_kept(app):
    found = service.assess([good(8_000), good(1_000, PEN)], eur(2_500), eur(225), "DE", date(2026, 11, 20))
    with transaction():
        service.keep("parcel/1", found)
    kept = service.kept_for("parcel/1")
    assert isinstance(kept, DutyAssessment)
    assert (kept.duty_minor, kept.vat_minor, kept.handling_minor) == (600, 2_342, 200)
    assert sum(r["minor"] for r in kept.rows) == kept.duty_minor + kept.vat_minor + kept.handling_minor
    assert all(r["source"] and r["rule_id"] for r in kept.rows)
    db.session.rollback()


def test_a_country_without_rows_is_refused(app):
    with pytest.raises(Unavailable):
        service.assess([good(8_000)], eur(0), eur(0), "TH", date(2026, 11, 20))
