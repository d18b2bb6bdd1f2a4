import threading

import pytest
from sqlalchemy import func, select

from daigou.core.db import db
from daigou.core.errors import Impossible, NotFound, Unavailable
from daigou.ledger import service as ledger
from daigou.ledger.models import Transaction
from daigou.payments import books, jobs, service, settling
from daigou.payments.paying.models import Attempt, InboxEvent
from daigou.payments.refunds.models import Refund
from daigou.providers.stripe.client import StripeProvider
from tests import factories


def attempt_of(bill):
    return db.session.execute(select(Attempt).filter_by(bill_id=bill.id)).scalar_one()


def captured():
    return db.session.execute(select(func.count()).where(Transaction.kind == "captured")).scalar_one()


def clearing():
    return ledger.balance("clearing", "JPY").minor


def start(market):
    return service.start(factories.actor(market.shopper), market.bill.ref)


def test_paid_on_the_hosted_page_the_money_is_in_escrow_and_our_clearing_is_the_providers(market, again, pay, provider):
    before = provider.total()
    pay(market.shopper, market.bill)
    assert again(market.bill).state == "paid"
    assert ledger.balance("escrow", "EUR", market.item.id) == market.item.total
    assert clearing() == provider.total() - before
    assert attempt_of(market.bill).state == "succeeded"


@pytest.mark.parametrize("order", ["twice", "reversed", "reversed twice"])
def test_webhooks_twice_or_in_any_order_post_once(market, again, provider, client, work, order):
    before = provider.total()
    mark = provider.mark()
    provider.pay(start(market))
    events = provider.events_since(mark)
    if "reversed" in order:
        events.reverse()
    for _ in range(2 if "twice" in order else 1):
        assert set(provider.deliver(client, *events)) == {200}
        work()
    assert captured() == 1
    assert clearing() == provider.total() - before


def test_a_repeated_webhook_is_200_and_does_nothing(market, again, provider, client, work):
    mark = provider.mark()
    provider.pay(start(market))
    (event,) = [e for e in provider.events_since(mark) if e["type"] == "payment_intent.succeeded"]
    assert provider.deliver(client, event, event) == [200, 200]
    rows = select(func.count()).select_from(InboxEvent).where(InboxEvent.event_id == event["id"])
    assert db.session.execute(rows).scalar_one() == 1


def test_a_lost_webhook_is_made_good_by_asking(market, again, provider, work):
    provider.pay(start(market))
    settling.refetch(attempt_of(market.bill).id)
    work()
    assert attempt_of(market.bill).state == "succeeded"


def test_a_decline_leaves_the_bill_due_with_words_and_the_same_page(market, again, provider, client, client_of, work):
    mark = provider.mark()
    page = start(market)
    provider.pay(page, "insufficient_funds")
    provider.deliver(client, *provider.events_since(mark))
    work()
    assert again(market.bill).state == "due"
    assert attempt_of(market.bill).refusal == "insufficient_funds"
    shown = client_of(market.shopper).get(f"/bills/{market.bill.ref}")
    assert "There is not enough money on this card" in shown.text
    assert start(market) == page
    provider.pay(page)
    settling.refetch(attempt_of(market.bill).id)
    assert attempt_of(market.bill).state == "succeeded"


def test_two_clicks_lead_to_one_page(market, again, client_of, provider):
    browser = client_of(market.shopper)
    first, second = (browser.post(f"/bills/{market.bill.ref}/pay") for _ in range(2))
    assert first.status_code == second.status_code == 303
    assert first.location == second.location
    assert first.location.startswith(provider.url)


def test_another_shoppers_bill_is_not_found(market, again, client_of, provider):
    stranger = client_of(factories.account())
    assert stranger.get(f"/bills/{market.bill.ref}").status_code == 404
    assert stranger.post(f"/bills/{market.bill.ref}/pay").status_code == 404
    with pytest.raises(NotFound):
        service.start(factories.actor(factories.account()), market.bill.ref)


@pytest.mark.parametrize("fault", ["timeout_before", "timeout_after", "reset_after", "status_500"])
def test_a_provider_that_does_not_answer_loses_nothing_and_charges_once(
    market, again, provider, client_of, work, fault
):
    before = provider.books()["charges"].get("eur", {"count": 0})["count"]
    provider.fault(fault, "/v1/checkout/sessions", count=2, seconds=2)
    answer = client_of(market.shopper).post(f"/bills/{market.bill.ref}/pay")
    assert answer.status_code == 503
    assert "your order waits" in answer.text
    provider.pay(start(market))
    jobs.sweep()
    for attempt in db.session.execute(select(Attempt.id)).scalars():
        settling.refetch(attempt)
    assert db.session.execute(select(Attempt.state).where(Attempt.state == "succeeded")).scalars().all() == [
        "succeeded"
    ]
    assert provider.books()["charges"]["eur"]["count"] == before + 1


def test_a_saved_500_does_not_hold_the_bill_up_for_a_day(market, again, provider):
    provider.fault("status_500_saved", "/v1/checkout/sessions")
    with pytest.raises(Unavailable):
        start(market)
    assert start(market).startswith(provider.url)


