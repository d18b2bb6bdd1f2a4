"""How many statements a page may send, whatever it holds: PERFORMANCE.md's budgets, through the pages themselves."""

import secrets

import pytest

from blueprints.public import cards, item
from compliance.identity import tiers
from daigou.core import clock
from daigou.pricing import board
from daigou.warranty import terms
from tests import factories

LISTING = {"out": 3, "in": 5}
ITEM, ADD, PLACE = 6, 6, 12


@pytest.fixture
def market(app):
    """Rates, a merchant with a listing, and nothing kept in this process."""
    board.forget()
    factories.rates()
    shop, _ = factories.merchant()
    cards.forget()
    item.shelf.clear()
    yield shop
    board.forget()


@pytest.fixture
def browsers(app, client_of):
    return {"out": app.test_client(), "in": client_of(factories.account())}


def listings(shop, count):
    return [factories.listing(shop, stock=40) for _ in range(count)]


def once():
    return secrets.token_urlsafe(18)


@pytest.mark.parametrize("who", ["out", "in"])
@pytest.mark.parametrize("count", [1, 48])
def test_the_listing_page_keeps_its_budget(market, browsers, statements, who, count):
    listings(market, count)
    browsers["out"].get("/fees")  # this process knows its rates
    with statements() as cold:
        page = browsers[who].get("/")
    with statements() as warm:
        browsers[who].get("/")
    assert page.text.count('class="card"') == count
    assert len(cold) <= LISTING[who], "\n".join(cold)
    assert len(warm) < len(cold)


@pytest.mark.parametrize("who", ["out", "in"])
def test_an_item_page_keeps_its_budget(market, browsers, statements, who):
    (listing,) = listings(market, 1)
    board.forget()  # even a process that knows nothing yet
    terms.terms(clock.today()), terms.plans(clock.today())  # but what only a release changes, read once a process
    with statements() as seen:
        assert browsers[who].get(f"/items/{listing.ref}").status_code == 200
    assert len(seen) <= ITEM, "\n".join(seen)


@pytest.mark.parametrize("who", ["out", "in"])
@pytest.mark.parametrize("count", [1, 48])
def test_adding_to_the_cart_keeps_its_budget(market, browsers, statements, who, count):
    found = listings(market, count)
    for listing in found[:-1]:
        add(browsers[who], listing)
    with statements() as seen:
        add(browsers[who], found[-1])
    assert len(seen) <= ADD, "\n".join(seen)


@pytest.mark.parametrize("count", [1, 48])
def test_placing_an_order_keeps_its_budget(market, client_of, statements, count):
    shopper = factories.account()
    factories.trusted(shopper)
    quote = factories.quote(shopper, *listings(market, count))
    browser = client_of(shopper)
    tiers.table()  # read once a minute, like the rates
    with statements() as seen:
        answer = browser.post(f"/quotes/{quote.ref}/order", data={"once": once()})
    assert answer.status_code == 303
    assert len(seen) <= PLACE, "\n".join(seen)


@pytest.mark.parametrize("page", ["/cart", "/orders", "quote", "order"])
def test_no_page_of_a_shopper_costs_more_for_more_lines(market, client_of, statements, page):
    asked = [counted(client_of, statements, page, listings(market, count)) for count in (1, 20)]
    assert asked[0] == asked[1]


def counted(client_of, statements, page, found):
    shopper = factories.account()
    factories.trusted(shopper)
    address = page
    if page in ("/orders", "order"):
        placed = factories.order(shopper, *found)
        address = f"/orders/{placed.ref}" if page == "order" else page
    elif page == "quote":
        address = f"/quotes/{factories.quote(shopper, *found).ref}"
    browser = client_of(shopper)
    if page == "/cart":
        for listing in found:
            add(browser, listing)
    browser.get(address)
    with statements() as seen:
        assert browser.get(address).status_code == 200
    return len(seen)


def add(browser, listing):
    form = {"listing": listing.ref, "quantity": "1", "once": once()}
    assert browser.post("/cart/add", data=form).status_code == 303
