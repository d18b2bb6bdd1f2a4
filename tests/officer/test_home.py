import pytest
from sqlalchemy import update

from compliance.audit import door
from daigou.core import clock, outbox
from daigou.core.access import system
from daigou.core.db import db, transaction
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
        row = outbox.put("audit.sum_refusals", actor="sub_0")
        db.session.flush()
        db.session.execute(update(outbox.OutboxRow).where(outbox.OutboxRow.id == row.id).values(failed_at=clock.now()))
    page = desk.get("/officer/").text
    assert "jobs given up after many tries" in page
    assert "Nothing that needs mending." not in page


def test_the_whole_page_is_one_statement_beside_the_session(desk, count_statements):
    assert count_statements(lambda: desk.get("/officer/")) == 2


@pytest.mark.parametrize("role", ["shopper", "merchant", "inspector", "support", "admin"])
def test_it_is_for_officers_only(browser_of, role):
    assert browser_of(factories.account(role)).get("/officer/").status_code == 403
