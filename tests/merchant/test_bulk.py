import csv
import io
import secrets

from sqlalchemy import select

from daigou.catalog import sheet
from daigou.catalog.models import Listing
from daigou.core.db import db
from tests import factories


def table(*rows, columns=sheet.COLUMNS):
    out = io.StringIO()
    writer = csv.DictWriter(out, columns)
    writer.writeheader()
    writer.writerows({**sheet.EXAMPLE, **row} for row in rows)
    return out.getvalue()


def send(browser, content, mode="all", once=None):
    data = content if isinstance(content, bytes) else content.encode()
    form = {"file": (io.BytesIO(data), "listings.csv"), "mode": mode, "once": once or secrets.token_urlsafe(18)}
    return browser.post("/merchant/listings/bulk", data=form, content_type="multipart/form-data")


def titles():
    return sorted(db.session.execute(select(Listing.title)).scalars())


def test_the_template_can_be_sent_back_as_it_is(app, client_of):
    browser = client_of(factories.merchant()[1])
    content = browser.get("/merchant/listings/bulk/template.csv").data
    once = secrets.token_urlsafe(18)
    assert [send(browser, content, once=once).status_code for _ in range(2)] == [303, 303]
    assert titles() == [sheet.EXAMPLE["title"]]


def test_every_fault_is_shown_with_its_row_and_nothing_is_kept(app, client_of):
    browser = client_of(factories.merchant()[1])
    content = table({"title": "Good"}, {"title": "", "price": "much"}, {"hs_code": "000000"})
    answer = send(browser, content)
    assert answer.status_code == 422
    for words in (">3<", ">4<", "Title", "Price of one piece", "customs tariff"):
        assert words in answer.text
    assert titles() == []
    assert send(browser, content, mode="good").status_code == 303
    assert titles() == ["Good"]


def test_what_is_no_such_table_is_refused_for_a_stated_reason(app, client_of):
    browser = client_of(factories.merchant()[1])
    for content in (b"", b"\xff\xfe\x00", b"a,b\n1,2\n", b'title,price\n"open', b"title\n" + b"x\n" * 501,
                    b"title\n1,2,3\n", b"x" * (sheet.BYTES_MOST + 1)):  # fmt: skip
        assert send(browser, content).status_code == 422, content[:20]
    assert titles() == []


def test_an_export_holds_no_formula_and_can_be_sent_back(app, client_of):
    shop, owner = factories.merchant()
    factories.listing(shop, title="=1+1")
    browser = client_of(owner)
    text = browser.get("/merchant/listings/export.csv").data.decode("utf-8-sig")
    (row,) = csv.DictReader(io.StringIO(text))
    assert row["title"] == "'=1+1"
    assert send(browser, text).status_code == 303
    assert titles() == ["=1+1", "=1+1"]


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
