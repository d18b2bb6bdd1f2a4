"""A shopper with items in stock and an address in Leipzig, and the real carrier sandbox when it is asked for."""

import hashlib
import hmac
import json
from types import SimpleNamespace

import pytest

from compliance.audit import door
from daigou.core.access import system
from daigou.core.db import find, transaction
from daigou.core.money import Money
from daigou.ledger.rules import credit, debit
from daigou.ledger.service import post
from daigou.orders import service as orders
from daigou.orders.models import Bill
from daigou.providers.easypost import EasyPostCarrier
from daigou.shipping.models import Parcel
from tests import factories
from tests.provider import Provider
from tests.warehouse import bench

KEY, SECRET = "EZTKdaigoutests", "a secret of at least thirty-two letters"
NUMBERS = (f"form-number-{n:08d}" for n in range(10**6))


class Carrier(Provider):
    """The sandbox's carrier: its trackers step by hand, its events are delivered by the test."""

    def events_of(self):
        return self.http.get("/v2/events", params={"page_size": 100}).json()["events"][::-1]

    def step(self, code, outcome="step"):
        self.control(f"/controls/trackers/{code}", outcome=outcome)

    def tell(self, browser, *events):
        return [self.send(browser, json.dumps(e).encode()).status_code for e in events]

    def send(self, browser, body, secret=SECRET):
        mark = "hmac-sha256-hex=" + hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()
        return browser.post(
            "/webhooks/easypost", data=body, headers={"X-Hmac-Signature": mark, "Content-Type": "application/json"}
        )


@pytest.fixture(scope="session")
def sandbox(tmp_path_factory):
    folder = tmp_path_factory.mktemp("carrier")
    found = Carrier(folder, "sk_test_shipping", "whsec_unused", easypost_key=KEY, tracker_step_seconds=0)
    found.http.headers["Authorization"] = f"Bearer {KEY}"
    yield found
    found.close()


@pytest.fixture
def carrier(sandbox, app):
    app.extensions["carrier_provider"] = EasyPostCarrier(KEY, SECRET, sandbox.url)
    yield sandbox
    app.extensions.pop("carrier_provider")


@pytest.fixture
def market(app, client_of):
    factories.rates()
    shopper, inspector = factories.account(), factories.account("inspector")
    merchant, _owner = factories.merchant()
    items = [bench.item("in_stock", shopper, merchant, **more) for more in ({}, {"hs_code": "9608.30"})]
    return SimpleNamespace(
        shopper=shopper,
        merchant=merchant,
        items=items,
        address=bench.address(shopper),
        mine=client_of(shopper),
        tablet=client_of(inspector),
        inspector=factories.actor(inspector),
        actor=factories.actor(shopper),
    )


@pytest.fixture
def once():
    return lambda: {"once": next(NUMBERS)}


@pytest.fixture
def draft(market, once):
    """A parcel of both items, as the page builds it."""

    def build(*items):
        form = {"items": [i.ref for i in items or market.items], "address": market.address.ref, **once()}
        answer = market.mine.post("/parcels/new", data=form)
        assert answer.status_code == 303, answer.text
        return find(Parcel, ref=answer.headers["Location"].rpartition("/")[2])

    return build


@pytest.fixture
def submitted(market, draft, once):
    def build(**more):
        parcel = draft()
        form = {"line": "nippon-ems", "incoterm": "DDP", **once(), **more}
        answer = market.mine.post(f"/parcels/{parcel.ref}/submit", data=form)
        assert answer.status_code == 303, answer.text
        return bench.fresh(parcel)

    return build


@pytest.fixture
def paid(submitted, work):
    """As if the payment's webhook had come: the money is in escrow and the bill is settled."""

    def build(**more):
        parcel = submitted(**more)
        with transaction():
            bill = find(Bill, parcel_id=parcel.id)
            fund(parcel, bill.total)
            orders.settle_bill(system("test"), bill)
        work()
        return bench.fresh(parcel)

    return build


def fund(thing, money):
    """Money held for a thing."""
    with transaction():
        lines = [debit("clearing", money), credit("escrow", money, thing.id)]
        post(system("test"), thing, "paid", f"test:{thing.id}", lines)


@pytest.fixture
def packed(market, paid, once):
    def build(**more):
        parcel = paid(**more)
        answer = market.tablet.post(f"/warehouse/packing/{parcel.ref}/pack", data={"weight_g": "1400", **once()})
        assert answer.status_code == 303, answer.text
        return bench.fresh(parcel)

    return build


@pytest.fixture
def shipped(market, packed, once, work, carrier):
    def build(**more):
        parcel = packed(**more)
        answer = market.tablet.post(f"/warehouse/packing/{parcel.ref}/ship", data=once())
        assert answer.status_code == 303, answer.text
        work()
        parcel = bench.fresh(parcel)
        assert parcel.state == "shipped"
        return parcel

    return build


@pytest.fixture
def delivered(market, shipped):
    """Delivered without a carrier's word, and its items' money held."""

    def build(**more):
        parcel = shipped(**more)
        from daigou.core import clock

        with transaction() as session:
            for item in market.items:
                row = session.get(type(item), item.id)
                fund(row, Money(row.goods_minor + row.freight_minor + row.fee_minor, row.currency))
                door.transition(system("test"), row, "deliver")
            parcel = session.get(Parcel, parcel.id)
            parcel.delivered_at = clock.now()
            door.transition(system("test"), parcel, "deliver")
        return bench.fresh(parcel)

    return build
