"""A consumer of the EU takes a contract back: goods, their way to us, and the cheapest way to them; not our fee."""

import secrets

import pytest
from sqlalchemy import select

from compliance.audit import door
from daigou.aftersales import owing, service
from daigou.aftersales.models import ReturnCase
from daigou.core import clock
from daigou.core.access import system
from daigou.core.db import db, load_locked, transaction
from daigou.core.money import Money
from daigou.ledger import service as ledger
from daigou.orders import service as orders
from daigou.orders.models import Bill, Order, OrderItem
from daigou.payments import books
from daigou.payments.refunds.models import Refund
from daigou.shipping import service as shipping
from tests import factories
from tests.guards.world import hold, paid_freight, succeeded
from tests.warehouse import bench
from traceability.passport import service as passports

SYSTEM = system("test")


@pytest.fixture
def arrived(app):
    """Two items in one parcel to Germany by the dearest line, arrived; ordered under the law of ``country``."""

    def run(country="DE"):
        factories.rates()
        shop, shopper = factories.merchant()[0], factories.account(country=country)
        items = [bench.item("in_stock", shopper, shop) for _ in "ab"]
        for item in items:
            with transaction():
                passports.open_passport(item.id, item.title, "", item.origin)
                load_locked(Order, id=item.order_id).country = country
            hold(item, item.total)
            succeeded(db.session.get(Order, item.order_id), item)
        refs = [item.ref for item in items]
        parcel = shipping.build(factories.actor(shopper), bench.address(shopper).ref, refs)
        contents = shipping.contents_of(items)
        offers = shipping.offers(contents, "DE", shipping.lines_to("JP", "DE"))
        dearest = max(offers, key=lambda offer: offer.freight.minor)
        choice = shipping.Choice(dearest.line.code, dearest.choice.incoterm, False)
        bill = shipping.submit(factories.actor(shopper), parcel.ref, choice)
        hold(parcel, bill.total)
        with transaction():
            orders.settle_bill(SYSTEM, load_locked(Bill, id=bill.id))
            door.transition(SYSTEM, parcel, "pay")
        paid_freight(parcel)
        shipping.pack(factories.actor(factories.account("inspector")), parcel.ref, 900)
        with transaction():
            for row in (parcel, *(load_locked(OrderItem, id=item.id) for item in items)):
                for move in ("ship", "deliver"):
                    door.transition(SYSTEM, row, move)
                    db.session.flush()
                row.delivered_at = clock.now()
        return shopper, parcel, items

    return run


def give_back(shopper, item, inspector):
    case = service.open_return(factories.actor(shopper), item.ref, service.ReturnRequest("changed_mind", "Too small."))
    service.approve(factories.actor(factories.account("support")), case.ref, "Inside of the fourteen days.")
    return service.receive(inspector, case.ref)


def given_back():
    rows = db.session.execute(select(Refund)).scalars()
    found = {}
    for row in rows:
        found[row.escrow_owner] = found.get(row.escrow_owner, Money.zero(row.currency)) + row.amount
    return found


def test_in_the_eu_goods_and_delivery_go_back_and_all_items_together_the_cheapest_way_exactly(arrived, client_of):
    shopper, parcel, items = arrived()
    assert 0 < parcel.standard_minor < parcel.freight_minor
    inspector = factories.actor(factories.account("inspector"))
    form = client_of(shopper).get(f"/orders/items/{items[0].ref}/return").text
    assert "what you paid for delivery to you goes back" in form
    for item in items:
        give_back(shopper, item, inspector)
    back = given_back()
    for item in items:
        assert back[str(item.id)].minor == item.goods_minor + item.freight_minor
    assert back[str(parcel.id)].minor == parcel.standard_minor
    assert ledger.balance("compensation", parcel.currency).minor == parcel.standard_minor
    assert books.check_all(with_provider=False).faults == []


def test_one_return_pays_its_delivery_once(arrived):
    shopper, parcel, (item, _other) = arrived()
    inspector = factories.actor(factories.account("inspector"))
    case = give_back(shopper, item, inspector)
    assert given_back()[str(parcel.id)] == case.delivery
    from daigou.payments import service as payments

    payments.compensate_delivery(SYSTEM, case, parcel.id, case.delivery, "again", "original")
    assert given_back()[str(parcel.id)] == case.delivery


def test_where_no_law_gives_it_the_goods_go_back_and_the_form_says_so(arrived, client_of):
    shopper, _parcel, (item, _other) = arrived("US")
    assert owing.due(item).delivery is None
    page = client_of(shopper).get(f"/orders/items/{item.ref}/return").text
    assert "domestic freight and our fee have been spent" in page
    answer = client_of(shopper).post(
        f"/orders/items/{item.ref}/return",
        data={"reason": "changed_mind", "story": "Too small.", "once": secrets.token_urlsafe(18)},
        content_type="multipart/form-data",
    )
    assert answer.status_code == 303
    case = db.session.execute(select(ReturnCase)).scalar_one()
    assert (case.amount.minor, case.delivery) == (item.goods_minor, None)


def test_what_is_still_with_us_was_never_sent_so_only_its_way_to_us_goes_back(app):
    factories.rates()
    item = bench.item("in_stock")
    due = owing.due(item)
    assert due.delivery is None
    assert due.of_item["changed_mind"].minor == item.goods_minor + item.freight_minor
