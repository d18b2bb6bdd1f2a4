import threading
from types import SimpleNamespace

import pytest
from sqlalchemy import func, select

from daigou.core import clock
from daigou.core.access import system
from daigou.core.db import db, transaction
from daigou.core.errors import Denied, Impossible, NotFound
from daigou.core.money import Money
from daigou.ledger import service as ledger
from daigou.orders.models import OrderItem
from daigou.payments import books, inbox, jobs, service, settling
from daigou.payments.paying.models import Attempt
from daigou.payments.refunds import refunding
from daigou.payments.refunds.models import Refund
from daigou.providers.stripe.client import StripeProvider
from tests import factories

SYSTEM = system("test")


@pytest.fixture
def paid(market, pay, again):
    """The market's order, paid for."""

    def run(outcome="succeed"):
        pay(market.shopper, market.bill, outcome)
        return again(market.item)

    return run


def refunds():
    return db.session.execute(select(Refund).execution_options(populate_existing=True)).scalars().all()


def escrow(item):
    return ledger.balance("escrow", "EUR", item.id)


def follow(provider, client, work, mark):
    provider.deliver(client, *provider.events_since(mark))
    work()


def test_a_refund_leaves_escrow_at_once_and_our_clearing_when_the_provider_has_booked_it(paid, provider, work):
    before = provider.total()
    item = paid()
    row = service.refund(SYSTEM, item, item.total, "not_bought")
    assert escrow(item).minor == 0
    assert ledger.balance("refund_due", "EUR", row.id) == item.total
    work()
    assert refunds()[0].state == "succeeded"
    assert ledger.balance("refund_due", "EUR", row.id).minor == 0
    assert ledger.balance("clearing", "JPY").minor == provider.total() - before
    assert ledger.balance("exchange", "EUR").minor == 0
    assert ledger.balance("exchange", "JPY").minor == 0
    assert books.check_all(with_provider=False).faults == []


