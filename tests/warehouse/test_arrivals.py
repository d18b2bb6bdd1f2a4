import pytest

from daigou.core.db import find
from daigou.warehouse import rules, service
from daigou.warehouse.models import StockUnit
from tests import factories
from tests.warehouse import bench
from traceability.passport import service as passports
from traceability.passport.models import Passport

FORM = {
    "bin": "a-12",
    "weight_g": "612",
    "length_mm": "310",
    "width_mm": "200",
    "height_mm": "150",
    "once": "form-number-00000001",
}


@pytest.fixture
def tablet(app, client_of):
    return client_of(factories.account("inspector"))


def test_a_scanned_label_opens_its_item(tablet):
    row = bench.item()
    page = tablet.get(f"/warehouse/arrivals?q={row.inbound_tracking.lower()}")
    assert page.status_code == 200
    assert f"/warehouse/arrivals/{row.ref}/receive" in page.text


def test_an_unknown_label_says_what_to_do(tablet):
    page = tablet.get("/warehouse/arrivals?q=NOTHING")
    assert "Check the label" in page.text


def test_expected_items_are_listed_page_by_page(tablet):
    refs = {bench.item().ref for _ in range(3)}
    page = tablet.get("/warehouse/arrivals")
    assert all(ref in page.text for ref in refs)


def test_receiving_weighs_shelves_stamps_and_starts_the_countdown(tablet):
    row = bench.item()
    answer = tablet.post(f"/warehouse/arrivals/{row.ref}/receive", data=FORM)
    assert answer.status_code == 303
    row = bench.fresh(row)
    unit = find(StockUnit, item_id=row.id)
    assert row.state == "received"
    assert (unit.bin, unit.weight_g, unit.length_mm) == ("A-12", 612, 310)
    assert (unit.storage_until - row.state_since).days in (59, 60)
    events = passports.events_of(find(Passport, item_id=row.id))
    assert [(e.biz_step, e.place, e.who) for e in events] == [("receiving", "Osaka, JP", "Warehouse OSA1")]


def test_a_double_click_receives_once(tablet):
    row = bench.item()
    first, second = (tablet.post(f"/warehouse/arrivals/{row.ref}/receive", data=FORM) for _ in "ab")
    assert first.status_code == second.status_code == 303
    assert len(passports.events_of(find(Passport, item_id=row.id))) == 1


def test_a_second_form_for_a_received_item_is_refused_in_words(tablet):
    row = bench.item()
    tablet.post(f"/warehouse/arrivals/{row.ref}/receive", data=FORM)
    answer = tablet.post(f"/warehouse/arrivals/{row.ref}/receive", data={**FORM, "once": "form-number-00000002"})
    assert answer.status_code == 409
    assert "received already" in answer.text


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("weight_g", "-5"),
        ("weight_g", "0"),
        ("weight_g", "abc"),
        ("weight_g", ""),
        ("weight_g", "9999999999999999999"),
        ("weight_g", "1.5"),
        ("length_mm", "3001"),
        ("height_mm", "🎌"),
        ("bin", ""),
        ("bin", "A" * 21),
        ("bin", "<b>"),
        ("bin", "🎌"),
    ],
)
def test_bad_measures_change_nothing_and_keep_what_was_typed(tablet, field, value):
    row = bench.item()
    answer = tablet.post(f"/warehouse/arrivals/{row.ref}/receive", data={**FORM, field: value})
    assert answer.status_code == 422
    assert "error-summary" in answer.text
    assert 'value="200"' in answer.text
    assert bench.fresh(row).state == "purchased"
    assert find(StockUnit, item_id=row.id) is None


def test_full_width_digits_from_a_japanese_keyboard_are_read(tablet):
    row = bench.item()
    assert tablet.post(f"/warehouse/arrivals/{row.ref}/receive", data={**FORM, "weight_g": "６１２"}).status_code == 303


def test_nobody_else_receives(app, client_of):
    row = bench.item()
    for roles in (("shopper",), ("shopper", "merchant"), ("officer",)):
        answer = client_of(factories.account(*roles)).post(f"/warehouse/arrivals/{row.ref}/receive", data=FORM)
        assert answer.status_code == 403
    assert bench.fresh(row).state == "purchased"


def test_an_unknown_item_is_not_found(tablet):
    assert tablet.post("/warehouse/arrivals/ITM-0000000000/receive", data=FORM).status_code == 404


def test_the_countdown_never_goes_below_zero(app):
    row = bench.item("received")
    unit = service.unit_of(row)
    assert rules.days_left(unit.storage_until, unit.storage_until) == 0
    assert rules.days_left(unit.storage_until, unit.storage_until + rules.STORAGE) == 0
