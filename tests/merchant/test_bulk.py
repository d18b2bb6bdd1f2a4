import csv
import io
import secrets
import stat
import zipfile
from datetime import timedelta

import pytest
from PIL import Image
from sqlalchemy import select

from daigou.catalog import sheet
from daigou.catalog.bulk import archive, working
from daigou.catalog.bulk.models import ImportRow, ListingImport
from daigou.catalog.models import Listing
from daigou.core import clock
from daigou.core.db import db, transaction
from daigou.documents.service import storage
from tests import factories


def table(*rows, columns=sheet.COLUMNS):
    out = io.StringIO()
    writer = csv.DictWriter(out, columns)
    writer.writeheader()
    writer.writerows({**sheet.EXAMPLE, "item_number": "", **row} for row in rows)
    return out.getvalue()


def photo(shade=0):
    out = io.BytesIO()
    Image.new("RGB", (40, 30), (shade, 90, 120)).save(out, "JPEG")
    return out.getvalue()


def packed(**files):
    return packed_as([(name.replace("__", "."), content) for name, content in files.items()])


def packed_as(files):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as target:
        for name, content in files:
            target.writestr(name, content, zipfile.ZIP_DEFLATED)
    return out.getvalue()


def send(browser, content, mode="all", once=None, photos=None):
    data = content if isinstance(content, bytes) else content.encode()
    form = {"file": (io.BytesIO(data), "listings.csv"), "mode": mode, "once": once or secrets.token_urlsafe(18)}
    if photos is not None:
        form["archive"] = (io.BytesIO(photos), "photos.zip")
    return browser.post("/merchant/listings/bulk", data=form, content_type="multipart/form-data")


def titles():
    return sorted(db.session.execute(select(Listing.title)).scalars())


def listings():
    return db.session.execute(select(Listing).order_by(Listing.id)).scalars().all()


@pytest.fixture
def browser(app, client_of):
    return client_of(factories.merchant()[1])


def test_the_template_can_be_sent_back_as_it_is(browser, work):
    content = browser.get("/merchant/listings/bulk/template.csv").data
    once = secrets.token_urlsafe(18)
    answers = [send(browser, content, once=once) for _ in range(2)]
    assert {answer.status_code for answer in answers} == {303}
    assert answers[0].location == answers[1].location
    work()
    assert titles() == [sheet.EXAMPLE["title"]]


def test_every_fault_is_shown_with_its_row_and_nothing_is_kept(browser, work):
    content = table({"title": "Good"}, {"title": "", "price": "much"}, {"hs_code": "000000"})
    page = send(browser, content).location
    assert "progress" in browser.get(page).text
    work()
    text = browser.get(page).text
    for words in (">3<", ">4<", "Title", "Price of one piece", "customs tariff"):
        assert words in text
    assert titles() == []
    assert send(browser, content, mode="good").status_code == 303
    work()
    assert titles() == ["Good"]


def test_the_wrong_rows_come_back_as_a_table_that_can_be_corrected_and_sent(browser, work):
    page = send(browser, table({"title": "Good"}, {"title": "Dear", "price": "much"}), mode="good").location
    work()
    text = browser.get(f"{page}/to-correct.csv").data.decode("utf-8-sig")
    (row,) = csv.DictReader(io.StringIO(text))
    assert row["title"] == "Dear"
    assert "Price of one piece" in row[sheet.FAULTS]
    send(browser, text.replace("much", "500"))
    work()
    assert titles() == ["Dear", "Good"]


def test_a_table_sent_again_makes_no_doubles(browser, work):
    content = table({"item_number": "A-1", "title": "One"}, {"title": "No number"}, {"title": "No number"})
    for _ in range(2):
        page = send(browser, content).location
        work()
    assert titles() == ["No number", "One"]
    assert "Had a listing already" in browser.get(page).text
    send(browser, table({"item_number": "A-1", "title": "Another title"}))
    work()
    assert titles() == ["No number", "One"]
    other = factories.merchant()
    assert {each.merchant_id for each in listings()} != {other[0].id}


def test_work_that_stops_half_way_goes_on_where_it_was(browser, work):
    send(browser, table(*({"title": f"Figure {n}"} for n in range(7))), mode="good", photos=packed(a__jpg=photo()))
    (sent,) = db.session.execute(select(ListingImport)).scalars()
    working.work_on(sent.id, seconds=0)
    assert len(titles()) == working.PHOTO_ROWS_AT_ONCE
    work()
    working.work_on(sent.id)
    assert titles() == [f"Figure {n}" for n in range(7)]
    assert (sent.state, sent.counts) == ("finished", {"kept": 7})


def test_photos_come_with_their_rows_in_the_order_named(browser, work):
    content = table({"title": "One", "photos": "b.jpg | a.jpg"}, {"title": "Two", "photos": "c/d.jpg"})
    send(browser, content, photos=packed_as([("a.jpg", photo(1)), ("b.jpg", photo(2)), ("c/d.jpg", photo(3))]))
    work()
    assert [len(each.photos) for each in listings()] == [2, 1]
    (done,) = db.session.execute(select(ListingImport)).scalars()
    assert done.archive_key is None
    assert not storage().exists(f"imports/{done.id.hex}")


