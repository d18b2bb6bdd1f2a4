"""Real threads on real transactions: whatever happens at once, one of them happens, and the books hold."""

import threading
from contextlib import ExitStack

import pytest
from sqlalchemy import func, select

from compliance.audit import door
from compliance.qualification import reviewing
from daigou.accounts.models import Merchant
from daigou.aftersales import service as aftersales
from daigou.aftersales.models import ReturnCase
from daigou.circles import service as circles
from daigou.circles.models import Membership, Post
from daigou.core import clock
from daigou.core.access import system
from daigou.core.db import db, load_locked, transaction
from daigou.core.errors import Impossible, Refusal
from daigou.ledger import service as ledger
from daigou.ledger.check import check
from daigou.orders import service as orders
from daigou.orders.models import Bill, CartLine, Order, OrderItem
from daigou.payments import jobs as payments
from daigou.payments.escrow.models import Release
from daigou.payments.refunds.models import Refund
from daigou.shipping import service as shipping
from daigou.shipping.models import Parcel, ParcelItem
from daigou.warehouse import service as warehouse
from tests import factories
from tests.compliance.qualification import people
from tests.conftest import Browser
from tests.warehouse import bench
from traceability.inspection.models import Inspection
from traceability.inspection.rules import Finding, Findings
from traceability.passport import service as passports

from . import world

CHOICE = shipping.Choice("nippon-ems", "DDP", False)


@pytest.fixture
def market(committed_app):
    factories.rates()
    shop, _owner = factories.merchant()
    return shop, factories.account()


@pytest.fixture
def race(committed_app):
    """Run all of it at the same moment; what each came to: its answer's type, or its refusal's code."""

    def run(*works):
        found, together = [], threading.Barrier(len(works))

        def one(work):
            with committed_app.app_context():
                together.wait()
                try:
                    found.append(type(work()).__name__)
                except Refusal as refusal:
                    found.append(type(refusal).__name__)
                except Exception as defect:
                    found.append(repr(defect))
                finally:
                    db.session.remove()

        threads = [threading.Thread(target=one, args=(work,)) for work in works]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
        db.session.remove()
        return sorted(found)

    return run


def count(model, **by):
    return db.session.execute(select(func.count()).select_from(model).filter_by(**by)).scalar_one()


def state_of(model, key):
    return db.session.execute(select(model.state).filter_by(id=key)).scalar_one()


def holds():
    with transaction():
        assert check().faults == []


def test_one_quote_ordered_eight_times_is_one_order(market, race):
    shop, shopper = market
    listing = factories.listing(shop)
    quote, who = factories.quote(shopper, listing), factories.actor(shopper)
    assert race(*[lambda: orders.place(who, quote.ref)] * 8) == ["Order"] * 8
    assert (count(Order), count(OrderItem), count(Bill)) == (1, 1, 1)


def test_orders_at_once_do_not_share_the_room_of_a_tier(market, race):
    shop, shopper = market
    who, quotes = factories.actor(shopper), []
    for _ in range(3):
        listing = factories.listing(shop, price_minor=280_000)  # about 1,900 euros; 5,000 are allowed in 30 days
        quotes.append(factories.quote(shopper, listing).ref)
        with transaction() as session:
            session.query(CartLine).delete()
    assert race(*[lambda ref=ref: orders.place(who, ref) for ref in quotes]) == ["Impossible", "Order", "Order"]


def test_an_item_goes_into_one_of_two_parcels(market, race):
    shop, shopper = market
    item, address, who = bench.item("in_stock", shopper, shop), bench.address(shopper), factories.actor(shopper)
    ref, place = item.ref, address.ref
    assert race(*[lambda: shipping.build(who, place, [ref])] * 4) == ["Invalid"] * 3 + ["Parcel"]
    assert (count(Parcel), count(ParcelItem)) == (1, 1)


def test_two_parcels_of_crossed_items_never_wait_for_each_other(market, race):
    shop, shopper = market
    refs = [bench.item("in_stock", shopper, shop).ref for _ in range(4)]
    place, who = bench.address(shopper).ref, factories.actor(shopper)
    found = race(
        lambda: shipping.build(who, place, refs),
        lambda: shipping.build(who, place, refs[::-1]),
        lambda: shipping.build(who, place, refs[2:] + refs[:2]),
    )
    assert found == ["Invalid", "Invalid", "Parcel"]


def test_a_parcel_submitted_at_once_is_billed_once(market, race):
    shop, shopper = market
    who = factories.actor(shopper)
    ref = shipping.build(who, bench.address(shopper).ref, [bench.item("in_stock", shopper, shop).ref]).ref
    assert race(*[lambda: shipping.submit(who, ref, CHOICE)] * 4) == ["Bill", "Impossible", "Impossible", "Impossible"]
    assert count(Bill, kind="freight") == 1