@pytest.mark.parametrize("provider", ["own"], indirect=True)
def test_what_the_day_made_of_the_rate_is_exchange_result(paid, provider, work, client):
    """The provider pays back at its rate of the day; the difference is ours, and named."""
    item = paid()
    provider.control("/clock", advance_seconds=20 * 86400)
    part = Money(item.total.minor // 3, "EUR")
    service.refund(SYSTEM, item, part, "goodwill")
    work()
    attempt = db.session.execute(select(Attempt)).scalar_one()
    worth = round(attempt.settled_minor * part.minor / attempt.amount_minor)
    taken = -provider.books()["by_type"]["jpy"]["refund"]["amount"]
    assert ledger.balance("exchange_result", "JPY").minor == worth - taken
    assert ledger.balance("clearing", "JPY").minor == provider.total()
    assert escrow(item) == item.total - part


@pytest.mark.parametrize("amount", [0, -100, 10**9])
def test_more_than_is_held_is_refused(paid, amount):
    item = paid()
    with pytest.raises(Impossible):
        service.refund(SYSTEM, item, Money(amount, "EUR"), "wrong")
    with pytest.raises(Impossible):
        service.refund(SYSTEM, item, Money(100, "USD"), "wrong")
    assert refunds() == []


def test_what_was_never_paid_can_not_be_refunded(market, provider):
    with pytest.raises(Impossible, match="not_paid"):
        service.refund(SYSTEM, market.item, market.item.total, "wrong")


def test_a_merchant_may_not_refund(paid, market):
    item = paid()
    with pytest.raises((Denied, NotFound)):
        service.refund(factories.actor(market.owner), item, item.total, "wrong")


def test_an_item_that_could_not_be_bought_is_refunded_whole_and_once(paid, market, provider, work, again):
    from compliance.audit import door
    from daigou.core.db import load_locked

    item = paid()
    with transaction():
        door.transition(factories.actor(market.owner), load_locked(OrderItem, id=item.id), "fail_purchase")
    jobs.refund_invalid_item(str(item.id))
    jobs.refund_invalid_item(str(item.id))
    work()
    assert [(row.state, row.amount) for row in refunds()] == [("succeeded", item.total)]
    assert again(item).state == "refunded"
    assert books.check_all(with_provider=False).faults == []


@pytest.mark.parametrize("fault", ["timeout_before", "timeout_after", "reset_after", "status_500", "status_500_saved"])
def test_whatever_happens_to_the_call_it_is_refunded_once(paid, provider, work, fault):
    item = paid()
    given = provider.books()["refunds"].get("eur", {"count": 0})["count"]
    service.refund(SYSTEM, item, item.total, "goodwill")
    provider.fault(fault, "/v1/refunds", count=2, seconds=2, effect=True)
    work()
    with clock.use(clock.FixedClock(clock.now() + jobs.PATIENCE * 2)):
        work()
    assert [row.state for row in refunds()] == ["succeeded"]
    assert provider.books()["refunds"]["eur"]["count"] == given + 1


def test_past_a_day_it_looks_before_it_asks_again(paid, provider, work):
    item = paid()
    given = provider.books()["refunds"].get("eur", {"count": 0})["count"]
    row = service.refund(SYSTEM, item, item.total, "goodwill")
    provider.fault("reset_after", "/v1/refunds", count=2)
    work()
    assert refunds()[0].state == "submitted"
    provider.control("/controls/idempotency/prune")
    with clock.use(clock.FixedClock(clock.now() + jobs.PATIENCE * 1000)):
        refunding.refetch(row.id)
    assert refunds()[0].state == "succeeded"
    assert provider.books()["refunds"]["eur"]["count"] == given + 1


def test_a_refund_that_arrives_later_succeeds_when_the_provider_says_so(paid, provider, client, work):
    item = paid("refund_pending")
    mark = provider.mark()
    service.refund(SYSTEM, item, item.total, "goodwill")
    work()
    assert refunds()[0].state == "submitted"
    provider.deliver(client, *provider.wait_for(mark, "refund.updated"))
    work()
    assert refunds()[0].state == "succeeded"


def test_a_refund_that_the_bank_sends_back_is_held_again_and_waits_for_an_officer(
    paid, provider, client, client_of, work
):
    before = provider.total()
    item = paid("refund_fail")
    mark = provider.mark()
    row = service.refund(SYSTEM, item, item.total, "goodwill")
    work()
    provider.deliver(client, *provider.wait_for(mark, "refund.failed"))
    work()
    assert refunds()[0].state == "failed"
    assert escrow(item) == item.total
    assert ledger.balance("clearing", "JPY").minor == provider.total() - before
    assert any("wait for a person" in note for note in books.check_all(with_provider=False).notes)
    officer = client_of(factories.account("officer"))
    assert row.ref in officer.get("/officer/books").text
    assert officer.post(f"/officer/refunds/{row.ref}/retry").status_code == 303
    assert refunds()[0].state == "requested"
    assert escrow(item).minor == 0


@pytest.mark.parametrize("provider", ["own"], indirect=True)
def test_a_closed_refund_window_is_a_persons_matter(paid, provider, work):
    item = paid("alipay")
    provider.control("/clock", advance_seconds=100 * 86400)
    service.refund(SYSTEM, item, item.total, "goodwill")
    work()
    assert (refunds()[0].state, refunds()[0].refusal) == ("failed", "charge_not_refundable")
    assert escrow(item) == item.total


def test_sixty_and_sixty_of_a_hundred_at_once_refund_sixty(committed_app, running, work):
    """Real threads, real transactions: the lock on the payment lets one through."""
    committed_app.extensions["payment_provider"] = StripeProvider(running.key, (running.secret,), address=running.url)
    factories.rates()
    shop, _ = factories.merchant()
    shopper = factories.account()
    order = factories.order(shopper, factories.listing(shop))
    bill, item = factories.bill_of(order), factories.items_of(order)[0]
    running.pay(service.start(factories.actor(shopper), bill.ref))
    settling.refetch(db.session.execute(select(Attempt.id)).scalar_one())
    sixty = Money(item.total.minor * 6 // 10, "EUR")
    outcomes, together = [], threading.Barrier(8)

    def try_it():
        with committed_app.app_context():
            together.wait()
            try:
                service.refund(SYSTEM, SimpleNamespace(id=item.id, order_id=item.order_id), sixty, "race")
                outcomes.append("refunded")
            except Impossible:
                outcomes.append("refused")
            finally:
                db.session.remove()

    threads = [threading.Thread(target=try_it) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(outcomes) == ["refunded"] + ["refused"] * 7
    work()
    assert ledger.balance("escrow", "EUR", item.id) == item.total - sixty
    assert db.session.execute(select(func.sum(Refund.amount_minor))).scalar_one() == sixty.minor
    assert books.check_all(with_provider=False).faults == []


def test_one_event_fifty_times_at_once_is_worked_on_once(committed_app, running):
    committed_app.extensions["payment_provider"] = StripeProvider(running.key, (running.secret,), address=running.url)
    factories.rates()
    shop, _ = factories.merchant()
    shopper = factories.account()
    bill = factories.bill_of(factories.order(shopper, factories.listing(shop)))
    mark = running.mark()
    running.pay(service.start(factories.actor(shopper), bill.ref))
    events = [e for e in running.events_since(mark) if e["type"].startswith(("payment_intent", "checkout"))]

    def deliver():
        running.deliver(committed_app.test_client(), *events)
        with committed_app.app_context():
            from daigou.payments.paying.models import InboxEvent

            for key in db.session.execute(select(InboxEvent.id)).scalars().all():
                inbox.process(key)
            db.session.remove()

    threads = [threading.Thread(target=deliver) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert ledger.balance("escrow", "EUR", bill.split[0]["escrow"]) == bill.total
    assert books.check_all(with_provider=False).faults == []
