import io

import pytest

from daigou.core import clock
from daigou.core.access import system
from daigou.core.db import db, find, transaction
from daigou.documents import service as documents
from daigou.warehouse import rules, service
from tests import factories
from tests.warehouse import bench
from traceability.inspection.models import Inspection
from traceability.inspection.templates import TEMPLATES
from traceability.passport import service as passports
from traceability.passport.models import Passport

CHECKS = [c.key for c in TEMPLATES["figures/1"].checks]


def filled(**more):
    return {
        **{f"check-{key}": "pass" for key in CHECKS},
        "verdict": "conformant",
        "serial": "HH-2024-00713",
        "remarks": "Box opened once, nothing missing.",
        "once": "form-number-00000001",
        **more,
    }


def photos(count=3):
    return [(bench.photo(n * 40), f"{n}.jpg") for n in range(count)]


@pytest.fixture
def tablet(app, client_of):
    return client_of(factories.account("inspector"))


def conclude(tablet, row, count=3, **more):
    return tablet.post(f"/warehouse/inspections/{row.ref}", data={**filled(**more), "photos": photos(count)})


def test_a_scan_leads_to_the_inspection(tablet):
    row = bench.item("received")
    answer = tablet.get(f"/warehouse/inspections?q={row.ref}")
    assert answer.headers["Location"].endswith(f"/warehouse/inspections/{row.ref}")
    page = tablet.get(f"/warehouse/inspections/{row.ref}")
    assert "Paint and surface" in page.text
    assert 'capture="environment"' in page.text


def test_an_inspection_ends_with_a_report_a_stamp_and_the_shoppers_page(tablet, client_of, work):
    shopper = factories.account()
    row = bench.item("received", shopper=shopper)
    assert conclude(tablet, row).status_code == 303
    row = bench.fresh(row)
    assert (row.state, row.serial) == ("inspected", "HH-2024-00713")
    work()
    inspection = find(Inspection, item_id=row.id)
    (report,) = documents.files_about(inspection.stream, "qc_report")
    assert report.id == inspection.report_file_id
    assert documents.read(report).startswith(b"%PDF-")
    (stamp,) = passports.events_of(find(Passport, item_id=row.id))
    assert (stamp.biz_step, stamp.disposition) == ("inspecting", "conformant")
    assert stamp.evidence["qc_report"] == report.sha256
    assert len(stamp.evidence["photos"]) == 3
    page = client_of(shopper).get(f"/orders/items/{row.ref}/report")
    assert report.ref in page.text
    assert "Accept the item" in page.text
    for photo in service.photos_of(inspection):
        assert client_of(shopper).get(f"/documents/{photo.ref}").status_code == 200


def test_the_report_is_written_once(tablet, work):
    from daigou.warehouse import jobs

    row = bench.item("received")
    conclude(tablet, row)
    work()
    inspection = find(Inspection, item_id=row.id)
    jobs.report(str(inspection.id))
    assert len(documents.files_about(inspection.stream, "qc_report")) == 1
    assert len(passports.events_of(find(Passport, item_id=row.id))) == 1


@pytest.mark.parametrize("count", [0, 2])
def test_too_few_photos_keep_it_open_and_are_not_lost(tablet, count):
    row = bench.item("received")
    answer = conclude(tablet, row, count)
    assert answer.status_code == 422
    assert "At least 3 photos" in answer.text
    assert "Box opened once" in answer.text
    assert bench.fresh(row).state == "received"
    inspection = find(Inspection, item_id=row.id)
    assert len(service.photos_of(inspection)) == count
    again = tablet.post(
        f"/warehouse/inspections/{row.ref}",
        data={**filled(), "photos": [(bench.photo(20 + n * 70), "n.jpg") for n in range(3 - count)]},
    )
    assert again.status_code == 303


def test_the_same_photo_sent_twice_counts_once(tablet):
    row = bench.item("received")
    same = [(bench.photo(7), "a.jpg"), (bench.photo(7), "b.jpg"), (bench.photo(7), "c.jpg")]
    assert tablet.post(f"/warehouse/inspections/{row.ref}", data={**filled(), "photos": same}).status_code == 422
    assert len(service.photos_of(find(Inspection, item_id=row.id))) == 1


