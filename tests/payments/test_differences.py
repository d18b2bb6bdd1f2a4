"""补款: the price rises or falls before the merchant buys."""

import secrets
from datetime import timedelta

import pytest
from sqlalchemy import select

from daigou.core import clock
from daigou.core.db import db
from daigou.core.errors import Impossible, Invalid
from daigou.core.money import Money
from daigou.ledger import service as ledger
from daigou.notices.models import Notice
from daigou.orders import jobs as order_jobs
from daigou.orders import repricing
from daigou.orders import service as orders
from daigou.orders.models import Bill, PriceChange
from daigou.payments import books, service
from daigou.payments.actor import SYSTEM
from daigou.payments.paying.models import Attempt
from daigou.payments.refunds.models import Refund
from tests import factories


@pytest.fixture
def paid(market, pay, again):
    """The market after its order was paid; ``report`` is the merchant's word that the goods cost this many yen now."""
    pay(market.shopper, market.bill)
    market.item = again(market.item)
    market.report = lambda yen: orders.report_price(
        factories.actor(market.owner), market.item.ref, Money(yen, "JPY"), "supplier"
    )
    return market


def held(item):
    return ledger.balance("escrow", "EUR", item.id)


def difference_bill(order):
    return db.session.execute(select(Bill).filter_by(order_id=order.id, kind="difference")).scalar_one()


def told(account):
    return set(db.session.execute(select(Notice.kind).filter_by(account_id=account.id)).scalars())


def test_a_risen_price_is_asked_for_paid_and_then_bought_at_the_new_price(paid, pay, again):
    before, was = paid.item.total, paid.item.goods_minor
    change = paid.report(20_000)
    item, bill = again(paid.item), difference_bill(paid.order)
    assert (item.state, change.state, bill.state) == ("balance_due", "awaiting", "due")
    assert bill.total == Money.of("10.16", "EUR")  # 20,000 yen less 18,400 at the order's locked rate
    assert "item.price_rose" in told(paid.shopper)
    pay(paid.shopper, bill)
    item, change = again(paid.item), again(change)
    assert (item.state, change.state) == ("paid", "applied")
    assert (item.merchant_goods_minor, item.commission_minor, item.goods_minor) == (20_000, 1_000, was + 1_016)
    assert held(item) == item.total == before + bill.total
    assert again(paid.order).total == item.total
    assert "item.difference_paid" in told(paid.owner)
    assert books.check_all(with_provider=False).faults == []


def test_a_declined_rise_gives_everything_back_and_takes_the_page_away(paid, again, client_of, provider, work):
    paid.report(20_000)
    page = service.start(factories.actor(paid.shopper), difference_bill(paid.order).ref)
    shown = client_of(paid.shopper).get(f"/orders/{paid.order.ref}")
    assert "Pay the difference of €10.16" in shown.text
    assert "¥20,000 instead of ¥18,400" in shown.text
    answer = client_of(paid.shopper).post(f"/orders/items/{paid.item.ref}/decline-price")
    assert answer.status_code == 303
    work()
    assert (again(paid.item).state, difference_bill(paid.order).state) == ("refunded", "cancelled")
    assert held(paid.item).minor == 0
    refund = db.session.execute(select(Refund)).scalar_one()
    assert (refund.amount, refund.reason, refund.state) == (paid.item.total, "price_declined", "succeeded")
    assert provider.pay(page).status_code == 410
    assert again(paid.order).state == "completed"
    assert books.check_all(with_provider=False).faults == []


def test_a_difference_that_nobody_pays_in_time_ends_like_a_declined_one(paid, again, work):
    paid.report(20_000)
    with clock.use(clock.FixedClock(clock.now() + timedelta(hours=73))):
        order_jobs.expire_due()
        work()
        assert (again(paid.item).state, difference_bill(paid.order).state) == ("refunded", "expired")
        assert db.session.execute(select(PriceChange.state)).scalar_one() == "expired"
    assert "item.declined" in told(paid.shopper) & told(paid.owner)


