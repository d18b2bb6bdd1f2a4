from datetime import timedelta

import pytest
from sqlalchemy import update

from blueprints.officer.home import Line, by_need
from compliance.audit import door, service
from daigou.core import clock, outbox
from daigou.core.access import system
from daigou.core.db import db, transaction
from daigou.pricing.rules import CURRENCIES
from tests import factories


def test_it_says_what_waits_and_how_the_log_stands(desk, happen):
    happen(2)
    page = desk.get("/officer/")
    assert page.status_code == 200
    assert "Nothing that needs mending." in page.text
    assert "Signed up to entry" in page.text
    assert "No check of the books is on record yet." in page.text


@pytest.mark.parametrize(("outcome", "words"), [("done", "They added up at"), ("failed", "does not add up")])
def test_the_last_check_of_the_books_is_shown(desk, outcome, words):
    with transaction():
        door.note(system("payments"), "books/all", "books:checked", outcome=outcome)
    assert words in desk.get("/officer/").text


def test_work_that_was_given_up_is_shown(desk, happen):
    happen(1)
    with transaction():
        key = outbox.put("audit.sum_refusals", actor="sub_0")
    with transaction():
        db.session.execute(update(outbox.OutboxRow).where(outbox.OutboxRow.id == key).values(failed_at=clock.now()))
    page = desk.get("/officer/").text
    assert "jobs given up after many tries" in page
    assert "Nothing that needs mending." not in page


def test_the_whole_page_is_one_statement_beside_the_session(desk, count_statements):
    assert count_statements(lambda: desk.get("/officer/")) == 2


@pytest.mark.parametrize("role", ["shopper", "merchant", "inspector", "support", "admin"])
def test_it_is_for_officers_only(browser_of, role):
    assert browser_of(factories.account(role)).get("/officer/").status_code == 403


def test_what_is_late_stands_first_and_what_is_empty_stands_back(desk):
    """Tiles for what waits; the empty queues are links behind a fold."""
    lines = [Line(0, "empty"), Line(3, "calm"), Line(2, "late", tone="warning"), Line(1, "calm too")]
    waits, quiet = by_need(lines)
    assert [line.label for line in waits] == ["late", "calm", "calm too"]
    assert [line.label for line in quiet] == ["empty"]
    factories.rates(**dict.fromkeys(set(CURRENCIES) - {"EUR"}, "2"))  # a currency without a rate waits for one
    page = desk.get("/officer/").text
    assert "queues are empty" in page
    assert "<b>0</b>" not in page
    assert "/officer/disputes" in page


def test_an_entry_that_waits_too_long_is_said(desk, happen):
    happen(1, sign=False)
    with clock.use(clock.FixedClock(clock.now() + timedelta(minutes=1))):
        assert "Are the workers running?" in desk.get("/officer/").text
    service.sequence()
    with clock.use(clock.FixedClock(clock.now() + timedelta(minutes=1))):
        assert "Are the workers running?" not in desk.get("/officer/").text