@pytest.mark.parametrize(
    "content", [b"", b"<html><script>alert(1)</script>", b"%PDF-1.7 not a picture", b"\xff\xd8\xff\xe0 broken"]
)
def test_a_file_that_is_no_photo_is_refused_before_it_is_stored(tablet, content):
    row = bench.item("received")
    sent = [(io.BytesIO(content), "photo.jpg"), *photos(2)]
    answer = tablet.post(f"/warehouse/inspections/{row.ref}", data={**filled(), "photos": sent})
    assert answer.status_code == 422
    assert bench.fresh(row).state == "received"


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"verdict": ""}, "Choose a verdict"),
        ({"verdict": "splendid"}, "Choose a verdict"),
        ({"check-paint": "fail"}, "Write what is wrong"),
        ({"check-paint": "fail", "note-paint": "scratch"}, "Choose another verdict"),
        ({"check-paint": "maybe"}, "Choose pass, fail or not applicable"),
        ({"note-paint": "x" * 501}, "too long"),
        ({"remarks": "x" * 2001}, "too long"),
        ({"serial": "x" * 81}, "too long"),
    ],
)
def test_findings_that_do_not_hold_together_are_sent_back(tablet, change, words):
    row = bench.item("received")
    answer = conclude(tablet, row, **change)
    assert answer.status_code == 422
    assert words in answer.text
    assert bench.fresh(row).state == "received"


def test_a_missing_check_is_asked_for(tablet):
    row = bench.item("received")
    data = filled()
    del data["check-joints"]
    answer = tablet.post(f"/warehouse/inspections/{row.ref}", data={**data, "photos": photos()})
    assert answer.status_code == 422
    assert "check-joints" in answer.text


def test_a_damaged_item_waits_for_its_shoppers_word(tablet, work, app):
    row = bench.item("received")
    conclude(tablet, row, **{"check-paint": "fail", "note-paint": "Scratch on the left cheek", "verdict": "damaged"})
    work()
    later(row)
    assert service.accept_silent(system("warehouse")) == 0
    assert bench.fresh(row).state == "inspected"


def test_a_conformant_item_is_accepted_after_a_silent_week(tablet, work, app):
    row = bench.item("received")
    conclude(tablet, row)
    assert service.accept_silent(system("warehouse")) == 0
    later(row)
    assert service.accept_silent(system("warehouse")) == 1
    assert bench.fresh(row).state == "in_stock"


def later(row):
    with transaction():
        db.session.execute(
            type(row)
            .__table__.update()
            .values(state_since=clock.now() - rules.ACCEPT_AFTER * 2)
            .where(type(row).id == row.id)
        )


def test_a_double_click_concludes_once(tablet):
    row = bench.item("received")
    assert conclude(tablet, row).status_code == 303
    assert conclude(tablet, row).status_code == 303
    assert bench.fresh(row).state == "inspected"


def test_an_item_that_is_not_there_yet_can_not_be_inspected(tablet):
    row = bench.item("purchased")
    assert conclude(tablet, row).status_code == 409
    assert bench.fresh(row).state == "purchased"


def test_only_the_shopper_accepts_and_only_once(tablet, client_of, work):
    shopper = factories.account()
    row = bench.item("received", shopper=shopper)
    conclude(tablet, row)
    stranger = client_of(factories.account())
    form = {"once": "form-number-00000009"}
    assert stranger.post(f"/orders/items/{row.ref}/accept", data=form).status_code == 404
    assert stranger.get(f"/orders/items/{row.ref}/report").status_code == 404
    assert tablet.post(f"/orders/items/{row.ref}/accept", data=form).status_code == 403
    mine = client_of(shopper)
    assert mine.post(f"/orders/items/{row.ref}/accept", data=form).status_code == 303
    assert mine.post(f"/orders/items/{row.ref}/accept", data=form).status_code == 303
    assert mine.post(f"/orders/items/{row.ref}/accept", data={"once": "form-number-00000010"}).status_code == 409
    assert bench.fresh(row).state == "in_stock"


def test_strangers_do_not_see_the_photos(tablet, client_of, work):
    row = bench.item("received")
    conclude(tablet, row)
    (photo, *_) = service.photos_of(find(Inspection, item_id=row.id))
    assert client_of(factories.account()).get(f"/documents/{photo.ref}").status_code == 404


def test_the_page_before_the_report_says_so(client_of, app):
    shopper = factories.account()
    row = bench.item("received", shopper=shopper)
    page = client_of(shopper).get(f"/orders/items/{row.ref}/report")
    assert page.status_code == 200
    assert "No report yet" in page.text
