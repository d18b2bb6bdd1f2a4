import pytest

from blueprints.public import cards
from daigou.catalog import service
from daigou.catalog.models import Listing
from daigou.core.db import db
from tests import factories


def many(shop, count, **more):
    return [factories.listing(shop[0], title=f"Figure no. {n}", **more) for n in range(count)]


def titles(page):
    import re

    return [int(n) for n in re.findall(r"Figure no\. (\d+)<", page)]


def test_the_newest_stand_first_and_pages_lead_there_and_back(shop, client):
    many(shop, 100)
    first = client.get("/").text
    assert titles(first) == list(range(99, 51, -1))
    assert 'rel="prev"' not in first
    second = client.get(link(first, "next")).text
    assert titles(second) == list(range(51, 3, -1))
    third = client.get(link(second, "next")).text
    assert titles(third) == [3, 2, 1, 0]
    assert 'rel="next"' not in third
    back = client.get(link(third, "prev")).text
    assert titles(back) == titles(second)
    assert titles(client.get(link(back, "prev")).text) == titles(first)


def link(page, rel):
    import html
    import re

    return html.unescape(re.search(rf'rel="{rel}" href="([^"]+)"', page)[1])


@pytest.mark.parametrize("count", [0, 1, 48])
def test_a_page_costs_three_statements_at_most_signed_out(shop, client, statements, count):
    many(shop, count)
    for _ in range(2):
        for address in ("/", "/categories/figures", "/search?q=figure"):
            with statements() as seen:
                assert client.get(address).status_code == 200
            assert len(seen) <= 3, "\n".join(seen)


@pytest.mark.parametrize("count", [1, 48])
def test_a_page_costs_five_statements_at_most_signed_in(shop, client_of, statements, count):
    many(shop, count)
    browser = client_of(factories.account())
    for _ in range(2):
        with statements() as seen:
            assert browser.get("/").status_code == 200
        assert len(seen) <= 5, "\n".join(seen)


def test_a_warm_page_asks_only_for_its_places(shop, client, statements):
    many(shop, 48)
    client.get("/")
    with statements() as seen:
        client.get("/")
    assert len(seen) == 1


def test_cards_show_the_price_in_the_readers_currency_and_language(shop, client):
    factories.listing(shop[0], title="Moon Courier", translations={"zh_Hans": {"title": "月之信使"}})
    page = client.get("/").text
    assert "€116.72" in page
    assert "¥18,400" in page
    client.set_cookie("currency", "USD")
    client.set_cookie("locale", "zh_Hans")
    page = client.get("/").text
    assert "月之信使" in page
    assert "US$145.91" in page


def test_a_changed_listing_gets_a_new_card(shop, client):
    listing = factories.listing(shop[0])
    client.get("/")
    db.session.query(Listing).filter_by(id=listing.id).update({"title": "Another name", "version": 2})
    assert "Another name" in client.get("/").text


def test_a_sold_out_card_says_so(shop, client):
    factories.listing(shop[0], stock=0)
    assert "Sold out" in client.get("/").text


def test_words_find_listings_in_any_script(shop, client):
    factories.listing(shop[0], title="Café Racer", translations={"zh_Hans": {"title": "限定月之信使手办"}})
    for words in ("cafe", "CAFÉ racer", "信使手办", "月", "Ｃａｆé"):
        assert "Café Racer" in client.get("/search", query_string={"q": words}).text, words
    for words in ("cafeteria", "使信", "🙂", "' OR 1=1 --", "%", "\u202e"):
        answer = client.get("/search", query_string={"q": words})
        assert answer.status_code in (200, 303)
        assert "Café Racer</a>" not in answer.text


def test_a_pasted_link_leads_to_a_request(shop, client):
    answer = client.get("/search", query_string={"q": "https://shop.example/rin?a=1&b=2"})
    assert answer.status_code == 303
    assert answer.location == "/sourcing?url=https://shop.example/rin?a%3D1%26b%3D2"


@pytest.mark.parametrize("number", ["abc", "-1", "9" * 40, "", "1e3"])
def test_a_broken_page_link_is_the_first_page(shop, client, number):
    many(shop, 1)
    assert titles(client.get(f"/?older={number}").text) == [0]


def test_drafts_and_unknown_things_do_not_exist(shop, client):
    draft = factories.listing(shop[0], published=False)
    assert client.get(f"/items/{draft.ref}").status_code == 404
    assert client.get("/items/LST-NOPE").status_code == 404
    assert client.get("/categories/cars").status_code == 404
    assert draft.title not in client.get("/").text


@pytest.mark.parametrize("signed_in", [False, True])
def test_an_item_page_costs_six_statements_at_most(shop, client, client_of, statements, signed_in):
    listing = factories.listing(shop[0])
    browser = client_of(factories.account()) if signed_in else client
    for _ in range(2):
        with statements() as seen:
            page = browser.get(f"/items/{listing.ref}")
        assert page.status_code == 200
        assert len(seen) <= 6, "\n".join(seen)


def test_an_item_page_says_what_the_price_is_made_of(shop, client):
    page = client.get(f"/items/{factories.listing(shop[0]).ref}").text
    for part in (
        "€116.72",
        "¥18,400",
        "€5.08",
        "€7.00",
        "€128.80",
        "1.5 %",
        "Hoshino Hobby",
        "950300",
        "5 pieces left",
    ):
        assert part in page, part


def test_without_a_fresh_rate_the_original_price_still_stands(app, client):
    from daigou.pricing import board

    board.forget()
    cards.forget()
    listing = factories.listing(factories.merchant()[0])
    for address in ("/", f"/items/{listing.ref}"):
        page = client.get(address)
        assert page.status_code == 200
        assert "¥18,400" in page.text
    cards.forget()


def test_information_pages_stand(shop, client):
    for address in ("/how-it-works", "/protection", "/fees", "/privacy"):
        assert client.get(address).status_code == 200
    assert "At least €3.00" in client.get("/fees").text


def test_deep_pages_are_as_cheap_as_the_first(shop, statements):
    many(shop, 60)
    page = service.window()
    with statements() as seen:
        service.window(older=page.older)
    assert "OFFSET" not in seen[0]
