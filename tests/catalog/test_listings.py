"""What merchants do with their listings, through the pages that they use."""

import io
import secrets

import pytest
from PIL import Image

from daigou.catalog import rules
from daigou.catalog.models import Listing
from daigou.core import clock
from daigou.core.db import db
from tests import factories


def picture(colour="#a33", kind="JPEG", size=(60, 60)):
    out = io.BytesIO()
    Image.new("RGB", size, colour).save(out, kind)
    return (io.BytesIO(out.getvalue()), f"photo.{kind.lower()}")


def form(**changed):
    return {
        "title": "Moon Courier Rin",
        "category": "figures",
        "brand": "Hoshino",
        "model": "HH-2024",
        "condition": "good",
        "price": "18,400",
        "domestic_freight": "800",
        "stock": "2",
        "description": "Second line\nof the story 🙂",
        "flaws": "A scratch on the base, photo 5",
        "purchased_on": "2025-04-01",
        "origin": "JP",
        "hs_code": "9503.00",
        "weight_g": "900",
        "length_mm": "300",
        "width_mm": "200",
        "height_mm": "200",
        "title_zh": "月之信使",
        "once": secrets.token_urlsafe(18),
        **changed,
    }


@pytest.fixture
def browser(shop, client_of):
    return client_of(shop[1])


def only():
    return db.session.query(Listing).populate_existing().one()


def photographed(browser, count=5):
    browser.post("/merchant/listings/new", data=form())
    listing = only()
    photos = [picture(f"#{n}{n}{n}") for n in range(count)]
    browser.post(f"/merchant/listings/{listing.ref}/photos", data={"photos": photos})
    label(browser)
    return listing


def label(browser, *views):
    """Say what the photos show, in their order."""
    shown = {"photo": only().photos, "view": list(views or factories.SHOWN[: len(only().photos)])}
    return browser.post(f"/merchant/listings/{only().ref}/photos/views", data=shown)


def test_a_listing_is_written_photographed_and_published(browser, client):
    address = browser.post("/merchant/listings/new", data=form()).location
    listing = only()
    assert (listing.price_minor, listing.hs_code, listing.state) == (18_400, "950300", "draft")
    assert listing.translations == {"zh_Hans": {"title": "月之信使"}}
    assert "0 of at least 5 photos" in browser.get(address).text
    answer = browser.post(f"/merchant/listings/{listing.ref}/publish")
    assert "At least 5 photos are needed" in browser.get(answer.location).text
    photos = [picture(f"#{n}{n}{n}") for n in range(5)]
    assert browser.post(f"/merchant/listings/{listing.ref}/photos", data={"photos": photos}).status_code == 303
    assert len(only().photos) == 5
    answer = browser.post(f"/merchant/listings/{listing.ref}/publish")
    assert "Say which photo shows this" in browser.get(answer.location).text
    assert only().state == "draft"
    label(browser)
    browser.post(f"/merchant/listings/{listing.ref}/publish")
    assert only().state == "active"
    assert "Moon Courier Rin" in client.get("/").text
    page = client.get(f"/items/{listing.ref}").text
    assert "A scratch on the base" in page
    assert client.get(f"/files/{listing.photos[0]}").status_code == 200


