import pytest
from sqlalchemy import func, select

from compliance.audit import door
from daigou.core import clock
from daigou.core.access import system
from daigou.core.db import db, load_locked, transaction
from daigou.core.errors import Impossible
from daigou.ledger import service as ledger
from daigou.notices.models import Notice
from daigou.orders.models import OrderItem
from daigou.payments import books, jobs, service
from daigou.payments.escrow.models import Release
from daigou.payments.payouts.models import PayoutAccount
from tests import factories

SYSTEM = system("test")
PATH = ["purchase", "receive", "inspect", "accept", "pack", "ship", "deliver", "complete"]


def walk(item, *moves):
    """An item through its states, as the rooms would move it."""
    from daigou.core.access import Actor

    everybody = Actor(
        "test", item.account_id, item.merchant_id, frozenset({"merchant", "owner", "inspector", "shopper", "system"})
    )
    with transaction():
        row = load_locked(OrderItem, id=item.id)
        for move in moves or PATH:
            door.transition(everybody, row, move)
            db.session.flush()
    return row


@pytest.fixture
def done(market, pay, again):
    """The market's item, paid for and completed."""
    pay(market.shopper, market.bill)
    return walk(again(market.item))


def release():
    return db.session.execute(select(Release).execution_options(populate_existing=True)).scalar_one()


def account():
    return db.session.execute(select(PayoutAccount).execution_options(populate_existing=True)).scalar_one()


def onboard(market, provider, client, client_of, work, outcome="complete"):
    import httpx

    answer = client_of(market.owner).post("/merchant/payouts/onboard")
    assert answer.status_code == 303
    mark = provider.mark()
    httpx.post(answer.location, data={"outcome": outcome})
    provider.deliver(client, *provider.events_since(mark))
    work()


def test_released_to_an_onboarded_merchant_the_money_arrives_net_of_the_commission(
    market, done, provider, client, client_of, work
):
    onboard(market, provider, client, client_of, work)
    assert account().state == "enabled"
    before, ours = provider.total(), ledger.balance("clearing", "JPY").minor
    service.release_item(SYSTEM, done, "receipt_confirmed")
    work()
    row = release()
    assert (row.state, row.rule, row.amount) == ("paid", "receipt_confirmed", done.merchant_due)
    assert provider.total() == before - done.merchant_due.minor
    assert ledger.balance("clearing", "JPY").minor == ours - done.merchant_due.minor
    assert ledger.balance("escrow", "EUR", done.id).minor == 0
    assert ledger.balance("payable", "JPY", market.shop.id).minor == 0
    assert ledger.balance("service_fee", "EUR").minor == done.fee_minor
    fund = ledger.balance("reserve", "JPY").minor
    assert fund == done.commission_minor // 10
    assert ledger.balance("commission", "JPY").minor == done.commission_minor - fund
    assert books.check_all(with_provider=False).faults == []


def test_released_twice_it_is_one_release(done, provider, work):
    first = service.release_item(SYSTEM, done, "receipt_confirmed")
    assert service.release_item(SYSTEM, done, "receipt_confirmed").id == first.id


def test_held_money_is_not_released_before_the_item_is_accepted(market, pay, again):
    pay(market.shopper, market.bill)
    with pytest.raises(Impossible, match="not_due"):
        service.release_item(SYSTEM, again(market.item), "receipt_confirmed")


def test_without_an_account_it_waits_with_the_reason_and_goes_out_when_there_is_one(
    market, done, provider, client, client_of, work
):
    service.release_item(SYSTEM, done, "receipt_confirmed")
    work()
    assert (release().state, release().refusal) == ("waiting", "no_account")
    page = client_of(market.owner).get("/merchant/payouts")
    assert "You have not set up payouts yet" in page.text
    onboard(market, provider, client, client_of, work)
    assert release().state == "paid"


