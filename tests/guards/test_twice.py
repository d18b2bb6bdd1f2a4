"""Every job may run twice: the second time changes nothing. The table of topics is the table of this test."""

from datetime import timedelta
from importlib import import_module

import pytest
from sqlalchemy import select

from compliance.audit import door
from compliance.identity import judging
from compliance.identity.models import IdentityCheck
from compliance.privacy import requests, subject
from daigou import cron, topics
from daigou.accounts import directory
from daigou.casework import packs
from daigou.casework.models import Alert
from daigou.catalog import sheet
from daigou.catalog.bulk import service as bulk
from daigou.core import clock, ids
from daigou.core.access import system
from daigou.core.db import db, load_locked, transaction
from daigou.core.money import Money
from daigou.documents import service as documents
from daigou.notices.models import Notice
from daigou.orders import service as orders
from daigou.orders.models import Bill, Order
from daigou.payments import service as payments
from daigou.payments import settling
from daigou.payments.paying.models import Attempt, InboxEvent
from daigou.payments.payouts.models import PayoutAccount
from tests import factories
from tests.conftest import rolled_back, signed_in
from tests.warehouse import bench

from . import trust
from .conftest import beside
from .test_forms import apart, state
from .world import build, hold, succeeded

# A second run mails a second link, and the newer one counts: a person who asked twice wants just that.
ASKED_AGAIN = {"account.confirmation_wanted", "account.reset_wanted"}
# A tracker that we do not know yet: the job asks to be run again in a minute, for half an hour.
COMES_BACK = {"easypost.event"}


# Each look is written down, as an officer wants to see that it was taken.
LOOKS = {
    "compliance.oversight.jobs.run_scans": {"security_scans", "log"},
    "compliance.privacy.jobs.sweep_retention": {"log"},
    "daigou.reconciliation.jobs.nightly": {"reconciliation_runs", "log"},
}


@pytest.fixture(scope="module")
def app(shared_app, sandbox):
    with rolled_back(shared_app), beside(sandbox, shared_app):
        yield shared_app


@pytest.fixture(scope="module")
def world(app, sandbox):
    found = build(lambda account: signed_in(app, account))
    found.sandbox = sandbox
    db.session.remove()
    return found


def event(provider, kind, about):
    row = InboxEvent(
        provider=provider, event_id=f"evt_{ids.new_ref('EVT')}", kind=kind, object_id=about, payload={}, done_at=None
    )
    with transaction() as session:
        session.add(row)
    return row.id


def not_bought(world, how="fail_purchase"):
    item = bench.item("paid", world.shopper_row, world.shop_row)
    hold(item, item.total)
    succeeded(db.session.get(Order, item.order_id), item)
    with transaction():
        door.transition(bench.anybody(world.shopper_row, world.shop_row), item, how)
    return item.id


def refund(world):
    attempt = succeeded_item(world)
    return attempt[1].id


def succeeded_item(world):
    item = bench.item("in_stock", world.shopper_row, world.shop_row)
    hold(item, item.total)
    attempt = succeeded(db.session.get(Order, item.order_id), item)
    return attempt, payments.refund(system("payments"), item, item.total, "test")


def paid_freight(world):
    parcel = world.pending.id
    with transaction():
        bill = load_locked(Bill, parcel_id=parcel)
        hold(bill, bill.total)
        orders.settle_bill(system("test"), bill)
    return bill.id


def disputed(world):
    """A case at the provider, of a payment that was made there."""
    payments.start(factories.actor(world.shopper_row), world.bill.ref)
    attempt = db.session.execute(select(Attempt).filter_by(bill_id=world.bill.id)).scalar_one()
    provider = world.sandbox
    provider.pay(attempt.url)
    settling.refetch(attempt.id)
    charge = db.session.get(Attempt, attempt.id, populate_existing=True).charge_id
    provider.control("/controls/disputes", charge=charge)
    return provider.get("/v1/disputes", charge=charge)["data"][0]["id"]


def payout_account(world):
    row = PayoutAccount(merchant_id=world.shop.id, merchant_ref=world.shop.ref, rail="connect", country="JP")
    with transaction():
        door.created(system("test"), row)
    return row.id


def opened(world):
    """An attempt whose page was opened at the provider."""
    payments.start(factories.actor(world.shopper_row), world.bill.ref)
    return db.session.execute(select(Attempt.id).filter_by(bill_id=world.bill.id)).scalar_one()


def inspection(world):
    from daigou.warehouse import service as warehouse
    from traceability.inspection.rules import Finding, Findings

    item = bench.item("received", world.shopper_row, world.shop_row)
    who = factories.actor(world.inspector_row)
    warehouse.photograph(who, item.ref, [bench.photo(colour * 9) for colour in range(8)])
    checks = {check.key: Finding("pass", "") for check in warehouse.template_of(item).checks}
    return warehouse.conclude(who, item.ref, Findings(checks, "conformant", "", "")).id