def test_reopening_and_paying_at_once_leave_one_of_them(market, race):
    shop, shopper = market
    who = factories.actor(shopper)
    parcel = shipping.build(who, bench.address(shopper).ref, [bench.item("in_stock", shopper, shop).ref])
    ref, bill = parcel.ref, shipping.submit(who, parcel.ref, CHOICE).id

    def settle():
        with transaction():
            row = load_locked(Bill, id=bill)
            if not row.is_("due"):
                raise Impossible("test")
            orders.settle_bill(system("test"), row)

    assert race(lambda: shipping.reopen(who, ref), settle) in (["Impossible", "NoneType"], ["Impossible", "Parcel"])
    assert (state_of(Bill, bill), state_of(Parcel, parcel.id)) in (("paid", "freight_pending"), ("cancelled", "draft"))


@pytest.fixture
def arrived(market):
    """A delivered parcel with money behind its item and itself."""
    shop, shopper = market
    who, item = factories.actor(shopper), bench.item("in_stock", shopper, shop)
    with transaction():
        passports.open_passport(item.id, item.title, "", item.origin)
    parcel = shipping.build(who, bench.address(shopper).ref, [item.ref])
    bill = shipping.submit(who, parcel.ref, CHOICE)
    world.hold(parcel, bill.total)
    world.paid_freight(parcel)
    world.hold(item, item.total)
    with transaction():
        parcel, item = load_locked(Parcel, id=parcel.id), load_locked(OrderItem, id=item.id)
        for move in ("pay", "pack", "ship", "deliver"):
            door.transition(system("test") if move != "pack" else bench.anybody(shopper), parcel, move)
            if move in ("ship", "deliver"):
                door.transition(system("test"), item, move)
            db.session.flush()
        parcel.shipped_at = parcel.delivered_at = item.delivered_at = clock.now()
        order = load_locked(Order, id=item.order_id)
    attempt = world.succeeded(order, item)
    assert attempt.id
    return parcel, item, who


def test_confirmed_at_once_everybody_is_paid_once(arrived, race):
    parcel, item, who = arrived
    ref = parcel.ref
    assert race(*[lambda: shipping.confirm(who, ref)] * 5) == ["Impossible"] * 4 + ["Parcel"]
    assert count(Release) == 1
    assert ledger.balance("escrow", "EUR", item.id).minor == 0
    assert ledger.balance("escrow", "EUR", parcel.id).minor == 0
    holds()


def test_confirming_and_sending_back_at_once_leave_the_money_in_one_place(arrived, race):
    parcel, item, who = arrived
    ref, item_ref, key = parcel.ref, item.ref, item.id
    request = aftersales.ReturnRequest("changed_mind", "No.")
    race(lambda: shipping.confirm(who, ref), lambda: aftersales.open_return(who, item_ref, request))
    state, released, cases = state_of(OrderItem, key), count(Release), count(ReturnCase)
    assert (state, released, cases) in (("completed", 1, 0), ("return_requested", 0, 1))
    held = ledger.balance("escrow", "EUR", key)
    assert bool(held) == (state == "return_requested")
    holds()


def test_accepting_and_sending_back_at_once_leave_the_item_in_one_place(market, race):
    shop, shopper = market
    who, item = factories.actor(shopper), bench.item("inspected", shopper, shop)
    ref, request = item.ref, aftersales.ReturnRequest("changed_mind", "No.")
    race(lambda: warehouse.accept(who, ref), lambda: aftersales.open_return(who, ref, request))
    # What is in stock can be sent back too, so both may have happened, one after the other.
    assert (state_of(OrderItem, item.id), count(ReturnCase)) in (("in_stock", 0), ("return_requested", 1))


def test_packing_and_sending_back_at_once_leave_the_item_in_one_place(market, race):
    shop, shopper = market
    who, item, place = factories.actor(shopper), bench.item("in_stock", shopper, shop), bench.address(shopper).ref
    ref, request = item.ref, aftersales.ReturnRequest("changed_mind", "No.")
    race(lambda: shipping.build(who, place, [ref]), lambda: aftersales.open_return(who, ref, request))
    found = (state_of(OrderItem, item.id), count(Parcel), count(ReturnCase))
    assert found in (("in_parcel", 1, 0), ("return_requested", 0, 1))


