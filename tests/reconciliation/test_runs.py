"""A day of both books beside each other, against the sandbox's own books."""

from datetime import timedelta

import pytest
from click.testing import CliRunner
from sqlalchemy import select

from daigou.commands.reconcile import reconcile as command
from daigou.core import clock
from daigou.core.access import system
from daigou.core.db import db, load_locked, transaction
from daigou.core.money import Money
from daigou.ledger import service as ledger
from daigou.ledger.rules import credit, debit
from daigou.payments import service
from daigou.payments.paying.models import Attempt
from daigou.reconciliation import reading, running
from daigou.reconciliation.models import Finding, ProviderLine, ReconciliationRun
from tests import factories

SYSTEM = system("test")
pytestmark = pytest.mark.parametrize("provider", ["own"], indirect=True)


@pytest.fixture
def tomorrow(provider):
    """The day is over: nothing is on its way any more."""
    with clock.use(clock.FixedClock(clock.now() + timedelta(days=1))):
        yield clock.today() - timedelta(days=1)


@pytest.fixture
def busy(market, pay, work, again):
    """A day with a payment and a refund of a part of it."""
    pay(market.shopper, market.bill)
    service.refund(SYSTEM, again(market.item), Money(1_000, "EUR"), "goodwill")
    work()
    return db.session.execute(select(Attempt)).scalar_one()


def findings():
    return db.session.execute(select(Finding).execution_options(populate_existing=True)).scalars().all()


def post(about, kind, key, *lines, corrects=None):
    with transaction():
        row = load_locked(type(about), id=about.id)
        return ledger.post(SYSTEM, row, kind, key, lines, corrects=corrects)


def test_a_day_that_agrees_has_no_finding_and_its_figures_are_the_providers(busy, provider, tomorrow):
    outcome = running.reconcile(tomorrow)
    assert (outcome.theirs, outcome.matched, outcome.found, outcome.open) == (2, 2, {}, 0)
    run = db.session.execute(select(ReconciliationRun)).scalar_one()
    assert run.figures["JPY"]["net"] == provider.total()
    assert run.state == "finished"


def test_a_top_up_of_our_own_is_booked_by_the_run_and_by_none_after_it(busy, provider, tomorrow):
    provider.http.post("/v1/topups", data={"amount": 12_345, "currency": "jpy"}).raise_for_status()
    for _ in range(2):
        outcome = running.reconcile(tomorrow)
        assert (outcome.theirs, outcome.found) == (3, {})
    assert ledger.balance("bank", "JPY").minor == -12_345
    assert ledger.balance("clearing", "JPY").minor == provider.total()


def test_a_payout_to_our_bank_is_ours_to_book_too(busy, provider, tomorrow):
    provider.http.post("/v1/payouts", data={"amount": 5_000, "currency": "jpy"}).raise_for_status()
    running.reconcile(tomorrow)
    assert ledger.balance("bank", "JPY").minor == 5_000
    assert ledger.balance("clearing", "JPY").minor == provider.total()


def test_a_line_that_we_never_posted_is_a_fault_until_it_is_posted(busy, provider, tomorrow):
    provider.control("/controls/disputes", charge=busy.charge_id)
    assert running.reconcile(tomorrow).found == {("fault", "missing_here"): 1}
    (found,) = findings()
    assert (found.state, found.code, found.line_kind, found.ours_minor) == ("open", "missing_here", "dispute", None)
    assert running.reconcile(tomorrow).found == {("fault", "missing_here"): 1}
    assert len(findings()) == 1
    from daigou.disputes import following

    following.refetch(found.source)
    outcome = running.reconcile(tomorrow)
    assert (outcome.found, outcome.open) == ({}, 0)
    assert findings()[0].state == "cleared"


def test_while_the_day_is_young_a_missing_line_is_on_its_way(busy, provider):
    provider.control("/controls/disputes", charge=busy.charge_id)
    outcome = running.reconcile(clock.today())
    assert (outcome.found, outcome.open) == ({("timing", "on_its_way"): 1}, 0)


def test_money_moved_on_clearing_without_the_provider_is_a_fault(busy, provider):
    ten = Money(10, "JPY")
    post(busy, "captured", "stripe:txn_invented", debit("clearing", ten), credit("exchange_result", ten))
    day = clock.today()
    with clock.use(clock.FixedClock(clock.now() + timedelta(days=1))):
        assert running.reconcile(day).found == {("fault", "missing_there"): 1}


