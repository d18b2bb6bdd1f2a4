"""Held money never outlasts a limit: what is proven is released, the rest goes back, and it is said why."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from daigou.aftersales.rules import return_until
from daigou.core import clock
from daigou.core.db import db
from daigou.ledger import service as ledger
from daigou.orders.models import OrderItem
from daigou.payments import books, jobs, service
from daigou.payments.actor import SYSTEM
from daigou.payments.escrow import holding, rulebook
from daigou.payments.escrow.models import Release, SettlementDecision
from daigou.payments.paying.models import Attempt
from daigou.payments.refunds.models import Refund
from daigou.warehouse.rules import STORAGE
from tests import factories

from .test_payouts import rows
from .test_releases import walk


@pytest.fixture
def held(market, pay, again):
    pay(market.shopper, market.bill)
    return again(market.item)


def in_days(days):
    return clock.use(clock.FixedClock(clock.now() + timedelta(days=days)))


def state_of(item):
    return db.session.get(OrderItem, item.id, populate_existing=True).state


def test_before_the_limit_nothing_is_decided(held, work):
    with in_days(82):
        jobs.settle_before_limits()
    assert rows(SettlementDecision) == []
    assert state_of(held) == "paid"


def test_what_is_not_proven_a_week_before_the_limit_goes_back(market, held, work, client_of):
    walk(held, "purchase", "receive")
    with in_days(83):
        jobs.settle_before_limits()
        jobs.settle_before_limits()
        work()
    (refund,) = rows(Refund)
    (decision,) = rows(SettlementDecision)
    assert (refund.state, refund.amount) == ("succeeded", held.total)
    assert (decision.rule, decision.effect, decision.result_ref) == ("hold_limit_refund", "refund", refund.ref)
    assert (decision.grounds["limit"], decision.grounds["days"]) == ("provider", 90)
    assert state_of(held) == "refunded"
    assert not ledger.balance("escrow", "EUR", held.id)
    assert "may not be held any longer" in client_of(market.shopper).get(f"/orders/{market.order.ref}").text
    assert books.check_all(with_provider=False).faults == []


def test_what_was_bought_and_accepted_is_released_and_later_confirmed_without_a_second_release(market, held, work):
    walk(held, "purchase", "receive", "inspect", "accept")
    with in_days(83):
        jobs.settle_before_limits()
        jobs.settle_before_limits()
    (release,) = rows(Release)
    assert (release.rule, release.amount, state_of(held)) == ("hold_limit_release", held.merchant_due, "in_stock")
    assert [d.rule for d in rows(SettlementDecision)] == ["hold_limit_release"]
    item = walk(held, "pack", "ship", "deliver", "complete")
    assert service.release_item(SYSTEM, item, "receipt_confirmed").id == release.id
    assert books.check_all(with_provider=False).faults == []


def test_an_open_case_is_put_before_a_person_once(market, held, work, client_of):
    officer = factories.account("officer")
    walk(held, "purchase", "receive", "inspect", "request_return")
    with in_days(85):
        jobs.settle_before_limits()
        jobs.settle_before_limits()
    assert [(d.rule, d.effect) for d in rows(SettlementDecision)] == [("hold_limit_person", "person")]
    assert "may be held until" in client_of(officer).get("/account/notices").text
    assert rows(Refund) == rows(Release) == []


def test_the_shorter_window_of_the_payment_method_counts(held):
    attempt = db.session.execute(select(Attempt)).scalar_one()
    paid = attempt.state_since
    assert holding.deadline(paid, "card").days == 90
    assert holding.deadline(paid, "alipay").days == 90
    assert holding.deadline(paid, "wechat_pay").limit == "provider"
    assert holding.hold_limit("TH", paid.date()) == 10
    assert holding.hold_limit("US", paid.date()) == 730
    assert holding.hold_limit("DE", paid.date()) == 90
    assert holding.refund_window("wechat_pay", paid.date()) == 180


def test_free_storage_ends_before_any_limit_decides():
    """What lies in the warehouse is asked about before its money has to be settled."""
    assert timedelta(days=90) - timedelta(days=7) > STORAGE


def test_every_rule_that_the_code_names_has_its_row_and_its_words(app):
    names = {row.name for row in rulebook.rules()}
    assert names == set(rulebook.WHY)
    assert {row.effect for row in rulebook.rules()} == set(rulebook.EFFECTS)


@pytest.mark.parametrize("country", ["DE", "GB", "CN", "US", "BR"])
@pytest.mark.parametrize("hour", [0, 9, 23])
def test_the_time_for_returns_is_over_before_silence_pays_the_merchant(app, country, hour):
    delivered = clock.now().replace(hour=hour, minute=59)
    assert delivered + rulebook.span("delivery_silence") > return_until(country, delivered)