def test_two_decisions_on_one_return_refund_once(arrived, race):
    _parcel, item, who = arrived
    case = aftersales.open_return(who, item.ref, aftersales.ReturnRequest("damaged", "Broken."))
    support, desk = (factories.actor(factories.account(role)) for role in ("support", "inspector"))
    ref = case.ref
    yes, no = (lambda: aftersales.approve(support, ref, "Yes.")), (lambda: aftersales.decline(support, ref, "No."))
    assert race(yes, yes, no).count("ReturnCase") == 1
    if state_of(ReturnCase, case.id) == "approved":
        assert race(*[lambda: aftersales.receive(desk, ref)] * 4).count("ReturnCase") == 1
        assert (count(Refund, item_id=item.id), count(Refund, item_id=None)) == (1, 1), "the item, and its delivery"
    holds()


def test_an_item_that_could_not_be_bought_is_refunded_once(market, race):
    shop, shopper = market
    item = bench.item("paid", shopper, shop)
    world.hold(item, item.total)
    world.succeeded(db.session.get(Order, item.order_id), item)
    with transaction():
        door.transition(bench.anybody(shopper, shop), load_locked(OrderItem, id=item.id), "fail_purchase")
    key = str(item.id)
    assert race(*[lambda: payments.refund_invalid_item(key)] * 6) == ["NoneType"] * 6
    assert count(Refund) == 1
    holds()


def test_two_inspectors_conclude_one_item_once(market, race):
    shop, shopper = market
    item = bench.item("received", shopper, shop)
    ref = item.ref
    one, two = (factories.actor(factories.account("inspector")) for _ in range(2))
    warehouse.photograph(one, ref, [bench.photo(colour * 9) for colour in range(8)])
    checks = {check.key: Finding("pass", "") for check in warehouse.template_of(item).checks}
    findings = Findings(checks, "conformant", "", "")
    found = race(*[lambda who=who: warehouse.conclude(who, ref, findings) for who in (one, two, one)])
    assert found == ["Impossible", "Impossible", "Inspection"]
    assert count(Inspection) == 1


def test_two_officers_approve_one_application_once(committed_app, race):
    committed_app.test_client_class = Browser

    def client_of(account):
        browser, held = committed_app.test_client(), factories.session_of(account)
        with browser.session_transaction() as session:
            session.update(held)
        return browser

    officer, other = factories.account("officer"), factories.account("officer")
    account, _browser = people.applied(client_of)
    people.accept_all(client_of(officer), account)
    ref, who = people.application_of(account).ref, [factories.actor(o) for o in (officer, other, officer)]
    found = race(*[lambda one=one: reviewing.approve(one, ref) for one in who])
    assert found == ["Impossible", "Impossible", "Merchant"]
    assert count(Merchant) == 1


@pytest.fixture
def circle(committed_app):
    texts = {"en": {"name": "Figures", "about": "For those who collect them."}}
    officer = factories.actor(factories.account("officer"))
    return circles.make(officer, circles.Plan("figures", "", texts)).ref


def test_a_name_in_a_circle_is_borne_by_one(circle, race):
    who = [factories.actor(factories.account()) for _ in range(4)]
    found = race(*[lambda one=one: circles.join(one, circle, "Moon rabbit") for one in (*who, who[0])])
    assert found.count("Membership") >= 1
    assert count(Membership) == 1


def test_answers_at_once_are_each_counted_and_reports_of_one_person_once(circle, race):
    who = [factories.actor(factories.account()) for _ in range(4)]
    for number, one in enumerate(who):
        circles.join(one, circle, f"Rabbit {number}")
    thread = circles.talk(who[0], circle, circles.Draft("The seam?", title="A question")).ref
    found = race(*[lambda one=one: circles.answer(one, thread, circles.Draft("It is right.")) for one in who])
    assert found == ["Post"] * 4
    assert db.session.query(Post.answers).filter_by(ref=thread).scalar() == 4
    found = race(*[lambda: circles.report(who[1], thread, "abuse", "Why.") for _ in range(3)])
    assert found == ["Impossible", "Impossible", "Post"]


def test_a_form_sent_ten_times_at_once_is_done_once(market, committed_app):
    """The double click, at its worst: the same number in ten requests at the same moment."""
    shop, shopper = market
    factories.listing(shop)
    committed_app.test_client_class = Browser
    held, found, together = factories.session_of(shopper), [], threading.Barrier(10)
    form = {"url": "https://shop.example.jp/x", "title": "Rin", "country": "JP", "quantity": "1", "once": "o" * 20}

    def click():
        browser = committed_app.test_client()
        with browser.session_transaction() as session:
            session.update(held)
        together.wait()
        with committed_app.app_context(), ExitStack() as stack:
            stack.callback(db.session.remove)
            answer = browser.post("/sourcing", data=form)
            found.append((answer.status_code, answer.headers.get("Location")))

    threads = [threading.Thread(target=click) for _ in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(found) == 10
    assert len(set(found)) == 1
    assert found[0][0] == 303
