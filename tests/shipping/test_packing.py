from decimal import Decimal

import pytest

from daigou.core.db import db, find
from daigou.documents import service as documents
from daigou.ledger.service import balance
from daigou.payments.refunds.models import Refund
from daigou.providers.carrier import Rejected
from daigou.shipping import jobs, rules
from daigou.warehouse.models import StockUnit
from tests.warehouse import bench
from traceability.passport import service as passports
from traceability.passport.models import Passport


def stamps(item):
    return [(e.biz_step, e.document["type"]) for e in passports.events_of(find(Passport, item_id=item.id))]


@pytest.fixture(autouse=True)
def with_passports(market):
    from daigou.core.db import transaction

    with transaction():
        for item in market.items:
            passports.open_passport(item.id, item.title, "Hoshino", "JP")


def test_paid_freight_brings_the_parcel_to_the_packing_table(market, paid):
    parcel = paid()
    assert parcel.state == "freight_paid"
    assert parcel.ref in market.tablet.get("/warehouse/packing").text
    page = market.tablet.get(f"/warehouse/packing/{parcel.ref}").text
    assert "A-01" in page
    assert "1410 g" in page


def test_packing_weighs_and_stamps_an_aggregation(market, packed):
    parcel = packed()
    assert (parcel.state, parcel.packed_g) == ("packed", 1400)
    assert stamps(market.items[0]) == [("packing", "AggregationEvent")]


@pytest.mark.parametrize("weight", ["0", "-1", "abc", "", "100001", "1511"])
def test_a_weight_that_can_not_be_is_sent_back(market, paid, once, weight):
    parcel = paid()
    answer = market.tablet.post(f"/warehouse/packing/{parcel.ref}/pack", data={"weight_g": weight, **once()})
    assert answer.status_code == 422
    assert bench.fresh(parcel).state == "freight_paid"


def test_heavier_than_billed_needs_a_second_look_and_is_never_the_shoppers(market, paid, once):
    parcel = paid()
    form = {"weight_g": "1600", "sure": "y", **once()}
    assert market.tablet.post(f"/warehouse/packing/{parcel.ref}/pack", data=form).status_code == 303
    parcel = bench.fresh(parcel)
    assert (parcel.state, parcel.packed_g, parcel.actual_g) == ("packed", 1600, 1410)


def test_a_paid_parcel_can_be_cancelled_and_its_freight_goes_back(market, submitted, work):
    from daigou.core.access import system
    from daigou.core.db import transaction
    from daigou.orders import service as orders
    from daigou.orders.models import Bill
    from tests.shipping.conftest import fund

    parcel = submitted()
    with transaction():
        bill = find(Bill, parcel_id=parcel.id)
        fund(parcel, bill.total)
        orders.settle_bill(system("test"), bill)
    jobs.freight_paid(str(bill.id))
    assert bench.fresh(parcel).state == "freight_paid"
    # Without a payment at the provider there is nothing to refund to: the move is refused as a whole.
    assert market.mine.post(f"/parcels/{parcel.ref}/cancel").status_code == 409
    assert bench.fresh(parcel).state == "freight_paid"
    assert find(Refund, escrow_owner=str(parcel.id)) is None
    assert balance("escrow", "EUR", parcel.id) == parcel.freight_total


def test_a_packed_parcel_can_not_be_cancelled(market, packed):
    parcel = packed()
    assert market.mine.post(f"/parcels/{parcel.ref}/cancel").status_code == 409


def test_the_label_is_bought_once_and_everything_is_kept(market, shipped, carrier):
    parcel = shipped(insured="1")
    assert rules.is_s10(parcel.tracking_code)
    kept = {k: documents.files_about(parcel.stream, k) for k in ("label", "customs_form", "invoice")}
    assert all(len(files) == 1 for files in kept.values())
    assert documents.read(kept["label"][0]).startswith(b"%PDF-")
    sent = carrier.http.get(f"/v2/shipments/{parcel.shipment_id}").json()
    assert sent["reference"] == parcel.ref
    assert sent["selected_rate"]["service"] == "EMS"
    assert Decimal(sent["insurance"]) == Decimal(200)  # 160 euro at 1.25
    lines = sent["customs_info"]["customs_items"]
    assert [(x["hs_tariff_number"], x["value"], x["currency"]) for x in lines] == [
        ("9503.00", "80.00", "EUR"),
        ("9608.30", "80.00", "EUR"),
    ]
    assert sent["to_address"]["city"] == "Leipzig"
    for item in market.items:
        assert bench.fresh(item).state == "shipped"
        assert find(StockUnit, item_id=item.id).left_at is not None
    assert stamps(market.items[0])[-1] == ("shipping", "ObjectEvent")
    page = market.mine.get(f"/parcels/{parcel.ref}").text
    assert parcel.tracking_code in page
    jobs.send(str(parcel.id))
    assert len(documents.files_about(parcel.stream, "label")) == 1


def test_asking_twice_asks_the_carrier_once(market, packed, once, work, carrier):
    parcel = packed()
    form = once()
    for _ in "ab":
        assert market.tablet.post(f"/warehouse/packing/{parcel.ref}/ship", data=form).status_code == 303
    assert market.tablet.post(f"/warehouse/packing/{parcel.ref}/ship", data=once()).status_code == 409
    work()
    found = [s for s in _shipments(carrier) if s["reference"] == parcel.ref]
    assert len(found) == 1


def _shipments(carrier):
    return [
        s
        for purchased in ("true", "false")
        for s in carrier.http.get("/v2/shipments", params={"purchased": purchased, "page_size": 100}).json()[
            "shipments"
        ]
    ]


@pytest.mark.parametrize("path", ["/v2/shipments", "/v2/shipments/*/buy"])
def test_a_lost_answer_does_not_buy_a_second_label(market, packed, once, carrier, path):
    parcel = packed()
    market.tablet.post(f"/warehouse/packing/{parcel.ref}/ship", data=once())
    carrier.fault("status_500_saved", path, effect=True)
    with pytest.raises(Exception):  # noqa: B017  the outbox tries again
        jobs.send(str(parcel.id))
    db.session.rollback()
    jobs.send(str(parcel.id))
    assert bench.fresh(parcel).state == "shipped"
    assert len([s for s in _shipments(carrier) if s["reference"] == parcel.ref]) == 1


def test_papers_are_the_shoppers_and_the_staffs(market, shipped, client_of):
    from tests import factories

    parcel = shipped()
    (form,) = documents.files_about(parcel.stream, "customs_form")
    assert market.mine.get(f"/documents/{form.ref}").status_code == 200
    assert market.tablet.get(f"/documents/{form.ref}").status_code == 200
    assert client_of(factories.account()).get(f"/documents/{form.ref}").status_code == 404


def test_shoppers_do_not_pack(market, paid, once):
    parcel = paid()
    assert (
        market.mine.post(f"/warehouse/packing/{parcel.ref}/pack", data={"weight_g": "1400", **once()}).status_code
        == 403
    )
    assert market.mine.post(f"/warehouse/packing/{parcel.ref}/ship", data=once()).status_code == 403


def test_labels_come_from_the_carriers_own_hosts_only(carrier):
    from daigou.providers.easypost import EasyPostCarrier

    live = EasyPostCarrier("EZAKx", "s" * 32)
    for url in ("http://169.254.169.254/latest", "https://example.com/label.pdf", "file:///etc/passwd"):
        with pytest.raises(Rejected):
            live.label(url)
