import io
import secrets
from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy import select

from compliance.audit import door
from daigou.aftersales.models import ReturnCase
from daigou.core import clock, ids
from daigou.core.access import Actor, system
from daigou.core.db import db, load_locked, transaction
from daigou.core.money import Money
from daigou.ledger import service as ledger
from daigou.orders.models import Order, OrderItem
from daigou.payments import books
from daigou.payments import service as payments
from daigou.payments.escrow.models import Release
from daigou.payments.refunds.models import Refund
from tests import factories
from traceability.inspection.models import Inspection

TO_STOCK = ("purchase", "receive", "inspect", "accept")
TO_SHOPPER = (*TO_STOCK, "pack", "ship", "deliver")
STORY = "The left arm is missing \U0001f9be \u202egnissim"


def walk(item, *moves):
    everybody = Actor(
        "test", item.account_id, item.merchant_id, frozenset({"merchant", "owner", "inspector", "shopper", "system"})
    )
    with transaction():
        row = load_locked(OrderItem, id=item.id)
        for move in moves:
            door.transition(everybody, row, move)
            db.session.flush()
        if row.state == "delivered":
            row.delivered_at = clock.now()
    return row


def inspected(item, verdict, app):
    inspector = factories.account("inspector")
    row = Inspection(
        ref=ids.new_ref("INS"), item_id=item.id, item_ref=item.ref, order_ref=item.order_ref,
        merchant_ref=item.merchant_ref, subject=item.subject, template="figures/1", inspector_id=inspector.id,
    )  # fmt: skip
    with transaction():
        door.created(factories.actor(inspector), row)
        db.session.flush()
        row.verdict = verdict
        door.transition(factories.actor(inspector), row, "conclude")


@pytest.fixture
def stocked(market, pay, again):
    pay(market.shopper, market.bill)
    return walk(again(market.item), *TO_STOCK)


@pytest.fixture
def delivered(market, pay, again):
    pay(market.shopper, market.bill)
    return walk(again(market.item), *TO_SHOPPER)


@pytest.fixture
def ask(market, client_of):
    def run(item, reason="not_as_described", story=STORY, **more):
        data = {"reason": reason, "story": story, "once": secrets.token_urlsafe(18), **more}
        browser = client_of(market.shopper)
        return browser.post(f"/orders/items/{item.ref}/return", data=data, content_type="multipart/form-data")

    return run


def case():
    return db.session.execute(select(ReturnCase).execution_options(populate_existing=True)).scalar_one()


def state(item):
    return db.session.execute(select(OrderItem.state).filter_by(id=item.id)).scalar_one()


def refund():
    return db.session.execute(select(Refund).execution_options(populate_existing=True)).scalar_one()


def test_where_our_inspection_agrees_a_rule_approves_and_the_money_goes_back(
    stocked, app, ask, client_of, work, market
):
    inspected(stocked, "non_conformant", app)
    answer = ask(stocked)
    assert answer.status_code == 303
    assert case().ruling == "rule:inspection_agrees"
    work()
    assert (case().state, state(stocked), refund().state) == ("refunded", "refunded", "succeeded")
    assert db.session.get(Order, stocked.order_id).state == "completed"
    assert refund().amount == stocked.total
    assert ledger.balance("escrow", "EUR", stocked.id).minor == 0
    assert books.check_all(with_provider=False).faults == []
    page = client_of(market.shopper).get(answer.location)
    assert "Refunded" in page.text
    assert "a rule approved it at once" in page.text


def test_support_decides_the_others_with_a_reason(stocked, ask, client_of, work, market):
    ask(stocked)
    support = client_of(factories.account("support"))
    assert case().ref in support.get("/support/returns").text
    assert "left arm is missing" in support.get(f"/support/returns/{case().ref}").text
    assert support.post(f"/support/returns/{case().ref}/approve", data={"reason": ""}).status_code == 422
    assert support.post(f"/support/returns/{case().ref}/approve", data={"reason": "Right."}).status_code == 303
    work()
    assert (case().state, state(stocked)) == ("refunded", "refunded")


def test_a_declined_return_puts_the_item_back_where_it_was(stocked, ask, client_of, market):
    ask(stocked)
    support = client_of(factories.account("support"))
    support.post(f"/support/returns/{case().ref}/decline", data={"reason": "The photos show both arms."})
    assert (case().state, state(stocked)) == ("declined", "in_stock")
    page = client_of(market.shopper).get(f"/returns/{case().ref}")
    assert "The photos show both arms." in page.text
    assert ledger.balance("escrow", "EUR", stocked.id) == stocked.total


