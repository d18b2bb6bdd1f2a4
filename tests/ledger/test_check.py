import click
import pytest
from click.testing import CliRunner
from sqlalchemy import func, select

from daigou.commands.ledger import check as command
from daigou.core import clock, outbox
from daigou.core.access import system
from daigou.core.db import db, load_locked, transaction
from daigou.core.money import Money
from daigou.ledger import check, service
from daigou.ledger.rules import credit, debit
from daigou.notices.models import Notice
from daigou.payments import books
from tests import factories


@pytest.fixture
def posted(app):
    who = factories.account()
    with transaction():
        lines = [debit("clearing", Money(500, "EUR")), credit("escrow", Money(500, "EUR"), "item-1")]
        service.post(system("test"), who, "test", "k1", lines)
    return who


def test_sound_books_hold_and_say_what_was_looked_at(posted):
    report = check.check()
    assert report.holds
    assert ("every transaction sums to zero in each currency", "holds") in report.figures


def test_an_escrow_that_no_order_knows_of_is_no_fault_but_a_missing_one_is(market, pay, again):
    pay(market.shopper, market.bill)
    item = again(market.item)
    assert books.check_all(with_provider=False).holds
    with transaction():
        lines = [debit("escrow", Money(100, "EUR"), item.id), credit("service_fee", Money(100, "EUR"))]
        service.post(system("test"), item, "test", "theft", lines)
    (fault,) = books.check_all(with_provider=False).faults
    assert item.ref in fault


def test_a_line_of_the_provider_that_we_do_not_have_is_named(market, provider, monkeypatch):
    """Young it is on its way, old it is a fault."""
    monkeypatch.setattr(books, "LOOKS", 1)
    provider.http.post("/v1/topups", data={"amount": 12_345, "currency": "jpy"}).raise_for_status()
    report = books.check_all()
    assert any("12345 JPY" in note and "on its way" in note for note in report.notes)
    monkeypatch.setattr(books, "IN_FLIGHT", -books.IN_FLIGHT)
    assert any("12345 JPY" in fault for fault in books.check_all().faults)


def test_work_that_was_given_up_is_a_fault(app):
    with transaction():
        key = outbox.put("payment.refetch", attempt_id="x")
    with transaction():
        load_locked(outbox.OutboxRow, id=key).failed_at = clock.now()
    (fault,) = books.check_all(with_provider=False).faults
    assert "given up: 1" in fault


@pytest.mark.parametrize("provider", ["own"], indirect=True)
def test_with_its_own_provider_clearing_is_equal_to_the_yen(market, pay, provider):
    pay(market.shopper, market.bill)
    report = books.check_all()
    assert report.faults == []
    assert report.notes == []
    assert any(name == "clearing in JPY" for name, _ in report.figures)


def test_the_job_leaves_an_entry_and_tells_officers_once(app, provider, monkeypatch):
    factories.account("officer")
    monkeypatch.setattr(books, "check_all", lambda: check.Report(faults=["x is off by 1"]))
    books.watch()
    books.watch()
    assert books.last_check().outcome == "failed"
    told = select(func.count()).where(Notice.kind == "books.failed")
    assert db.session.execute(told).scalar_one() == 1


def test_the_command_ends_with_one_and_words_when_the_books_do_not_hold(app, monkeypatch):
    bare = command.callback.__wrapped__
    checked = click.command()(click.option("--verbose", is_flag=True)(bare))
    monkeypatch.setattr(books, "check_all", lambda: check.Report(faults=["escrow of X holds 1"]))
    result = CliRunner().invoke(checked, [])
    assert result.exit_code == 1
    assert "do NOT hold" in result.output
    monkeypatch.setattr(books, "check_all", lambda: check.Report(figures=[("sums", "holds")]))
    result = CliRunner().invoke(checked, ["--verbose"])
    assert result.exit_code == 0
    assert "sums: holds" in result.output
