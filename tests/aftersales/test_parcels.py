"""Parcels that did not arrive: what a person decides, in items and money."""

import pytest
from sqlalchemy import select

from compliance.audit import door
from daigou.aftersales import parcels
from daigou.aftersales.parcels import Ruling
from daigou.core.access import system
from daigou.core.db import db, load_locked, transaction
from daigou.core.errors import Denied, Impossible, Invalid
from daigou.core.money import Money
from daigou.ledger import service as ledger
from daigou.ledger.check import check
from daigou.orders import service as orders
from daigou.orders.models import Bill, Order
from daigou.payments.refunds.models import Refund
from daigou.shipping import service as shipping
from tests import factories
from tests.guards.world import hold, paid_freight, succeeded
from tests.warehouse import bench
from traceability.passport import service as passports

REASON = "The carrier has confirmed it in writing."


@pytest.fixture
def wrecked(app):
    """A parcel of one item, paid for both, that ended in this state on its way."""

    def run(move, pay_goods=True, insured=False):
        factories.rates()
        shop, _ = factories.merchant()
        shopper = factories.account()
        item = bench.item("in_stock", shopper, shop)
        with transaction():
            passports.open_passport(item.id, item.title, "", item.origin)
        parcel = shipping.build(factories.actor(shopper), bench.address(shopper).ref, [item.ref])
        bill = shipping.submit(factories.actor(shopper), parcel.ref, shipping.Choice("nippon-ems", "DDP", insured))
        hold(parcel, bill.total)
        if pay_goods:
            hold(item, item.total)
        succeeded(db.session.get(Order, item.order_id), item)
        with transaction():
            orders.settle_bill(system("test"), load_locked(Bill, id=bill.id))
            door.transition(system("test"), parcel, "pay")
        paid_freight(parcel)
        shipping.pack(factories.actor(factories.account("inspector")), parcel.ref, 700)
        with transaction():
            door.transition(system("test"), parcel, "ship")
            door.transition(system("test"), item, "ship")
            db.session.flush()
            door.transition(system("test"), parcel, move)
        return parcel, item, bill

    return run


def officer():
    return factories.actor(factories.account("officer"))


def refunds():
    return {r.escrow_owner: r.amount for r in db.session.execute(select(Refund)).scalars()}


@pytest.mark.parametrize("move", ["lose", "damage", "seize", "turn_back"])
def test_what_did_not_arrive_is_refunded_with_its_freight(wrecked, move):
    parcel, item, bill = wrecked(move)
    parcels.settle(officer(), parcel.ref, Ruling("refund", "refund", REASON))
    assert (parcel.state, item.state) == ("settled", "returned")
    assert refunds() == {str(item.id): item.total, str(parcel.id): bill.total}
    assert ledger.balance("compensation", "EUR").minor == 0


def test_freight_that_was_earned_goes_to_the_carrier(wrecked):
    parcel, item, _ = wrecked("lose")
    parcels.settle(officer(), parcel.ref, Ruling("refund", "carrier", REASON))
    assert refunds() == {str(item.id): item.total}
    assert ledger.balance("escrow", "EUR", parcel.id).minor == 0


def test_goods_that_came_back_can_be_sent_again(wrecked):
    parcel, item, _ = wrecked("turn_back")
    parcels.settle(officer(), parcel.ref, Ruling("back_in_stock", "carrier", REASON))
    assert item.state == "in_stock"
    assert refunds() == {}
    shopper = db.session.get(type(factories.account()), item.account_id)
    again = shipping.build(factories.actor(shopper), bench.address(shopper).ref, [item.ref])
    assert again.is_("draft")


def test_what_is_not_held_any_more_is_paid_of_our_own(wrecked):
    parcel, item, _ = wrecked("lose", pay_goods=False)
    parcels.settle(officer(), parcel.ref, Ruling("refund", "carrier", REASON))
    assert refunds() == {str(item.id): item.total}
    assert ledger.balance("compensation", "EUR") == item.total


def test_only_what_came_back_goes_into_stock_and_nothing_is_settled_twice(wrecked):
    parcel, _, _ = wrecked("lose")
    with pytest.raises(Invalid):
        parcels.settle(officer(), parcel.ref, Ruling("back_in_stock", "carrier", REASON))
    with pytest.raises(Denied):
        parcels.settle(factories.actor(factories.account("inspector")), parcel.ref, Ruling("refund", "refund", REASON))
    parcels.settle(officer(), parcel.ref, Ruling("refund", "refund", REASON))
    before = refunds()
    with pytest.raises(Impossible):
        parcels.settle(officer(), parcel.ref, Ruling("refund", "refund", REASON))
    assert refunds() == before


def test_an_insured_loss_is_neither_the_shoppers_nor_the_merchants(wrecked, client_of):
    parcel, item, bill = wrecked("lose", insured=True)
    goods = Money(item.goods_minor, "EUR")
    one, two = (client_of(factories.account("officer")) for _ in "ab")
    page = f"/officer/parcels/{parcel.ref}"
    ruled = one.post(f"{page}/settle", data={"goods": "insurance", "freight": "refund", "reason": REASON})
    assert ruled.status_code == 303
    assert refunds() == {str(item.id): item.total, str(parcel.id): bill.total}
    assert ledger.balance("escrow", "EUR", item.id) == item.total, "held for its merchant until the refund has left"
    assert ledger.balance("insurance_claim", "EUR", parcel.id) == goods
    assert parcel.ref in one.get("/officer/parcels").text
    sent = {"paid": str((goods + goods).decimal), "reason": REASON, "once": "i" * 20}
    assert one.post(f"{page}/insurer", data=sent).status_code == 422
    part = Money(goods.minor // 2, "EUR")
    answer = one.post(f"{page}/insurer", data={**sent, "paid": str(part.decimal)})
    proposal = answer.location.rpartition("/")[2]
    assert ledger.balance("bank", "EUR").minor == 0
    assert two.post(f"/officer/proposals/{proposal}/approve", data={"note": ""}).status_code == 303
    assert ledger.balance("bank", "EUR") == part
    assert ledger.balance("insurance_claim", "EUR", parcel.id).minor == 0
    assert ledger.balance("compensation", "EUR") == item.total - part
    assert check().faults == []


@pytest.mark.parametrize(("move", "insured"), [("lose", False), ("seize", True), ("turn_back", True)])
def test_an_insurer_is_asked_only_for_what_it_insured(wrecked, move, insured):
    parcel, _, _ = wrecked(move, insured=insured)
    with pytest.raises(Invalid):
        parcels.settle(officer(), parcel.ref, Ruling("insurance", "refund", REASON))