def test_what_was_delivered_comes_back_first(delivered, ask, client_of, work):
    ask(delivered, "changed_mind")
    client_of(factories.account("support")).post(f"/support/returns/{case().ref}/approve", data={"reason": "In time."})
    work()
    assert (case().state, state(delivered)) == ("approved", "return_requested")
    inspector = client_of(factories.account("inspector"))
    assert case().ref in inspector.get("/warehouse/returns").text
    assert inspector.post(f"/warehouse/returns/{case().ref}/receive").status_code == 303
    work()
    assert (case().state, state(delivered)) == ("refunded", "refunded")
    assert refund().amount == Money(delivered.goods_minor + delivered.freight_minor, "EUR"), "a German consumer"
    rest = db.session.execute(select(Release)).scalar_one()
    assert rest.rule == "rest_after_refund"
    assert rest.amount.minor == 0, "in the EU its seller bears what delivery cost"
    assert ledger.balance("service_fee", "EUR").minor == delivered.fee_minor
    assert books.check_all(with_provider=False).faults == []


def test_money_is_not_released_while_a_return_is_open(delivered, ask):
    ask(delivered)
    with pytest.raises(Exception, match="not_due"):
        payments.release_item(system("test"), delivered, "receipt_confirmed")


def test_after_fourteen_days_it_is_too_late(delivered, ask, client_of, market):
    with clock.use(clock.FixedClock(clock.now() + timedelta(days=16))):
        assert ask(delivered).status_code == 409
        page = client_of(market.shopper).get(f"/orders/items/{delivered.ref}/return")
    assert page.status_code == 409
    assert "The time for returns is over" in page.text
    assert state(delivered) == "delivered"


def test_the_shopper_may_keep_it_after_all(stocked, ask, client_of, market):
    ask(stocked)
    assert client_of(market.shopper).post(f"/returns/{case().ref}/withdraw").status_code == 303
    assert (case().state, state(stocked)) == ("withdrawn", "in_stock")
    assert ask(stocked).status_code == 303


@pytest.mark.parametrize(
    ("field", "value"),
    [("reason", "because"), ("reason", ""), ("story", ""), ("story", " \u200f "), ("story", "x" * 2001)],
)
def test_bad_input_is_named_and_what_was_typed_stays(stocked, ask, field, value):
    answer = ask(stocked, **{"story": "Both arms are missing", **{field: value}})
    assert answer.status_code == 422
    assert "error-summary" in answer.text
    if field != "story":
        assert "Both arms are missing" in answer.text
    assert state(stocked) == "in_stock"


def test_a_photo_that_is_none_is_refused_at_its_field_and_nothing_happens(stocked, ask):
    answer = ask(stocked, photos=(io.BytesIO(b"MZ not a photo"), "photo.jpg"))
    assert answer.status_code == 422
    assert "This kind of file" in answer.text
    assert state(stocked) == "in_stock"
    assert db.session.execute(select(ReturnCase)).first() is None


def test_a_double_click_opens_one_return(stocked, ask):
    number = secrets.token_urlsafe(18)
    first, second = ask(stocked, once=number), ask(stocked, once=number)
    assert first.location == second.location
    case()


def test_another_persons_item_and_case_are_not_found(stocked, ask, client_of):
    ask(stocked)
    stranger = client_of(factories.account())
    assert stranger.get(f"/orders/items/{stocked.ref}/return").status_code == 404
    assert stranger.get(f"/returns/{case().ref}").status_code == 404
    assert stranger.post(f"/returns/{case().ref}/withdraw").status_code == 404


def test_nobody_decides_who_may_not(stocked, ask, client_of, market):
    ask(stocked)
    for who in (market.shopper, market.owner, factories.account("inspector")):
        assert client_of(who).post(f"/support/returns/{case().ref}/approve", data={"reason": "x"}).status_code == 403
    assert case().state == "opened"


def test_the_money_goes_to_the_balance_where_that_was_chosen_and_is_offered(market, stocked, client_of, work, app):
    config = app.extensions["config"]
    app.extensions["config"] = replace(config, shopper_balance=True)
    try:
        inspected(stocked, "non_conformant", app)
        browser = client_of(market.shopper)
        assert "Put the money on my balance here" in browser.get(f"/orders/items/{stocked.ref}/return").text
        form = {"reason": "not_as_described", "story": STORY, "to_balance": "y", "once": secrets.token_urlsafe(18)}
        browser.post(f"/orders/items/{stocked.ref}/return", data=form)
        work()
        case = db.session.scalars(select(ReturnCase).filter_by(item_id=stocked.id)).one()
        assert case.state == "refunded"
        assert ledger.balance("wallet", case.currency, market.shopper.id) == case.amount
    finally:
        app.extensions["config"] = config


def test_exempt_goods_are_returned_for_a_fault_only(delivered, ask, market, client_of):
    with transaction():
        load_locked(OrderItem, id=delivered.id).category = "food"
    page = client_of(market.shopper).get(f"/orders/items/{delivered.ref}/return").get_data(as_text=True)
    assert "art. 16 (d)" in page
    assert ask(delivered, "changed_mind").status_code == 422
    assert ask(delivered, "damaged").status_code == 303
