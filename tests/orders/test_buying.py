"""What merchants do with paid items."""

import io
import secrets
from datetime import timedelta

import pytest
from PIL import Image

from daigou.core import clock
from daigou.core.db import db
from daigou.documents.models import StoredFile
from daigou.notices.models import Notice
from daigou.orders import jobs
from tests import factories
from traceability.passport.models import Passport, PassportEvent


def picture(kind="PNG"):
    out = io.BytesIO()
    Image.new("RGB", (40, 40), "#a33").save(out, kind)
    return out.getvalue()


def purchase(**changed):
    return {
        "supplier": "AmiAmi",
        "paid": "18,400",
        "purchased_on": clock.today().isoformat(),
        "inbound_tracking": "1234-5678-9012",
        "serial": "HH-00713",
        "receipt": (io.BytesIO(picture()), "receipt.png"),
        "once": secrets.token_urlsafe(18),
        **changed,
    }


@pytest.fixture
def paid(market, client_of):
    """A paid item and its merchant's browser."""
    order = factories.paid_order(market[2], factories.listing(market[0], brand="Good Smile"))
    return factories.items_of(order)[0], client_of(market[1])


def fresh(item):
    db.session.refresh(item)
    return item


def test_a_purchase_is_recorded_with_its_receipt_and_opens_the_passport(paid):
    item, browser = paid
    assert item.title in browser.get("/merchant/orders").text
    answer = browser.post(f"/merchant/orders/{item.ref}/purchase", data=purchase())
    assert answer.location == "/merchant/orders"
    assert (fresh(item).state, item.supplier, item.serial) == ("purchased", "AmiAmi", "HH-00713")
    file = db.session.get(StoredFile, item.receipt_file_id)
    assert (file.about, file.kind, file.media_type) == (item.stream, "receipt", "image/png")
    passport = db.session.query(Passport).filter_by(item_id=item.id).one()
    event = db.session.query(PassportEvent).filter_by(passport_id=passport.id).one()
    assert (passport.brand, event.biz_step, event.place) == ("Good Smile", "commissioning", "Osaka, JP")
    assert event.evidence["receipt"] == file.sha256
    assert "HH-00713" not in str(event.document)
    assert db.session.query(Notice).filter_by(account_id=item.account_id, kind="item.purchased").count() == 1
    page = browser.get(f"/merchant/orders/{item.ref}").text
    assert f"/documents/{file.ref}" in page
    assert "1234-5678-9012" in page


def test_shopper_and_merchant_read_the_receipt_and_nobody_else(paid, market, client_of):
    item, browser = paid
    browser.post(f"/merchant/orders/{item.ref}/purchase", data=purchase())
    ref = db.session.get(StoredFile, fresh(item).receipt_file_id).ref
    assert browser.get(f"/documents/{ref}").status_code == 200
    assert client_of(market[2]).get(f"/documents/{ref}").status_code == 200
    assert client_of(factories.account()).get(f"/documents/{ref}").status_code == 404
    assert client_of(factories.merchant("Rival")[1]).get(f"/documents/{ref}").status_code == 404


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"supplier": ""}, "This is needed"),
        ({"supplier": "x" * 200}, "At most 120 characters"),
        ({"paid": "-5"}, "not an amount"),
        ({"paid": "12.50"}, "do not have that many decimals"),
        ({"paid": "0"}, "more than zero"),
        ({"paid": "🙂"}, "not an amount"),
        ({"purchased_on": "tomorrow"}, "year-month-day"),
        ({"purchased_on": "2001-01-01"}, "between the order and today"),
        ({"purchased_on": "2999-01-01"}, "has not come yet"),
        ({"inbound_tracking": "\u202e\u200f"}, "This is needed"),
        ({"receipt": (io.BytesIO(b""), "")}, "Choose the receipt"),
        ({"receipt": (io.BytesIO(b"MZ not a picture"), "receipt.png")}, "kind of file"),
    ],
)
def test_a_wrong_purchase_is_refused_and_nothing_typed_is_lost(paid, changed, words):
    item, browser = paid
    form = purchase(**changed)
    answer = browser.post(f"/merchant/orders/{item.ref}/purchase", data=form)
    assert answer.status_code == 422
    assert words in answer.text
    assert "HH-00713" in answer.text
    assert fresh(item).state == "paid"
    assert db.session.query(StoredFile).count() == 0