def test_a_photo_that_is_missing_or_none_is_named_in_its_row(browser, work):
    content = table({"title": "One", "photos": "a.jpg|gone.jpg|b.jpg|c.svg"}, {"title": "Two"})
    files = [("a.jpg", photo()), ("b.jpg", b"<html>no photo</html>"), ("c.svg", b"<svg onload='x'/>")]
    page = send(browser, content, mode="good", photos=packed_as(files)).location
    work()
    text = browser.get(page).text
    assert titles() == ["Two"]
    for name in ("gone.jpg", "b.jpg", "c.svg"):
        assert name in text
    assert "a.jpg:" not in text


def locked_entry():
    content = bytearray(packed(a__jpg=photo()))
    content[6] |= 1  # the local header's flag
    at = content.index(b"PK\x01\x02")
    content[at + 8] |= 1
    return bytes(content)


def link_entry():
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as target:
        info = zipfile.ZipInfo("link.jpg")
        info.external_attr = (stat.S_IFLNK | 0o777) << 16
        target.writestr(info, "/etc/passwd")
    return out.getvalue()


def crowded():
    """An end record that speaks of more entries than are ever read."""
    content = bytearray(packed(a__jpg=photo()))
    at = content.rindex(b"PK\x05\x06")
    content[at + 8 : at + 12] = b"\xff\xff\xff\xff"
    return bytes(content)


@pytest.mark.parametrize(
    ("content", "words"),
    [
        (b"not packed", "no ZIP archive"),
        (packed_as([("../../up.jpg", photo())]), "../../up.jpg"),
        (packed_as([("/etc/x.jpg", photo())]), "/etc/x.jpg"),
        (packed_as([("C:\\x.jpg", photo())]), "C:"),
        (packed(bomb__jpg=b"\0" * 20_000_000), "bomb.jpg"),
        (locked_entry(), "a.jpg"),
        (link_entry(), "link.jpg"),
        (crowded(), "At most 20000 photos"),
    ],
)
def test_an_archive_that_could_do_harm_is_refused_by_name(browser, content, words):
    answer = send(browser, table({"title": "One"}), photos=content)
    assert answer.status_code == 422
    assert words in answer.text
    assert db.session.execute(select(ListingImport)).first() is None


def test_a_photo_whose_size_is_a_lie_is_never_read_beyond_a_photos_size(browser, work):
    content = bytearray(packed(a__jpg=b"\0" * 60_000))
    at = content.index(b"PK\x01\x02")
    content[at + 24 : at + 28] = (10).to_bytes(4, "little")  # the size that the list of contents claims
    page = send(browser, table({"title": "One", "photos": "a.jpg"}), mode="good", photos=bytes(content)).location
    work()
    assert "a.jpg" in browser.get(page).text
    assert titles() == []


def test_what_is_no_such_table_is_refused_for_a_stated_reason(browser):
    for content in (b"", b"\xff\xfe\x00", b"a,b\n1,2\n", b'title,price\n"open', b"title\n" + b"x\n" * 10_001,
                    b"title\n1,2,3\n", b"x" * (sheet.BYTES_MOST + 1), packed(a__xml=b"<x/>")):  # fmt: skip
        assert send(browser, content).status_code == 422, content[:20]
    assert titles() == []


def test_a_spreadsheets_unicode_text_is_read_too(browser, work):
    send(browser, table({"title": "月の使者"}).replace(",", "\t").encode("utf-16"))
    work()
    assert titles() == ["月の使者"]


def test_an_export_holds_no_formula_and_can_be_sent_back_without_doubles(app, client_of, work):
    shop, owner = factories.merchant()
    factories.listing(shop, title="=1+1")
    browser = client_of(owner)
    text = browser.get("/merchant/listings/export.csv").data.decode("utf-8-sig")
    (row,) = csv.DictReader(io.StringIO(text))
    assert row["title"] == "'=1+1"
    assert send(browser, text).status_code == 303
    assert send(browser, text.replace(row["item_number"], "NEW")).status_code == 303
    work()
    assert titles() == ["=1+1", "=1+1"]


def test_nobody_elses_table_can_be_read(browser, client_of, work):
    page = send(browser, table({"title": "One", "price": "much"})).location
    work()
    stranger = client_of(factories.merchant()[1])
    assert {stranger.get(path).status_code for path in (page, f"{page}/to-correct.csv")} == {404}


def test_who_may_not_list_any_more_has_nothing_kept(app, client_of, work):
    owner = factories.merchant()[1]
    page = send(client_of(owner), table({"title": "One"})).location
    with transaction():
        owner.roles = ["shopper"]
    work()
    assert titles() == []
    (done,) = db.session.execute(select(ListingImport)).scalars()
    assert done.is_("refused")
    assert page.endswith(done.ref)


def test_rows_are_forgotten_a_month_after_the_work(browser, work):
    send(browser, table({"title": "One"}))
    work()
    working.forget_old()
    assert db.session.execute(select(ImportRow)).first()
    with clock.use(clock.FixedClock(clock.now() + timedelta(days=31))):
        working.forget_old()
    assert db.session.execute(select(ImportRow)).first() is None


def test_the_limits_of_an_archive_stand_below_those_of_the_form():
    from blueprints.typed import LARGE_FORMS

    assert LARGE_FORMS["merchant.take_table"] > archive.BYTES_MOST + sheet.BYTES_MOST


def test_the_dashboard_says_what_waits_in_a_constant_number_of_queries(app, client_of, statements):
    shop, owner = factories.merchant()
    browser = client_of(owner)
    browser.get("/merchant")
    counted = []
    for _ in range(2):
        with statements() as seen:
            assert browser.get("/merchant").status_code == 200
        counted.append(len(seen))
        for _ in range(5):
            factories.listing(shop)
    assert counted[0] == counted[1]