def test_an_account_that_still_needs_a_paper_waits(market, done, provider, client, client_of, work):
    onboard(market, provider, client, client_of, work, "document")
    assert account().state == "restricted"
    assert account().requirements
    service.release_item(SYSTEM, done, "receipt_confirmed")
    work()
    assert (release().state, release().refusal) == ("waiting", "account_not_ready")


@pytest.mark.parametrize("fault", ["timeout_before", "timeout_after", "reset_after", "status_500", "status_500_saved"])
def test_whatever_happens_to_the_call_the_merchant_is_paid_once(market, done, provider, client, client_of, work, fault):
    onboard(market, provider, client, client_of, work)
    before = provider.total()
    service.release_item(SYSTEM, done, "receipt_confirmed")
    provider.fault(fault, "/v1/transfers", count=2, seconds=2, effect=True)
    work()
    with clock.use(clock.FixedClock(clock.now() + jobs.PATIENCE * 2)):
        work()
    assert release().state == "paid"
    assert provider.total() == before - done.merchant_due.minor


def test_a_merchant_in_a_country_that_the_provider_does_not_pay_waits_for_the_bank_file(
    app, provider, client, client_of, work, pay, again
):
    factories.rates()
    shop, owner = factories.merchant(country="KR", currency="KRW")
    shopper = factories.account()
    order = factories.order(shopper, factories.listing(shop, price_minor=180_000))
    pay(shopper, factories.bill_of(order))
    item = walk(factories.items_of(order)[0])
    service.release_item(SYSTEM, item, "receipt_confirmed")
    work()
    assert (release().state, release().refusal) == ("waiting", "no_bank_details")
    browser = client_of(owner)
    assert "bank account" in browser.get("/merchant/payouts").text
    assert browser.post("/merchant/payouts/onboard").status_code == 409


@pytest.mark.parametrize("provider", ["own"], indirect=True)
def test_an_empty_balance_waits_and_is_tried_again(market, done, provider, client, client_of, work):
    onboard(market, provider, client, client_of, work)
    service.release_item(SYSTEM, done, "receipt_confirmed")
    _drain(provider, leave=100)
    work()
    assert (release().state, release().refusal) == ("waiting", "balance_insufficient")
    assert ledger.balance("payable", "JPY", market.shop.id) == done.merchant_due
    provider.http.post("/v1/topups", data={"amount": 1_000_000, "currency": "jpy"})
    with clock.use(clock.FixedClock(clock.now() + jobs.PATIENCE * 2)):
        jobs.sweep()
        work()
    assert release().state == "paid"


def _drain(provider, leave):
    """Send all but ``leave`` of the platform's balance to an account that nobody knows."""
    made = provider.http.post(
        "/v1/accounts", data={"type": "express", "country": "JP", "capabilities[transfers][requested]": "true"}
    ).json()
    provider.control(f"/controls/accounts/{made['id']}", outcome="complete")
    amount = provider.total() - leave
    sent = provider.http.post("/v1/transfers", data={"amount": amount, "currency": "jpy", "destination": made["id"]})
    sent.raise_for_status()


def test_where_no_rail_leads_officers_hear_of_it_once_as_the_merchant_reads(app, provider, client_of, work, pay, again):
    factories.rates(JPY="160", EUR="1", BRL="6")
    shop, owner = factories.merchant(country="BR", currency="BRL")
    shopper = factories.account()
    pay(shopper, factories.bill_of(factories.order(shopper, factories.listing(shop))))
    item = db.session.execute(select(OrderItem)).scalar_one()
    service.release_item(SYSTEM, walk(item), "receipt_confirmed")
    officer = factories.account("officer")
    for _ in range(2):
        work()
        jobs.submit_release(str(release().id))
    assert (release().state, release().refusal) == ("waiting", "rail_missing")
    heard = select(func.count()).select_from(Notice).filter_by(kind="payout.stuck", account_id=officer.id)
    assert db.session.execute(heard).scalar_one() == 1
    assert "Support has been told" in client_of(owner).get("/merchant/payouts").text
