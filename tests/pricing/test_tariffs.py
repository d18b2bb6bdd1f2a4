"""A fee is changed by two people, from a day to come on, and never for what was ordered before."""

from datetime import timedelta
from decimal import Decimal

import pytest

from compliance.audit import proposals
from daigou.core import clock
from daigou.core.db import db
from daigou.core.errors import Denied, Impossible, Invalid
from daigou.pricing import board, tariffs
from daigou.pricing import service as pricing
from tests import factories

WHY = "New terms of this year."


@pytest.fixture
def officers(app):
    return [factories.actor(factories.account("officer")) for _ in "ab"]


def change(days=1, permille="45", **more):
    values = {"kind": "commission", "minimum_minor": 0, "currency": None, "source": "merchant terms 2027", **more}
    return tariffs.Change(permille=Decimal(permille), valid_from=clock.today() + timedelta(days=days), **values)


def tomorrow(days=1):
    return clock.use(clock.FixedClock(clock.now() + timedelta(days=days)))


def test_a_change_takes_two_people_and_begins_on_its_day(officers):
    first, second = officers
    made = tariffs.propose(first, change(days=10), WHY)
    with pytest.raises(Denied):
        proposals.approve(first, made.ref)
    assert pricing.fee("commission", "JPY").permille == 50
    proposals.approve(second, made.ref)
    assert pricing.fee("commission", "JPY").permille == 50
    with tomorrow(9):
        board.forget()
        assert pricing.fee("commission", "JPY").permille == 50
    with tomorrow(10):
        board.forget()
        assert pricing.fee("commission", "JPY").permille == 45
    board.forget()
    new, old = (row for row in tariffs.history()["commission"])
    assert (tariffs.standing(new, clock.today()), tariffs.standing(old, clock.today())) == ("future", "present")
    assert made.ref in new.source


def test_the_past_and_today_can_not_be_changed_and_nonsense_is_refused(officers):
    for wrong in (
        change(days=0), change(days=-3), change(permille="1000"), change(permille="-1"), change(kind="tax"),
        change(minimum_minor=5),
    ):  # fmt: skip
        with pytest.raises(Invalid):
            tariffs.propose(officers[0], wrong, WHY)


def test_one_change_of_a_fee_waits_at_a_time(officers):
    tariffs.propose(officers[0], change(), WHY)
    with pytest.raises(Impossible):
        tariffs.propose(officers[1], change(days=2), WHY)


def test_a_change_that_waited_past_its_day_is_refused(officers):
    first, second = officers
    made = tariffs.propose(first, change(), WHY)
    with tomorrow(2), pytest.raises(Invalid):
        proposals.approve(second, made.ref)


def test_orders_keep_the_commission_that_they_were_placed_with(officers):
    first, second = officers
    factories.rates()
    shop, _owner = factories.merchant()
    shopper = factories.account()
    before = factories.items_of(factories.order(shopper, factories.listing(shop)))[0]
    proposals.approve(second, tariffs.propose(first, change(permille="100"), WHY).ref)
    with tomorrow():
        board.forget()
        factories.rates()
        after = factories.items_of(factories.order(shopper, factories.listing(shop)))[0]
    board.forget()
    db.session.refresh(before)
    assert (before.commission_minor, after.commission_minor) == (920, 1840)


def test_the_public_page_shows_what_people_pay_and_not_the_reserve_fund(client):
    page = client.get("/fees").text
    assert "Commission" in page
    assert "reserve" not in page.lower()
