import pytest

from compliance.customs import service as duties
from daigou.core.db import db, find, transaction
from daigou.core.money import Money
from daigou.orders.models import Bill
from daigou.shipping import service
from daigou.shipping.models import Parcel, ParcelItem
from tests import factories
from tests.warehouse import bench


def states(market):
    return [bench.fresh(i).state for i in market.items]


def test_a_parcel_is_built_of_items_in_stock(market, draft):
    parcel = draft()
    assert parcel.state == "draft"
    assert (parcel.country, parcel.currency) == ("DE", "EUR")
    assert states(market) == ["in_parcel", "in_parcel"]


def test_the_form_shows_what_is_in_stock_and_the_addresses(market):
    page = market.mine.get("/parcels/new")
    assert "field-error" not in page.text
    assert all(i.ref in page.text for i in market.items)
    assert "Leipzig" in page.text


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"items": []}, "Choose at least one item"),
        ({"items": ["ITM-0000000000"]}, "not yours"),
        ({"address": ""}, "Choose one of your addresses"),
        ({"address": "ADR-0000000000"}, "Choose one of your addresses"),
    ],
)
def test_a_parcel_that_can_not_be_is_refused_in_words(market, once, change, words):
    form = {"items": [i.ref for i in market.items], "address": market.address.ref, **once(), **change}
    answer = market.mine.post("/parcels/new", data=form)
    assert answer.status_code == 422
    assert words in answer.text
    assert states(market) == ["in_stock", "in_stock"]


def test_anothers_items_and_addresses_can_not_be_used(market, once, client_of):
    stranger = factories.account()
    hers = bench.address(stranger)
    browser = client_of(stranger)
    form = {"items": [market.items[0].ref], "address": hers.ref, **once()}
    assert browser.post("/parcels/new", data=form).status_code == 422
    form = {"items": [market.items[0].ref], "address": hers.ref, **once()}
    assert market.mine.post("/parcels/new", data=form).status_code == 422
    assert states(market) == ["in_stock", "in_stock"]


def test_a_country_without_a_line_is_refused(market, once):
    far = bench.address(market.shopper, country="TH")
    form = {"items": [market.items[0].ref], "address": far.ref, **once()}
    answer = market.mine.post("/parcels/new", data=form)
    assert answer.status_code == 422
    assert "ship to this country yet" in answer.text


def test_items_paid_in_two_currencies_do_not_travel_together(market, once):
    other = bench.item("in_stock", market.shopper, market.merchant, currency="USD")
    form = {"items": [market.items[0].ref, other.ref], "address": market.address.ref, **once()}
    assert "different currencies" in market.mine.post("/parcels/new", data=form).text


def test_a_double_click_builds_one_parcel(market, once):
    form = {"items": [i.ref for i in market.items], "address": market.address.ref, **once()}
    first, second = (market.mine.post("/parcels/new", data=form) for _ in "ab")
    assert first.headers["Location"] == second.headers["Location"]
    assert db.session.query(Parcel).count() == 1


def test_the_draft_compares_every_line_with_every_part(market, draft):
    parcel = draft()
    page = market.mine.get(f"/parcels/{parcel.ref}").text
    for words in (
        "EMS",
        "AirPacket",
        "no surprise",
        "you pay duty on arrival",
        "Import tax (VAT",
        "TARIC",
        "does not cover",
    ):
        assert words in page
    assert "divided by 5000" in page


def offered(parcel, **choice):
    contents = service.contents_of(service.items_of(parcel))
    plain = {"line_code": "nippon-ems", "incoterm": "DDP", "insured": False}
    return contents, service.chosen(contents, parcel, service.Choice(**{**plain, **choice}))