def notice(world, **by):
    return db.session.execute(select(Notice.id).filter_by(**by).limit(1)).scalar_one()


def indexes(email):
    return directory.email_indexes(email)


def lowered(world):
    item = bench.item("paid", world.shopper_row, world.shop_row)
    hold(item, item.total)
    succeeded(db.session.get(Order, item.order_id), item)
    officer = factories.actor(factories.account("officer"))
    return orders.report_price(officer, item.ref, Money(10_000, "JPY"), "sale").id


def declined(world):
    item = bench.item("paid", world.shopper_row, world.shop_row)
    hold(item, item.total)
    succeeded(db.session.get(Order, item.order_id), item)
    officer = factories.actor(factories.account("officer"))
    orders.report_price(officer, item.ref, Money(14_000, "JPY"), "sale")
    return orders.decline_price(factories.actor(world.shopper_row), item.ref).id


def raised_alert(world):
    with transaction() as session:
        alert = Alert(search_id=world.search.id, since=clock.now(), count=7)
        session.add(alert)
    return alert.id


def asked_pack(world):
    return packs.ask(factories.actor(factories.account("officer")), world.order.ref, "For the court.", "en", False).id


def sent_table(world):
    rows = [(2, sheet.EXAMPLE), (3, {**sheet.EXAMPLE, "price": "much"})]
    return bulk.send(factories.actor(factories.merchant()[1]), bulk.Sent(rows, None, "good", "en")).id


PAYLOADS = {
    "account.confirmation_wanted": lambda w: {"indexes": indexes(w.email)},
    "account.reset_wanted": lambda w: {"indexes": indexes(w.email)},
    "alert.raised": lambda w: {"alert_id": raised_alert(w)},
    "announcement.posted": lambda w: {"announcement_id": w.announcement.id},
    "announcement.letter": lambda w: {},
    "application.inspect": lambda w: {"application_id": w.submitted.id},
    "application.twin": lambda w: {"application_id": w.submitted.id, "later_id": w.accepted.id},
    "audit.sum_refusals": lambda w: {"actor": w.stranger.subject},
    "bank_details.changed": lambda w: {"bank_details_id": w.bank_details.id},
    "bill.over": lambda w: {"bill_id": w.bill.id},
    "breach.due": lambda w: {"breach_id": w.breach.id},
    "document.destroyed": lambda w: {"file_id": destroyed(w)},
    "dispute.assemble": lambda w: {"dispute_id": w.dispute.id},
    "dispute.close": lambda w: {"dispute_id": w.dispute.id},
    "dispute.decided": lambda w: {"dispute_id": w.dispute.id},
    "dispute.over": lambda w: {"dispute_id": w.dispute.id},
    "dispute.refetch": lambda w: {"provider_id": disputed(w)},
    "dispute.refused": lambda w: {"dispute_id": w.dispute.id},
    "dispute.submit": lambda w: {"dispute_id": w.dispute.id},
    "easypost.event": lambda w: {"inbox_id": event("easypost", "tracker.updated", "trk_unknown")},
    "erasure.identity": lambda w: {"account_id": w.checked.id},
    "erasure.payments": lambda w: {"account_id": w.shopper.id},
    "export.build": None,  # works over connections of its own: tests/officer/test_exports.py
    "finding.late": lambda w: {"finding_id": w.finding.id},
    "freight.paid": lambda w: {"bill_id": paid_freight(w)},
    "identity.cancel": lambda w: {"check_id": w.photo_check.id},
    "identity.refetch": lambda w: {"check_id": w.photo_check.id},
    "listings.import": lambda w: {"import_id": sent_table(w)},
    "inspection.concluded": lambda w: {"inspection_id": inspection(w)},
    "habit.learn": lambda w: {"account_id": w.shopper.id},
    "invoice.order": lambda w: {"order_id": w.order.id},
    "item.declined": lambda w: {"item_id": declined(w)},
    "item.invalid": lambda w: {"item_id": not_bought(w)},
    "item.withdrawn": lambda w: {"item_id": not_bought(w, "withdraw"), "way": "original"},
    "item.price_fell": lambda w: {"change_id": lowered(w)},
    "merchant.holds_changed": lambda w: {"merchant_id": w.shop.id},
    "notice.mail": lambda w: {"notice_id": notice(w)},
    "notice.text": lambda w: {"notice_id": notice(w, kind="account.phone_code")},
    "order.paid": lambda w: {"order_id": w.order.id},
    "pack.build": None,  # works over connections of its own: tests/officer/test_packs.py
    "pack.ready": lambda w: {"pack_id": asked_pack(w)},
    "parcel.ship": lambda w: {"parcel_id": w.packed.id},
    "payment.close": lambda w: {"attempt_id": opened(w)},
    "payment.failed": lambda w: {"attempt_id": opened(w)},
    "payment.look_again": lambda w: {"attempt_id": opened(w)},
    "payment.refetch": lambda w: {"attempt_id": opened(w)},
    "payout.bank_refused": lambda w: {"provider_payout_id": w.provider_payout.id},
    "payout.paid": lambda w: {"payout_id": w.payout.id},
    "payout.refetch": lambda w: {"payout_account_id": payout_account(w)},
    "payout.submit": lambda w: {"payout_id": w.payout.id},
    "payout.wake": lambda w: {"merchant_id": w.shop.id},
    "privacy.asked": lambda w: {"request_id": w.leaving.id},
    "privacy.copy": lambda w: {"request_id": w.copy_wanted.id},
    "privacy.decided": lambda w: {"request_id": w.correction.id},
    "privacy.erase": lambda w: {"request_id": leaving(w)},
    "recourse.submit": lambda w: {"recourse_id": w.recourse.id},
    "refund.bank_wanted": lambda w: {"refund_id": w.by_bank.id},
    "refund.failed": lambda w: {"refund_id": w.refund.id},
    "refund.submit": lambda w: {"refund_id": refund(w)},
    "refund.succeeded": lambda w: {"refund_id": refund(w)},
    "regulator.due": lambda w: {"request_id": w.regulator.id},
    "release.submit": lambda w: {"release_id": w.release.id},
    "risk.listing_decided": lambda w: {"case_id": trust.decided_listing(w)},
    "risk.payment_decided": lambda w: {"case_id": trust.decided_payment(w)},
    "risk.review_decided": lambda w: {"case_id": trust.decided_review(w)},
    "screening.order": lambda w: {"order_id": w.order.id},
    "screening.released": lambda w: {"party_id": w.screened.id},
    "screening.rescreen": lambda w: {},
    "stripe.event": lambda w: {"inbox_id": event("stripe", "checkout.session.completed", "cs_unknown")},
    "screening.changed": lambda w: {"party_id": w.screened.id},
    "tracker.refetch": lambda w: {"parcel_id": w.arrived.id},
}