def test_a_payment_for_an_expired_bill_goes_back(market, again, provider, client, work):
    from compliance.audit import door
    from daigou.core.access import system
    from daigou.core.db import load_locked, transaction
    from daigou.orders.models import Bill

    before = provider.total()
    mark = provider.mark()
    page = start(market)
    with transaction():
        door.transition(system("test"), load_locked(Bill, id=market.bill.id), "expire")
    provider.pay(page)
    provider.deliver(client, *provider.events_since(mark))
    work()
    refund = db.session.execute(select(Refund)).scalar_one()
    assert (refund.state, refund.reason, refund.amount) == ("succeeded", "bill_expired", market.bill.total)
    assert attempt_of(market.bill).state == "surplus"
    assert clearing() == provider.total() - before
    assert ledger.balance("escrow", "EUR", market.item.id).minor == 0


def test_a_bill_that_is_paid_can_not_be_paid_again(market, again, pay):
    pay(market.shopper, market.bill)
    with pytest.raises(Impossible, match=r"bill\.paid"):
        start(market)


def test_a_bank_transfer_is_shown_as_on_its_way_until_it_is_there(market, again, provider, client, client_of, work):
    mark = provider.mark()
    provider.pay(start(market), "bank_transfer")
    at_once = [e for e in provider.events_since(mark) if e["type"] == "payment_intent.processing"]
    provider.deliver(client, *at_once)
    work()
    done = provider.wait_for(mark, "checkout.session.async_payment_succeeded")
    provider.deliver(client, *done)
    work()
    assert again(market.bill).state == "paid"


def test_a_bank_transfer_that_fails_opens_the_bill_again(market, again, provider, client, work):
    mark = provider.mark()
    provider.pay(start(market), "bank_transfer_fail")
    provider.deliver(client, *provider.wait_for(mark, "checkout.session.async_payment_failed"))
    work()
    assert (again(market.bill).state, attempt_of(market.bill).state) == ("due", "failed")
    assert start(market).startswith(provider.url)


def test_the_return_page_believes_the_provider_and_not_the_address(market, again, provider, client_of, work):
    start(market)
    browser = client_of(market.shopper)
    shown = browser.get(f"/payments/{market.bill.ref}/return")
    assert "We are waiting for the payment provider" in shown.text
    assert "data-poll" in shown.text
    work()
    assert attempt_of(market.bill).state == "open"
    provider.pay(attempt_of(market.bill).url)
    browser.get(f"/payments/{market.bill.ref}/return")
    work()
    assert "Your payment has arrived" in browser.get(f"/payments/{market.bill.ref}/status").text


class TestSignatures:
    BODY = b'{"id": "evt_1", "type": "charge.succeeded", "data": {"object": {"id": "ch_1"}}}'

    def test_a_wrong_one_is_400_and_leaves_nothing(self, provider, client):
        assert provider.post(client, self.BODY, secret="whsec_other").status_code == 400
        assert db.session.execute(select(func.count()).select_from(InboxEvent)).scalar_one() == 0

    def test_a_missing_one_is_400(self, provider, client):
        assert client.post("/webhooks/stripe", data=self.BODY).status_code == 400

    @pytest.mark.parametrize("off", [-400, 400])
    def test_an_old_or_future_timestamp_is_400(self, provider, client, off):
        import time

        assert provider.post(client, self.BODY, at=time.time() + off).status_code == 400

    def test_a_good_one_with_a_body_that_is_no_event_is_400(self, provider, client):
        assert provider.post(client, b'{"id": 5}').status_code == 400
        assert provider.post(client, b"\xff\xfe").status_code == 400

    def test_an_endless_body_is_refused(self, provider, client):
        assert provider.post(client, b"x" * 600_000).status_code == 413


def test_twenty_clicks_at_once_make_one_payment_page(committed_app, running):
    committed_app.extensions["payment_provider"] = StripeProvider(running.key, (running.secret,), address=running.url)
    factories.rates()
    shop, _ = factories.merchant()
    shopper = factories.account()
    bill = factories.bill_of(factories.order(shopper, factories.listing(shop)))
    who, ref, pages = factories.actor(shopper), bill.ref, []

    def click():
        with committed_app.app_context():
            pages.append(service.start(who, ref))
            db.session.remove()

    threads = [threading.Thread(target=click) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(pages) == 20
    assert len(set(pages)) == 1


def test_the_whole_check_holds_after_all_this(market, again, pay, provider):
    before = provider.total()
    pay(market.shopper, market.bill)
    report = books.check_all(with_provider=False)
    assert report.faults == []
    assert clearing() == provider.total() - before


def test_the_page_of_a_cancelled_order_can_not_be_paid_any_more(market, client_of, provider, work):
    page = start(market)
    client_of(market.shopper).post(f"/orders/{market.order.ref}/cancel")
    work()
    assert provider.pay(page).status_code == 410
    assert attempt_of(market.bill).state == "failed"


def test_the_page_of_a_bill_that_ran_out_can_not_be_paid_any_more(market, again, provider, work):
    from datetime import timedelta

    from daigou.core import clock
    from daigou.orders import jobs as order_jobs

    page = start(market)
    with clock.use(clock.FixedClock(clock.now() + timedelta(hours=49))):
        order_jobs.expire_due()
        work()
    assert again(market.bill).state == "expired"
    assert provider.pay(page).status_code == 410
