"""A bank takes a payment back, from its webhook to the books, against the provider's own protocol."""

from datetime import timedelta
from types import SimpleNamespace

import pytest
from sqlalchemy import select

from compliance.audit import door
from daigou.core import clock
from daigou.core.access import Actor, system
from daigou.core.db import db, load_locked, transaction
from daigou.core.errors import Impossible
from daigou.disputes import answering, jobs, rules
from daigou.disputes.models import Dispute
from daigou.ledger import service as ledger
from daigou.notices.models import Notice
from daigou.orders.models import OrderItem
from daigou.payments import books, service
from daigou.payments.paying.models import Attempt
from daigou.payments.payouts.models import Recourse
from tests import factories

SYSTEM = system("test")


@pytest.fixture
def case(market, pay, provider, client, work, again):
    """The market's order paid, and its payment disputed; the evidence is gathered."""
    factories.account("officer")
    pay(market.shopper, market.bill)
    attempt = db.session.execute(select(Attempt)).scalar_one()
    held = ledger.balance("escrow", "EUR", market.item.id)
    mark = provider.mark()

    def follow():
        nonlocal mark
        before, mark = mark, provider.mark()
        provider.deliver(client, *provider.events_since(before))
        work()

    def decide(outcome):
        provider.control(f"/controls/disputes/{row().provider_id}", outcome=outcome)
        follow()

    def row():
        return db.session.execute(select(Dispute).execution_options(populate_existing=True)).scalar_one()

    def open_it(**more):
        provider.control("/controls/disputes", charge=attempt.charge_id, **more)
        follow()
        return row()

    return SimpleNamespace(open=open_it, decide=decide, row=row, held=held, item=lambda: again(market.item))


def whole():
    """The case is over and all our books agree with each other."""
    assert ledger.balance("exchange", "EUR").minor == ledger.balance("exchange", "JPY").minor == 0
    assert books.check_all(with_provider=False).faults == []


def status(provider, row):
    return provider.get(f"/v1/disputes/{row.provider_id}")


def test_a_dispute_opens_a_case_with_its_evidence_and_freezes_the_money(case, provider):
    row = case.open()
    assert row.state == "evidence_due"
    assert row.due_at > clock.now() + timedelta(days=6)
    assert row.evidence["customer_name"] == "Mara Vogel"
    assert "Moon Courier" in row.evidence["product_description"]
    assert [paper["field"] for paper in row.papers] == ["customer_communication"]
    assert ledger.balance("disputed", "JPY", row.id).minor == -row_taken(provider, row)
    with pytest.raises(Impossible, match="disputed"):
        service.refund(SYSTEM, case.item(), case.item().total, "goodwill")
    assert ledger.balance("escrow", "EUR", case.item().id) == case.held
    notice = db.session.execute(select(Notice).where(Notice.kind == "dispute.opened")).scalars().all()
    assert len(notice) == 1
    assert books.check_all(with_provider=False).faults == []


def row_taken(provider, row):
    return sum(line["amount"] for line in status(provider, row)["balance_transactions"])


def test_a_confirmed_receipt_releases_nothing_while_the_case_is_open_and_all_of_it_once_it_is_won(case, work):
    row = case.open()
    complete(case.item())
    assert service.release_item(SYSTEM, case.item(), "receipt_confirmed") is None
    answering.submit(SYSTEM, row.ref)
    work()
    assert case.row().state == "submitted"
    case.decide("won")
    assert case.row().state == "won"
    assert ledger.balance("disputed", "JPY", row.id).minor == 0
    assert ledger.balance("escrow", "EUR", case.item().id).minor == 0
    assert service.release_item(SYSTEM, case.item(), "again").rule == "dispute_over"


def complete(item):
    """The whole way of an item, by whoever it takes."""
    roles = frozenset({"system", "shopper", "merchant", "owner", "inspector"})
    who = Actor("test", item.account_id, item.merchant_id, roles)
    with transaction():
        item = load_locked(OrderItem, id=item.id)
        for step in ("purchase", "receive", "inspect", "accept", "pack", "ship", "deliver", "complete"):
            door.transition(who, item, step)
            db.session.flush()