def destroyed(world):
    file = judging.images(db.session.get(IdentityCheck, world.photo_check.id))[0]
    documents.destroy(system("test"), file, "test")
    return file.id


def leaving(world):
    person = factories.account()
    asked = requests.ask_erasure(factories.actor(person), subject.person_with(person.id), at_once=True)
    return asked.id


def rows(world):
    """The people again, in this session."""
    from daigou.accounts.models import Account, Merchant

    for name in ("shopper", "inspector"):
        setattr(world, f"{name}_row", db.session.get(Account, getattr(world, name).id))
    world.shop_row = db.session.get(Merchant, world.shop.id)


def test_the_table_has_every_topic():
    assert PAYLOADS.keys() == topics.TOPICS.keys()


@pytest.mark.parametrize("topic", [t for t, payload in PAYLOADS.items() if payload])
def test_a_topic_handled_twice_is_handled_once(world, topic):
    handler = topics.TOPICS[topic].handler
    with apart():
        rows(world)
        given = PAYLOADS[topic](world).items()
        payload = {name: value if isinstance(value, list) else str(value) for name, value in given}
        db.session.remove()
        handler(**payload)
        db.session.remove()
        once = state()
        handler(**payload)
        db.session.remove()
        moved = {name for name, mark in state().items() if once[name] != mark}
    if topic in ASKED_AGAIN:
        moved -= {"account_tokens", "notices", "outbox", "log"}
    if topic in COMES_BACK:
        moved -= {"outbox"}
    assert moved == set()


@pytest.mark.parametrize("job", [job for job, _queue, _when in cron.SCHEDULE])
def test_a_clock_that_strikes_twice_does_its_work_once(world, job, monkeypatch):
    """The books' check writes down each of its looks; the queue's and the log's own sweeps hold no rows."""
    if job.startswith("daigou.jobs.") or "refresh" in job or job.endswith("check_books"):
        return
    module, _, name = job.rpartition(".")
    work = getattr(import_module(module), name)
    with apart(), clock.use(clock.FixedClock(clock.now() + timedelta(days=30))):
        work()
        db.session.remove()
        once = state()
        work()
        db.session.remove()
        assert {name for name, mark in state().items() if once[name] != mark} <= LOOKS.get(job, set())
