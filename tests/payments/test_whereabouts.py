"""Where an order's money is: what the page says is what the books say, at every step."""

from dataclasses import replace

import pytest
from sqlalchemy import select

from compliance.audit import door
from daigou.core.access import system
from daigou.core.db import db, load_locked, transaction
from daigou.core.money import Money
from daigou.orders import service as orders
from daigou.orders.models import Bill
from daigou.payments import service
from daigou.payments.actor import SYSTEM
from daigou.payments.escrow import whereabouts
from daigou.payments.refunds import refunding
from daigou.payments.refunds.models import Refund
from tests import factories
from tests.warehouse import bench


@pytest.fixture
def money(market, again):
    def look():
        order = again(market.order)
        found = whereabouts.of_order(order, whereabouts.items_of(order.id))
        assert found.paid == found.held + found.going_back + found.refunded + found.released
        return found

    return look


def kinds(found):
    return [step.kind for step in found.steps]


def test_paid_money_is_held_and_says_how_it_was_paid(market, money, pay):
    assert money().steps == []
    pay(market.shopper, market.bill, "alipay")
    found = money()
    assert (found.paid, found.held) == (market.bill.total, market.bill.total)
    assert [(s.kind, s.amount, s.method) for s in found.steps] == [("paid", market.bill.total, "alipay")]


def test_a_partial_refund_leaves_the_rest_held(market, money, pay, again, work):
    pay(market.shopper, market.bill)
    service.refund(SYSTEM, again(market.item), Money(1_000, "EUR"), "goodwill")
    assert money().going_back == Money(1_000, "EUR")
    work()
    found = money()
    assert (found.going_back, found.refunded) == (Money(0, "EUR"), Money(1_000, "EUR"))
    assert found.held == market.bill.total - Money(1_000, "EUR")
    assert kinds(found) == ["paid", "refunding", "refunded"]


def test_a_refund_that_fails_is_held_again(market, money, pay, again, work, provider):
    pay(market.shopper, market.bill, "refund_fail")
    service.refund(SYSTEM, again(market.item), market.item.total, "not_bought")
    provider.fault("status_500", "/v1/refunds", count=0)
    work()
    refund = db.session.execute(select(Refund)).scalar_one()
    for _ in range(100):
        if again(refund).is_("failed"):
            break
        refunding.apply(refunding.provider().refund_seen(refund.provider_id))
    found = money()
    assert found.held == market.bill.total
    assert kinds(found)[-1] == "refund_failed"


def test_a_risen_and_a_fallen_price_are_steps_too(market, money, pay, again, work):
    pay(market.shopper, market.bill)
    merchant = factories.actor(market.owner)
    orders.report_price(merchant, market.item.ref, Money(20_000, "JPY"), "supplier")
    bill = db.session.execute(select(Bill).filter_by(kind="difference")).scalar_one()
    pay(market.shopper, bill)
    orders.report_price(merchant, market.item.ref, Money(19_000, "JPY"), "sale")
    work()
    found = money()
    assert kinds(found) == ["paid", "paid", "refunding", "refunded"]
    assert found.paid == market.bill.total + bill.total
    assert found.held == again(market.item).total


def test_released_money_is_with_the_merchant(market, money, pay, again):
    pay(market.shopper, market.bill)
    anybody = bench.anybody(market.shopper, market.shop)
    with transaction():
        item = load_locked(type(market.item), id=market.item.id)
        for move in ("purchase", "receive", "inspect", "accept", "pack", "ship", "deliver", "complete"):
            door.transition(anybody, item, move)
            db.session.flush()
        service.release_item(system("test"), item, "receipt_confirmed")
    found = money()
    assert (found.held.minor, found.released) == (0, market.bill.total)
    assert kinds(found) == ["paid", "released"]


def test_the_page_is_the_shoppers_own_and_names_the_protection(market, pay, client_of, money):
    pay(market.shopper, market.bill)
    page = client_of(market.shopper).get(f"/orders/{market.order.ref}/money")
    assert "Held until you are content" in page.text
    assert "Protected payment" in page.text
    assert "Credit or debit card" in page.text
    assert client_of(factories.account()).get(f"/orders/{market.order.ref}/money").status_code == 404
    assert client_of(market.owner).get(f"/orders/{market.order.ref}/money").status_code == 404
    assert client_of(factories.account("officer")).get(f"/orders/{market.order.ref}/money").status_code == 200


@pytest.fixture
def renamed(app):
    """An operator to whom the usual word is not allowed, or not wanted."""
    config = app.extensions["config"]
    app.extensions["config"] = replace(config, escrow_name="Hoshino hold")
    yield
    app.extensions["config"] = config


def test_held_money_is_called_as_the_operator_calls_it_wherever_it_is_named(market, renamed, client_of):
    browser = client_of(market.shopper)
    for place in (f"/bills/{market.bill.ref}", "/protection"):
        page = browser.get(place).text
        assert ("Hoshino hold" in page, "Protected payment" in page) == (True, False)