def test_a_paused_listing_leaves_the_shop_and_an_ended_one_for_good(browser, client):
    listing = photographed(browser)
    browser.post(f"/merchant/listings/{listing.ref}/publish")
    browser.post(f"/merchant/listings/{listing.ref}/pause")
    assert "Moon Courier Rin" not in client.get("/").text
    assert "Not for sale" in client.get(f"/items/{listing.ref}").text
    browser.post(f"/merchant/listings/{listing.ref}/publish")
    browser.post(f"/merchant/listings/{listing.ref}/end")
    answer = browser.post(f"/merchant/listings/{listing.ref}/publish")
    assert "has ended" in browser.get(answer.location).text
    assert only().state == "ended"


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"title": ""}, "This is needed"),
        ({"title": "\u202e\u200b"}, "This is needed"),
        ({"title": "x" * 161}, "At most 160 characters"),
        ({"price": ""}, "This is needed"),
        ({"price": "-1"}, "not an amount"),
        ({"price": "0"}, "more than zero"),
        ({"price": "18400.50"}, "that many decimals"),
        ({"price": "EUR 12"}, "not an amount"),
        ({"price": "9" * 20}, "too large"),
        ({"price": "🙂"}, "not an amount"),
        ({"stock": "-1"}, "between 0 and 100000"),
        ({"stock": "1e3"}, "between 0 and 100000"),
        ({"weight_g": "zero"}, "between 1 and 100000"),
        ({"hs_code": "000000"}, "no such number"),
        ({"hs_code": "95"}, "no such number"),
        ({"category": "weapons"}, "Choose one of these"),
        ({"condition": ""}, "Choose one of these"),
        ({"origin": "XX"}, "Choose one of these"),
        ({"purchased_on": "01.04.2025"}, "year-month-day"),
        ({"purchased_on": "2999-01-01"}, "has not come yet"),
        ({"purchased_on": "1700-01-01"}, "too long ago"),
    ],
)
def test_a_wrong_listing_is_refused_and_nothing_typed_is_lost(browser, changed, words):
    answer = browser.post("/merchant/listings/new", data=form(**changed))
    assert answer.status_code == 422
    assert words in answer.text
    assert "A scratch on the base, photo 5" in answer.text
    assert "月之信使" in answer.text
    assert db.session.query(Listing).count() == 0


def test_marks_that_turn_text_around_do_not_get_into_a_title(browser):
    browser.post("/merchant/listings/new", data=form(title="Rin \u202ecod.exe\u202c\x00 🙂"))
    assert only().title == "Rin cod.exe 🙂"


def test_a_draft_sent_twice_is_one_draft(browser):
    data = form()
    assert (
        browser.post("/merchant/listings/new", data=data).location
        == browser.post("/merchant/listings/new", data=data).location
    )
    assert db.session.query(Listing).count() == 1


def test_a_stale_page_is_refused_keeps_what_was_typed_and_can_be_sent_again(browser):
    listing = photographed(browser)
    version = only().version
    address = f"/merchant/listings/{listing.ref}/edit"
    assert browser.post(address, data=form(title="First", version=str(version))).status_code == 303
    answer = browser.post(address, data=form(title="Second", version=str(version)))
    assert answer.status_code == 422
    assert "changed elsewhere" in answer.text
    assert 'value="Second"' in answer.text
    assert f'name="version" value="{version + 1}"' in answer.text
    assert only().title == "First"
    assert browser.post(address, data=form(title="Second", version=str(version + 1))).status_code == 303
    assert only().title == "Second"


@pytest.mark.parametrize("version", ["", "abc", "-1", "999"])
def test_a_version_that_is_none_changes_nothing(browser, version):
    listing = photographed(browser)
    answer = browser.post(f"/merchant/listings/{listing.ref}/edit", data=form(title="Other", version=version))
    assert answer.status_code == 422
    assert only().title == "Moon Courier Rin"


def test_another_merchants_listing_does_not_exist(browser, client_of):
    listing = photographed(browser)
    rival = client_of(factories.merchant("Rival")[1])
    assert rival.get(f"/merchant/listings/{listing.ref}/edit").status_code == 404
    for step in ("edit", "publish", "pause", "end", "photos", "photos/remove", "photos/cover"):
        answer = rival.post(f"/merchant/listings/{listing.ref}/{step}", data=form(version="2", photos=[picture()]))
        assert answer.status_code == 404, step
    assert only().state == "draft"


def test_a_shopper_has_no_listings(shop, client_of):
    shopper = client_of(factories.account())
    assert shopper.get("/merchant/listings").status_code == 403
    assert shopper.post("/merchant/listings/new", data=form()).status_code == 403


def test_a_merchant_that_is_not_approved_writes_but_does_not_publish(shop, client_of):
    browser = client_of(factories.merchant("New Shop", active=False)[1])
    listing = photographed(browser)
    answer = browser.post(f"/merchant/listings/{listing.ref}/publish")
    assert "not verified yet" in browser.get(answer.location).text
    assert only().state == "draft"