def test_a_fallen_price_gives_the_difference_back_and_the_merchant_gets_the_new_one(paid, again, work):
    before = paid.item.total
    change = paid.report(16_800)
    work()
    item, change = again(paid.item), again(change)
    assert (item.state, change.state, item.merchant_goods_minor, item.commission_minor) == (
        "paid", "applied", 16_800, 840,
    )  # fmt: skip
    assert held(item) == item.total == before - Money.of("10.14", "EUR")
    refund = db.session.execute(select(Refund)).scalar_one()
    assert (refund.amount, refund.state) == (Money.of("10.14", "EUR"), "succeeded")
    assert ledger.balance("escrow", "EUR", change.id).minor == 0
    assert "item.price_fell" in told(paid.shopper)
    assert books.check_all(with_provider=False).faults == []


def test_an_item_with_two_payments_is_refunded_to_both(paid, pay, again, work):
    paid.report(20_000)
    pay(paid.shopper, difference_bill(paid.order))
    item = again(paid.item)
    service.refund(SYSTEM, item, item.total, "not_bought")
    work()
    refunds = db.session.execute(select(Refund).order_by(Refund.amount_minor)).scalars().all()
    assert [refund.state for refund in refunds] == ["succeeded", "succeeded"]
    assert refunds[0].amount == Money.of("10.16", "EUR")
    assert sum(refund.amount_minor for refund in refunds) == item.total.minor
    assert held(item).minor == 0
    with pytest.raises(Impossible, match=r"refund\.too_much"):
        service.refund(SYSTEM, item, Money(1, "EUR"), "again")


def test_what_is_being_paid_can_not_be_declined(paid, provider, client, work):
    paid.report(20_000)
    mark = provider.mark()
    provider.pay(service.start(factories.actor(paid.shopper), difference_bill(paid.order).ref), "bank_transfer_never")
    provider.deliver(client, *provider.events_since(mark))
    work()
    with pytest.raises(Impossible, match=r"price\.paying"):
        orders.decline_price(factories.actor(paid.shopper), paid.item.ref)


@pytest.mark.parametrize("yen", [18_400, 18_410, 36_801])
def test_a_price_that_is_none_or_too_little_or_more_than_double_is_refused(paid, yen):
    with pytest.raises(Invalid):
        paid.report(yen)
    assert db.session.execute(select(PriceChange)).first() is None


def test_only_one_rise_at_a_time_and_none_after_the_purchase(paid):
    paid.report(20_000)
    with pytest.raises(Impossible):
        paid.report(21_000)
    assert repricing.waiting_for(paid.item.id).after == Money(20_000, "JPY")


def test_the_merchant_reports_on_the_page_of_the_item(paid, client_of, again):
    browser = client_of(paid.owner)
    address = f"/merchant/orders/{paid.item.ref}/price"
    form = {"price-goods": "20,000", "price-reason": "variant", "once": secrets.token_urlsafe(18)}
    assert browser.post(address, data=form | {"price-goods": "50,000"}).status_code == 422
    assert browser.post(address, data=form).status_code == 303
    assert "Waits for the shopper" in browser.get(f"/merchant/orders/{paid.item.ref}").text
    assert again(paid.item).state == "balance_due"


def test_a_shopper_can_not_report_a_price_nor_another_one_decline_it(paid, client_of):
    assert client_of(paid.shopper).post(f"/merchant/orders/{paid.item.ref}/price").status_code == 403
    paid.report(20_000)
    assert client_of(factories.account()).post(f"/orders/items/{paid.item.ref}/decline-price").status_code == 404
    assert db.session.execute(select(Attempt)).scalars().all()


def test_an_officer_reports_for_a_merchant_who_can_not(paid, client_of, again):
    officer = client_of(factories.account("officer"))
    assert "The price has changed" in officer.get(f"/orders/{paid.order.ref}").text
    address = f"/officer/items/{paid.item.ref}/price"
    assert "Ordered at" in officer.get(address).text
    form = {"goods": "20000", "reason": "supplier", "once": secrets.token_urlsafe(18)}
    assert officer.post(address, data=form).status_code == 303
    assert again(paid.item).state == "balance_due"
    assert client_of(paid.shopper).post(address, data=form).status_code == 403