def test_a_wrong_amount_is_named_and_a_correcting_entry_mends_it(busy, provider, tomorrow):
    """Not by changing what was posted: by an entry that names it."""
    line = provider.get("/v1/balance_transactions", limit=1, type="topup")["data"]
    assert line == []
    provider.http.post("/v1/topups", data={"amount": 500, "currency": "jpy"}).raise_for_status()
    (line,) = provider.get("/v1/balance_transactions", limit=1, type="topup")["data"]
    off, right = Money(600, "JPY"), Money(100, "JPY")
    wrong = post(busy, "own_movement", f"stripe:{line['id']}", debit("clearing", off), credit("bank", off))
    assert running.reconcile(tomorrow).found == {("fault", "amount_differs"): 1}
    post(busy, "correction", "c1", debit("bank", right), credit("clearing", right), corrects=wrong)
    assert running.reconcile(tomorrow).found == {}
    assert findings()[0].state == "cleared"


def test_a_payment_posted_as_something_else_is_misposted(busy, provider, tomorrow):
    provider.control("/controls/disputes", charge=busy.charge_id)
    lines = provider.get("/v1/balance_transactions", limit=10)["data"]
    (line,) = [row for row in lines if row["reporting_category"] == "dispute"]
    net, fee = Money(line["net"], "JPY"), Money(line["fee"], "JPY")
    lines = [debit("clearing", net), debit("provider_fee", fee), credit("compensation", net + fee)]
    post(busy, "captured", f"stripe:{line['id']}", *lines)
    assert running.reconcile(tomorrow).found == {("fault", "misposted"): 1}


def test_a_stray_of_midnight_is_asked_for_before_it_is_called_missing(busy, provider):
    """Posted by us on one day, booked by the provider on the day before."""
    db.session.execute(ProviderLine.__table__.delete())
    day = clock.today() - timedelta(days=1)
    with clock.use(clock.FixedClock(clock.now() - timedelta(days=1))):
        provider.http.post("/v1/topups", data={"amount": 500, "currency": "jpy"}).raise_for_status()
        (line,) = provider.get("/v1/balance_transactions", limit=1, type="topup")["data"]
        five = Money(500, "JPY")
        post(busy, "own_movement", f"stripe:{line['id']}", debit("clearing", five), credit("bank", five))
    assert running.reconcile(day).found == {}


def test_the_nightly_job_catches_up_on_days_that_were_missed(busy, provider, tomorrow):
    assert [o.day for o in running.catch_up(tomorrow - timedelta(days=2))] == [tomorrow - timedelta(days=3)]
    caught = running.catch_up(tomorrow + timedelta(days=1))
    assert [o.day for o in caught] == [tomorrow - timedelta(days=n) for n in (2, 1, 0)]


def test_what_the_provider_holds_back_is_told_by_day_and_currency(market, pay, provider, tomorrow):
    db.session.add(
        ProviderLine(
            id="txn_later", day=tomorrow, at=clock.now(), available_on=clock.now() + timedelta(days=3), kind="charge",
            source="ch_1", currency="JPY", gross_minor=1000, fee_minor=36,
        )
    )  # fmt: skip
    db.session.flush()
    (found,) = reading.pending()
    assert (found.amount, found.count) == (Money(964, "JPY"), 1)


def test_the_command_says_what_it_found_and_ends_with_one_while_a_fault_is_open(busy, provider, tomorrow):
    done = CliRunner().invoke(command, ["--date", tomorrow.isoformat()])
    assert (done.exit_code, "2 match" in done.output) == (0, True), done.output
    provider.control("/controls/disputes", charge=busy.charge_id)
    done = CliRunner().invoke(command, ["--date", "yesterday"])
    assert done.exit_code == 1
    assert "missing here: 1" in done.output


def test_an_officer_is_told_once(busy, provider, tomorrow):
    from daigou.notices.models import Notice
    from daigou.reconciliation import jobs

    factories.account("officer")
    provider.control("/controls/disputes", charge=busy.charge_id)
    jobs.nightly()
    jobs.nightly()
    told = select(Notice).where(Notice.kind == "books.differ")
    assert len(db.session.execute(told).scalars().all()) == 1