def test_a_lost_case_is_paid_from_what_was_held_and_nothing_is_refunded_again(case, provider, work):
    row = case.open()
    answering.submit(SYSTEM, row.ref)
    work()
    case.decide("lost")
    assert case.row().state == "lost"
    assert ledger.balance("escrow", "EUR", case.item().id).minor == 0
    assert ledger.balance("disputed", "JPY", row.id).minor == 0
    assert ledger.balance("compensation", "JPY").minor == 0
    with pytest.raises(Impossible):
        service.refund(SYSTEM, case.item(), case.item().total, "again")
    whole()


def test_a_case_lost_after_the_release_is_fetched_back_from_the_merchant(case, market, work):
    complete(case.item())
    release = service.release_item(SYSTEM, case.item(), "receipt_confirmed")
    row = case.open()
    answering.accept(SYSTEM, row.ref, "The parcel never arrived, as the tracking says.")
    work()
    assert case.row().state == "accepted"
    assert case.row().settled_at is not None
    taken = db.session.execute(select(Recourse)).scalar_one()
    assert taken.amount_minor == release.amount_minor
    assert ledger.balance("payable", "JPY", market.shop.id).minor == 0
    assert ledger.balance("compensation", "JPY").minor == 0
    assert ledger.balance("disputed", "JPY", row.id).minor == 0
    assert books.check_all(with_provider=False).faults == []


def test_a_part_that_was_disputed_leaves_the_rest_to_the_item(case, provider, work):
    part = case.held.minor // 3
    row = case.open(amount=part)
    answering.accept(SYSTEM, row.ref, "One of three pieces was missing.")
    work()
    assert ledger.balance("escrow", "EUR", case.item().id).minor == case.held.minor - part
    again = service.refund(SYSTEM, case.item(), ledger.balance("escrow", "EUR", case.item().id), "goodwill")
    assert again.amount_minor == case.held.minor - part


def test_an_inquiry_takes_no_money_and_its_end_frees_what_was_held(case, provider, work):
    row = case.open(inquiry="true")
    assert row.state == "warning"
    assert ledger.balance("disputed", "JPY", row.id).minor == 0
    answering.submit(SYSTEM, row.ref)
    work()
    case.decide("won")
    assert case.row().state == "won"
    assert service.refund(SYSTEM, case.item(), case.item().total, "goodwill").state == "requested"


def test_evidence_goes_to_the_bank_as_the_officer_left_it_with_its_files(case, provider, work):
    row = case.open()
    answering.edit(SYSTEM, row.ref, {**row.evidence, "product_description": "A figure, as ordered."})
    answering.submit(SYSTEM, row.ref)
    work()
    there = status(provider, row)
    assert there["status"] == "under_review"
    assert there["evidence"]["product_description"] == "A figure, as ordered."
    assert there["evidence"]["customer_communication"].startswith("file_")
    assert there["evidence_details"]["submission_count"] == 1
    with pytest.raises(Impossible):
        answering.edit(SYSTEM, row.ref, {"product_description": "late"})


@pytest.mark.parametrize("fault", ["timeout_before", "timeout_after", "reset_after", "status_500", "status_500_saved"])
def test_whatever_happens_to_the_call_the_evidence_is_sent_once(case, provider, work, fault):
    row = case.open()
    answering.submit(SYSTEM, row.ref)
    provider.fault(fault, f"/v1/disputes/{row.provider_id}", count=2, seconds=2, effect=True)
    work()
    with clock.use(clock.FixedClock(clock.now() + timedelta(minutes=10))):
        work()
        jobs.sweep()
    assert case.row().state == "submitted"
    assert status(provider, row)["evidence_details"]["submission_count"] == 1


def test_nobody_acts_and_a_day_before_the_deadline_it_goes_out_as_it_is(case, provider, work):
    row = case.open()
    assert answering.submit_due() == 0
    with clock.use(clock.FixedClock(row.due_at - rules.SUBMIT_BEFORE)):
        jobs.submit_due()
        work()
    assert case.row().state == "submitted"
    assert status(provider, row)["status"] == "under_review"


def test_a_refused_answer_is_due_again_and_says_why(case, provider, work):
    row = case.open()
    with transaction():
        load_locked(Dispute, id=row.id).papers = [{**paper, "provider_id": "file_unknown"} for paper in row.papers]
    answering.submit(SYSTEM, row.ref)
    work()
    assert case.row().state == "evidence_due"
    assert "file_unknown" in case.row().refusal