def test_the_volume_counts_on_one_line_and_not_on_the_other(market, draft):
    parcel = draft()
    contents, ems = offered(parcel)
    assert ems.chargeable_g == contents.size.weight_g == 1410  # two of 600 g, a carton, a twentieth
    assert ems.volumetric_g == 0
    _contents, courier = offered(parcel, line_code="nippon-courier")
    assert courier.chargeable_g == courier.volumetric_g == 4506  # 320 × 220 × 320 mm / 5000
    lines = service.lines_to("JP", "DE")
    # By volume it is 3.8 kg on AirPacket, which takes two.
    assert {o.line.code for o in service.offers(contents, "DE", lines)} == {"nippon-ems", "nippon-courier"}
    assert [r.line.code for r in service.refusing(contents, lines)] == ["nippon-airpacket"]


def test_duty_is_in_the_total_only_when_it_is_paid_now(market, draft):
    parcel = draft()
    _contents, ddp = offered(parcel)
    _contents, dap = offered(parcel, incoterm="DAP")
    assert ddp.border == dap.border
    assert ddp.total - dap.total == ddp.border
    assert dap.on_arrival == dap.border
    assert not ddp.on_arrival


def test_submitting_freezes_everything_and_bills_it(market, submitted):
    parcel = submitted(insured="1")
    assert parcel.state == "freight_pending"
    assert parcel.declared_minor == 16_000
    assert parcel.insurance_minor == 400  # 2.5 %
    assert (parcel.actual_g, parcel.chargeable_g) == (1410, 1410)
    bill = find(Bill, parcel_id=parcel.id)
    assert bill.total == parcel.freight_total
    assert [r["minor"] for r in bill.rows] == [parcel.freight_minor, parcel.insurance_minor, parcel.duty_minor]
    assert bill.split == [{"escrow": str(parcel.id), "minor": bill.total_minor}]
    kept = duties.kept_for(parcel.stream)
    assert kept.duty_minor + kept.vat_minor + kept.handling_minor == parcel.duty_minor
    assert parcel.consignee["city"] == "Leipzig"
    page = market.mine.get(f"/parcels/{parcel.ref}").text
    assert f"/bills/{bill.ref}/pay" in page


def test_duty_on_arrival_is_not_billed_but_kept(submitted):
    parcel = submitted(incoterm="DAP")
    assert parcel.duty_minor == 0
    assert duties.kept_for(parcel.stream).vat_minor > 0


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"line": "teleport"}, "Choose one of the lines"),
        ({"line": ""}, "Choose one of the lines"),
        ({"line": "nippon-airpacket"}, "does not take a parcel of this weight"),
        ({"incoterm": "EXW"}, "who pays duty"),
        ({"declared": "1.00"}, "no less and no more"),
        ({"declared": "159.99"}, "no less and no more"),
        ({"declared": "-5"}, "no less and no more"),
        ({"declared": "🎁"}, "no less and no more"),
        ({"total": "0.01"}, "price has changed"),
    ],
)
def test_a_choice_that_is_none_changes_nothing(market, draft, once, change, words):
    parcel = draft()
    form = {"line": "nippon-ems", "incoterm": "DDP", **once(), **change}
    answer = market.mine.post(f"/parcels/{parcel.ref}/submit", data=form)
    assert answer.status_code == 422
    assert words in answer.text
    assert bench.fresh(parcel).state == "draft"
    assert find(Bill, parcel_id=parcel.id) is None


def test_what_the_page_announced_is_what_is_billed(market, draft, once):
    parcel = draft()
    contents, offer = offered(parcel, insured=True)
    form = {
        "line": "nippon-ems",
        "incoterm": "DDP",
        "insured": "1",
        "total": str(offer.total.decimal),
        "declared": str(contents.declared.decimal),
        **once(),
    }
    assert market.mine.post(f"/parcels/{parcel.ref}/submit", data=form).status_code == 303
    assert find(Bill, parcel_id=parcel.id).total == offer.total