def test_a_purchase_sent_twice_is_recorded_once(paid):
    item, browser = paid
    form = purchase()
    for _ in range(2):
        form["receipt"] = (io.BytesIO(picture()), "receipt.png")
        assert browser.post(f"/merchant/orders/{item.ref}/purchase", data=form).status_code == 303
    again = browser.post(f"/merchant/orders/{item.ref}/purchase", data=purchase())
    assert again.status_code == 422
    assert db.session.query(StoredFile).filter_by(kind="receipt").count() == 1


def test_another_merchants_item_does_not_exist(paid, client_of):
    item, _ = paid
    rival = client_of(factories.merchant("Rival")[1])
    assert rival.get(f"/merchant/orders/{item.ref}").status_code == 404
    assert rival.post(f"/merchant/orders/{item.ref}/purchase", data=purchase()).status_code == 404
    assert rival.post(f"/merchant/orders/{item.ref}/fail", data={"reason": "sold_out"}).status_code == 404
    assert item.title not in rival.get("/merchant/orders").text
    assert fresh(item).state == "paid"


def test_an_unpaid_item_is_no_business_of_its_merchant(market, client_of):
    order = factories.order(market[2], factories.listing(market[0]))
    item, browser = factories.items_of(order)[0], client_of(market[1])
    assert browser.get(f"/merchant/orders/{item.ref}").status_code == 404
    assert browser.post(f"/merchant/orders/{item.ref}/purchase", data=purchase()).status_code == 404


def test_a_shopper_does_no_merchants_step(paid, market, client_of):
    item, _ = paid
    shopper = client_of(market[2])
    assert shopper.post(f"/merchant/orders/{item.ref}/purchase", data=purchase()).status_code == 403
    assert shopper.get("/merchant/orders").status_code == 403


def test_what_cannot_be_bought_is_given_back(paid, market):
    item, browser = paid
    assert browser.post(f"/merchant/orders/{item.ref}/fail", data={"reason": "whim"}).status_code == 303
    assert fresh(item).state == "paid"
    browser.post(f"/merchant/orders/{item.ref}/fail", data={"reason": "sold_out"})
    assert fresh(item).state == "invalid"
    from daigou.core.outbox import OutboxRow

    row = db.session.query(OutboxRow).filter_by(topic="item.invalid").one()
    assert row.payload == {"item_id": str(item.id)}
    assert db.session.query(Notice).filter_by(account_id=item.account_id, kind="item.invalid").count() == 1


def test_a_paid_order_is_told_to_its_shopper_and_its_merchant(paid, market):
    item, _ = paid
    jobs.tell_paid(str(item.order_id))
    kinds = {(n.account_id, n.kind) for n in db.session.query(Notice)}
    assert kinds == {(market[2].id, "order.paid"), (market[1].id, "item.paid")}


def test_a_day_that_has_begun_where_the_merchant_is_can_be_named(paid):
    item, browser = paid
    tomorrow = (clock.today() + timedelta(days=1)).isoformat()
    answer = browser.post(f"/merchant/orders/{item.ref}/purchase", data=purchase(purchased_on=tomorrow))
    assert answer.status_code == 303
    event = db.session.query(PassportEvent).one()
    assert event.at <= clock.now()


def test_a_merchant_west_of_us_buys_on_the_day_before_ours(paid):
    """An order of one o'clock in the night here comes on the evening before there."""
    item, browser = paid
    day = (clock.today() - timedelta(days=1)).isoformat()
    assert browser.post(f"/merchant/orders/{item.ref}/purchase", data=purchase(purchased_on=day)).status_code == 303
    assert fresh(item).state == "purchased"