def test_what_is_no_photo_is_refused(browser):
    listing = photographed(browser, 1)
    for bad in ((io.BytesIO(b"MZ\x90\x00"), "photo.jpg"), (io.BytesIO(b"%PDF-1.4"), "photo.png")):
        answer = browser.post(f"/merchant/listings/{listing.ref}/photos", data={"photos": [bad]})
        assert "tone-error" in browser.get(answer.location).text
    browser.post(f"/merchant/listings/{listing.ref}/photos", data={})
    assert len(only().photos) == 1


def test_photos_are_ordered_removed_and_limited(browser):
    listing = photographed(browser, 6)
    before = only().photos
    browser.post(f"/merchant/listings/{listing.ref}/photos/cover", data={"photo": before[3]})
    assert only().photos[0] == before[3]
    browser.post(f"/merchant/listings/{listing.ref}/publish")
    browser.post(f"/merchant/listings/{listing.ref}/photos/remove", data={"photo": before[5]})
    assert len(only().photos) == 5
    answer = browser.post(f"/merchant/listings/{listing.ref}/photos/remove", data={"photo": before[4]})
    assert "At least 5 photos are needed" in browser.get(answer.location).text
    assert len(only().photos) == 5


def test_used_things_need_their_flaws_named(browser):
    listing = photographed(browser)
    address = f"/merchant/listings/{listing.ref}/edit"
    browser.post(address, data=form(flaws="", version=str(only().version)))
    answer = browser.post(f"/merchant/listings/{listing.ref}/publish")
    assert "flaws must be named" in browser.get(answer.location).text
    browser.post(address, data=form(version=str(only().version)))
    browser.post(f"/merchant/listings/{listing.ref}/publish")
    answer = browser.post(address, data=form(flaws="", version=str(only().version)))
    assert answer.status_code == 422
    assert only().details["flaws"]


def test_the_tariff_is_found_by_words_and_digits(browser):
    assert "960830" in browser.get("/merchant/hs-codes?q=fountain").text
    assert "950300" in browser.get("/merchant/hs-codes?q=9503").text
    assert "Nothing was found" in browser.get("/merchant/hs-codes?q=🙂").text


def test_the_list_costs_the_same_for_one_and_for_twenty(shop, browser, statements):
    costs = []
    for count in (1, 19):
        for _ in range(count):
            factories.listing(shop[0])
        with statements() as seen:
            assert browser.get("/merchant/listings").status_code == 200
        costs.append(len(seen))
    assert costs[0] == costs[1]


@pytest.mark.parametrize(
    ("category", "condition", "needed"),
    [
        ("figures", "new", ["whole", "label", "accessories"]),
        ("stationery", "like_new", ["whole", "label"]),
        ("stationery", "fair", ["whole", "label", "flaw"]),
    ],
)
def test_what_photos_must_show_goes_by_category_and_condition(category, condition, needed):
    assert rules.needed_views(category, condition, clock.today()) == needed


def test_shoppers_read_what_each_photo_shows_and_what_a_step_of_the_scale_looks_like(browser, client):
    listing = photographed(browser)
    assert "A flaw" in browser.get(f"/merchant/listings/{listing.ref}/edit").text
    browser.post(f"/merchant/listings/{listing.ref}/publish")
    page = client.get(f"/items/{listing.ref}").text
    for words in ("Label or serial number", "A flaw", "from a hand’s width", "conditions.svg"):
        assert words in page
    label(browser, "whole", "label", "accessories", "", "")
    assert only().photo_views[only().photos[3]] == "flaw", "what is on offer stays complete"


def test_a_photo_that_goes_takes_with_it_what_it_showed(browser):
    listing = photographed(browser, 6)
    label(browser, "whole", "label", "accessories", "flaw", "detail", "whole")
    browser.post(f"/merchant/listings/{listing.ref}/photos/remove", data={"photo": only().photos[0]})
    assert sorted(only().photo_views) == sorted(only().photos)