def test_a_double_click_submits_once(market, draft, once):
    parcel = draft()
    form = {"line": "nippon-ems", "incoterm": "DDP", **once()}
    for _ in "ab":
        assert market.mine.post(f"/parcels/{parcel.ref}/submit", data=form).status_code == 303
    assert db.session.query(Bill).filter_by(parcel_id=parcel.id).count() == 1


def test_a_stale_page_is_told_that_it_moved_on(market, submitted, once):
    parcel = submitted()
    answer = market.mine.post(f"/parcels/{parcel.ref}/submit", data={"line": "nippon-ems", "incoterm": "DDP", **once()})
    assert answer.status_code == 409
    assert "already moved on" in answer.text


def test_strangers_find_nothing(market, submitted, client_of, once):
    parcel = submitted()
    stranger = client_of(factories.account())
    assert stranger.get(f"/parcels/{parcel.ref}").status_code == 404
    for move in ("submit", "reopen", "cancel", "confirm"):
        assert stranger.post(f"/parcels/{parcel.ref}/{move}", data=once()).status_code == 404


def test_an_unpaid_parcel_goes_back_to_a_draft_and_its_bill_is_void(market, submitted):
    parcel = submitted()
    assert market.mine.post(f"/parcels/{parcel.ref}/reopen").status_code == 303
    parcel = bench.fresh(parcel)
    assert (parcel.state, parcel.freight_minor) == ("draft", 0)
    assert find(Bill, parcel_id=parcel.id).state == "cancelled"
    assert parcel.consignee is None


def test_a_parcel_taken_apart_puts_its_items_back(market, draft):
    parcel = draft()
    assert market.mine.post(f"/parcels/{parcel.ref}/cancel").status_code == 303
    assert bench.fresh(parcel).state == "cancelled"
    assert states(market) == ["in_stock", "in_stock"]
    assert db.session.query(ParcelItem).filter_by(parcel_id=parcel.id, removed_at=None).count() == 0
    assert draft().ref != parcel.ref


def test_nothing_is_changed_while_a_payment_is_on_its_way(market, submitted):
    from compliance.audit import door
    from daigou.core.access import system

    parcel = submitted()
    with transaction():
        door.transition(system("test"), find(Bill, parcel_id=parcel.id), "process")
    for move in ("reopen", "cancel"):
        assert market.mine.post(f"/parcels/{parcel.ref}/{move}").status_code == 409
    assert bench.fresh(parcel).state == "freight_pending"


def test_freight_nobody_pays_makes_it_a_draft_again(market, submitted):
    from datetime import timedelta

    from daigou.core import clock
    from daigou.shipping import jobs

    parcel = submitted()
    jobs.end_silence()
    assert bench.fresh(parcel).state == "freight_pending"
    with clock.use(clock.FixedClock(clock.now() + timedelta(hours=49))):
        jobs.end_silence()
    assert bench.fresh(parcel).state == "draft"
    assert (bench.fresh(parcel).consignee, bench.fresh(parcel).freight_minor) == (None, 0)
    assert find(Bill, parcel_id=parcel.id).state == "expired"


def test_the_list_holds_ones_own_parcels(market, draft, client_of):
    parcel = draft()
    assert parcel.ref in market.mine.get("/parcels").text
    assert parcel.ref not in client_of(factories.account()).get("/parcels").text


def test_without_todays_rate_nothing_is_promised(market, draft):
    from daigou.pricing import board
    from daigou.pricing.models import Rate

    parcel = draft()
    with transaction() as session:
        session.query(Rate).delete()
    board.forget()
    page = market.mine.get(f"/parcels/{parcel.ref}")
    assert page.status_code == 200
    assert "no exchange rate" in page.text


def test_the_money_of_an_offer_is_the_shoppers(market, draft):
    _contents, offer = offered(draft())
    assert {m.currency for m in (offer.freight, offer.insurance, offer.border, offer.total)} == {"EUR"}
    assert offer.carrier_price == Money(5_650, "JPY")  # 3150 and two more steps of 1250
