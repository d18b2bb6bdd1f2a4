"""The way back of a return: who pays for it, and what happens when it is lost."""

import re

import pytest
from sqlalchemy import select

from compliance.audit import door
from daigou.aftersales import jobs, service
from daigou.aftersales.models import ReturnLabel
from daigou.core import clock
from daigou.core.access import system
from daigou.core.db import db, load_locked, transaction
from daigou.ledger import service as ledger
from daigou.ledger.check import check
from daigou.orders import service as orders
from daigou.orders.models import Bill, Order, OrderItem
from daigou.payments.refunds.models import Refund
from daigou.shipping import service as shipping
from tests import factories
from tests.guards.world import hold, paid_freight, succeeded
from tests.shipping.conftest import carrier, sandbox  # noqa: F401
from tests.warehouse import bench
from traceability.passport import service as passports


@pytest.fixture
def arrived(app):
    """One item that came in a parcel of ours, all of it paid."""
    factories.rates()
    shop, _ = factories.merchant()
    shopper = factories.account()
    item = bench.item("in_stock", shopper, shop)
    with transaction():
        passports.open_passport(item.id, item.title, "", item.origin)
    parcel = shipping.build(factories.actor(shopper), bench.address(shopper).ref, [item.ref])
    bill = shipping.submit(factories.actor(shopper), parcel.ref, shipping.Choice("nippon-ems", "DDP", False))
    hold(parcel, bill.total)
    hold(item, item.total)
    succeeded(db.session.get(Order, item.order_id), item)
    with transaction():
        orders.settle_bill(system("test"), load_locked(Bill, id=bill.id))
        door.transition(system("test"), parcel, "pay")
    paid_freight(parcel)
    shipping.pack(factories.actor(factories.account("inspector")), parcel.ref, 700)
    with transaction():
        for move in ("ship", "deliver"):
            door.transition(system("test"), parcel, move)
            door.transition(system("test"), item, move)
            db.session.flush()
        parcel.delivered_at = item.delivered_at = clock.now()
    return shopper, item, parcel


@pytest.fixture
def approved(arrived):
    def run(reason):
        shopper, item, _parcel = arrived
        case = service.open_return(factories.actor(shopper), item.ref, service.ReturnRequest(reason, "Look."))
        return service.approve(factories.actor(factories.account("support")), case.ref, "Yes.")

    return run


def label():
    found = select(ReturnLabel).execution_options(populate_existing=True)
    return db.session.execute(found).scalar_one_or_none()


def test_the_way_back_of_an_upheld_return_is_paid_and_insured_by_us(arrived, approved, carrier, work, client_of):  # noqa: F811
    case = approved("not_as_described")
    work()
    row, (shopper, item, _parcel) = label(), arrived
    assert (row.state, row.insured_minor) == ("bought", item.goods_minor)
    cost = ledger.balance("carrier_payable", "EUR") + ledger.balance("premium_held", "EUR")
    assert cost.minor == row.freight_minor + row.premium_minor == ledger.balance("compensation", "EUR").minor > 0
    browser = client_of(shopper)
    page = browser.get(f"/returns/{case.ref}").get_data(as_text=True)
    assert row.tracking_code in page
    paper = browser.get(re.search(r'href="([^"]*DOC-[^"]*)"', page).group(1))
    assert paper.data.startswith(b"%PDF")
    assert carrier.http.get("/v2/shipments").json()["shipments"][0]["is_return"] is True


def test_who_changed_their_mind_pays_for_the_way_back(approved, work, client_of, arrived):
    case = approved("changed_mind")
    work()
    assert label() is None
    assert "You pay for the way back" in client_of(arrived[0]).get(f"/returns/{case.ref}").get_data(as_text=True)


def test_a_label_is_bought_once_however_often_it_is_asked_for(approved, carrier, work):  # noqa: F811
    approved("damaged")
    work()
    jobs.buy_label(str(label().id))
    assert ledger.balance("compensation", "EUR").minor == label().freight_minor + label().premium_minor


def test_what_is_lost_on_our_label_is_refunded_and_the_insurer_owes(approved, arrived, carrier, work, client_of):  # noqa: F811
    case, (_shopper, item, parcel) = approved("damaged"), arrived
    work()
    sent = client_of(factories.account("support")).post(f"/support/returns/{case.ref}/lost")
    assert sent.status_code == 303
    refund = db.session.execute(select(Refund).filter_by(item_id=item.id)).scalar_one()
    assert refund.amount_minor == db.session.get(OrderItem, item.id).total.minor
    assert ledger.balance("insurance_claim", "EUR", parcel.id).minor == item.goods_minor
    check()


def test_without_a_label_of_ours_nothing_is_refunded_as_lost(approved, client_of):
    case = approved("changed_mind")
    sent = client_of(factories.account("support")).post(f"/support/returns/{case.ref}/lost")
    assert sent.status_code == 409
    assert db.session.execute(select(Refund)).first() is None
