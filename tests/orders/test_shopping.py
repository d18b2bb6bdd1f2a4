"""From the cart to the order through the pages that people use."""

import re
import secrets
from datetime import timedelta

import pytest

from daigou.accounts import passwords
from daigou.catalog.models import Listing
from daigou.core import clock
from daigou.core.db import db
from daigou.orders import cart
from daigou.orders.models import CartLine, Order, Quote
from tests import factories


def once():
    return {"once": secrets.token_urlsafe(18)}


@pytest.fixture
def browser(market, client_of):
    return client_of(market[2])


def lines():
    return {line.owner: line.quantity for line in db.session.query(CartLine)}


def change(listing, values):
    """Somebody else changes the listing meanwhile, and that has landed."""
    db.session.query(Listing).filter_by(id=listing.id).update(values)
    db.session.commit()


def order_by_hand(browser, listing):
    """Add, quote, order; the answer to the last step."""
    browser.post("/cart/add", data={"listing": listing.ref, "quantity": "2", **once()})
    quote = browser.post("/cart/quote", data=once()).location
    return browser.post(f"{quote}/order", data=once())


def test_a_shopper_goes_from_the_item_to_an_order_that_can_be_paid(market, browser):
    listing = factories.listing(market[0])
    assert browser.post("/cart/add", data={"listing": listing.ref, "quantity": "2", **once()}).location == "/cart"
    page = browser.get("/cart").text
    assert "€252.54" in page
    quote = browser.post("/cart/quote", data=once()).location
    page = browser.get(quote).text
    for part in ("€233.45", "€5.08", "€14.01", "€252.54", "¥36,800", "1 JPY = 0.00634375 EUR", "1.5 %"):
        assert part in page, part
    answer = browser.post(f"{quote}/order", data=once())
    assert answer.status_code == 303
    page = browser.get(answer.location).text
    order = db.session.query(Order).one()
    assert f'action="/bills/{factories.bill_of(order).ref}/pay"' in page
    assert "You placed the order" in page
    assert order.ref in browser.get("/orders").text


def test_a_double_click_adds_and_orders_once(market, browser):
    listing = factories.listing(market[0])
    form = {"listing": listing.ref, "quantity": "1", **once()}
    browser.post("/cart/add", data=form)
    browser.post("/cart/add", data=form)
    assert lines() == {str(market[2].id): 1}
    quote, form = browser.post("/cart/quote", data=once()).location, once()
    first = browser.post(f"{quote}/order", data=form).location
    assert browser.post(f"{quote}/order", data=form).location == first
    assert browser.post(f"{quote}/order", data=once()).location == first
    assert db.session.query(Order).count() == 1


@pytest.mark.parametrize("quantity", ["0", "-1", "100", "1.5", "", "abc", "🙂", "\u202e1", "9" * 50, "１０１"])
def test_no_cart_takes_a_wrong_number(market, browser, quantity):
    listing = factories.listing(market[0])
    answer = browser.post("/cart/add", data={"listing": listing.ref, "quantity": quantity, **once()})
    assert answer.status_code == 303
    assert lines() == {}
    assert "Choose between 1 and 99 pieces" in browser.get(answer.location).text


def test_what_is_not_for_sale_does_not_get_into_a_cart(market, browser):
    draft = factories.listing(market[0], published=False)
    sold_out = factories.listing(market[0], stock=0)
    for ref in (draft.ref, "LST-NOPE", "", "x" * 5000):
        assert browser.post("/cart/add", data={"listing": ref, **once()}).status_code == 404
    answer = browser.post("/cart/add", data={"listing": sold_out.ref, **once()})
    assert "not for sale at the moment" in browser.get(answer.location).text
    assert lines() == {}


def test_a_form_without_its_number_is_sent_back_with_words(market, browser):
    listing = factories.listing(market[0])
    answer = browser.post("/cart/add", data={"listing": listing.ref, "once": "short"})
    assert answer.status_code == 303
    assert "too old" in browser.get(answer.location).text
    assert lines() == {}


def test_adding_again_adds_up_to_ninety_nine(market, browser):
    listing = factories.listing(market[0], stock=500)
    for _ in range(3):
        browser.post("/cart/add", data={"listing": listing.ref, "quantity": "50", **once()})
    assert lines() == {str(market[2].id): 99}


def test_a_line_can_be_changed_and_taken_out(market, browser):
    listing = factories.listing(market[0])
    browser.post("/cart/add", data={"listing": listing.ref, "quantity": "1", **once()})
    browser.post("/cart/update", data={"listing": listing.ref, "quantity": "3"})
    assert lines() == {str(market[2].id): 3}
    browser.post("/cart/update", data={"listing": listing.ref, "quantity": "-3"})
    assert lines() == {str(market[2].id): 3}
    browser.post("/cart/remove", data={"listing": listing.ref})
    assert lines() == {}
    assert "Your cart is empty" in browser.get("/cart").text


def test_changed_prices_and_stock_are_said_in_the_cart(market, browser):
    dearer, fewer, gone = (factories.listing(market[0]) for _ in range(3))
    for listing in (dearer, fewer, gone):
        browser.post("/cart/add", data={"listing": listing.ref, "quantity": "2", **once()})
    change(dearer, {"price_minor": 20_000, "version": 2})
    change(fewer, {"stock": 1})
    change(gone, {"stock": 0})
    page = browser.get("/cart").text
    assert "The price changed from ¥18,400 to ¥20,000" in page
    assert "fewer pieces left" in page
    assert "Sold out. Take it out" in page
    answer = browser.post("/cart/quote", data=once())
    assert answer.location == "/cart"
    assert db.session.query(Quote).count() == 0


def test_somebody_who_is_not_signed_in_has_a_cart_that_comes_along(market, app, client):
    listing, other = factories.listing(market[0]), factories.listing(market[0])
    client.post("/cart/add", data={"listing": listing.ref, "quantity": "2", **once()})
    assert listing.title in client.get("/cart").text
    (visitor,) = lines()
    shopper = market[2]
    who = cart.owner_of(factories.actor(shopper))
    cart.add(who, listing.ref, 1)
    cart.add(who, other.ref, 1)
    assert cart.adopt(visitor.removeprefix("visitor:"), shopper.id) == 2
    assert cart.adopt(visitor.removeprefix("visitor:"), shopper.id) == 2
    assert {(line.owner, line.listing_id, line.quantity) for line in db.session.query(CartLine)} == {
        (who, listing.id, 2),
        (who, other.id, 1),
    }


def test_nobody_quotes_without_signing_in(market, client):
    listing = factories.listing(market[0])
    client.post("/cart/add", data={"listing": listing.ref, **once()})
    assert "Sign in and go on" in client.get("/cart").text
    assert "/sign-in" in client.post("/cart/quote", data=once()).location


def test_a_visitors_cart_is_nobody_elses(market, app, client):
    listing = factories.listing(market[0])
    client.post("/cart/add", data={"listing": listing.ref, **once()})
    assert listing.title not in app.test_client().get("/cart").text


def test_a_quote_that_changed_is_refused_and_a_fresh_one_offered(market, browser):
    listing = factories.listing(market[0])
    browser.post("/cart/add", data={"listing": listing.ref, **once()})
    quote = browser.post("/cart/quote", data=once()).location
    change(listing, {"price_minor": 20_000, "version": 2})
    answer = browser.post(f"{quote}/order", data=once())
    assert answer.status_code == 409
    assert "changed “Moon Courier Rin, 1/7 scale figure” or its price" in answer.text
    fresh = browser.post(f"{quote}/renew", data=once()).location
    assert fresh != quote
    assert "¥20,000" in browser.get(fresh).text
    assert browser.post(f"{fresh}/order", data=once()).status_code == 303


def test_a_quote_past_its_time_is_refused_in_words(market, browser):
    quote = factories.quote(market[2], factories.listing(market[0]))
    with clock.use(clock.FixedClock(clock.now() + timedelta(hours=25))):
        factories.rates()
        assert "has expired" in browser.get(f"/quotes/{quote.ref}").text
        assert browser.post(f"/quotes/{quote.ref}/order", data=once()).status_code == 409
    assert db.session.query(Order).count() == 0


def test_another_persons_things_do_not_exist(market, client_of):
    listing = factories.listing(market[0])
    quote = factories.quote(market[2], listing)
    order = factories.order(market[2], factories.listing(market[0]))
    stranger = client_of(factories.account())
    for address in (f"/quotes/{quote.ref}", f"/orders/{order.ref}", "/orders/ORD-NOPE", "/quotes/🙂"):
        assert stranger.get(address).status_code == 404
    for address in (f"/quotes/{quote.ref}/order", f"/quotes/{quote.ref}/renew", f"/orders/{order.ref}/cancel"):
        assert stranger.post(address, data=once()).status_code == 404


def test_a_merchant_does_not_buy_from_itself(market, client_of):
    listing = factories.listing(market[0])
    owner = client_of(market[1])
    owner.post("/cart/add", data={"listing": listing.ref, **once()})
    answer = owner.post("/cart/quote", data=once())
    assert "what you offer yourself" in owner.get(answer.location).text
    assert db.session.query(Quote).count() == 0


def test_without_a_fresh_rate_nothing_is_quoted_and_the_cart_stays(market, browser):
    listing = factories.listing(market[0])
    browser.post("/cart/add", data={"listing": listing.ref, **once()})
    with clock.use(clock.FixedClock(clock.now() + timedelta(days=7))):
        assert "too old for a new price" in browser.get("/cart").text
        browser.post("/cart/quote", data=once())
    assert db.session.query(Quote).count() == 0
    assert lines()


def test_an_unpaid_order_can_be_cancelled_and_a_paid_one_not(market, browser):
    listing = factories.listing(market[0])
    address = order_by_hand(browser, listing).location
    assert "Cancel the order" in browser.get(address).text
    browser.post(f"{address}/cancel")
    assert "You cancelled this order" in browser.get(address).text
    assert db.session.get(Listing, listing.id, populate_existing=True).stock == 5
    paid = factories.paid_order(market[2], listing)
    browser.post(f"/orders/{paid.ref}/cancel")
    page = browser.get(f"/orders/{paid.ref}").text
    assert "payment is already on its way" in page
    assert "The merchant buys it" in page


def test_adding_to_the_cart_costs_six_statements(market, browser, statements):
    listing = factories.listing(market[0])
    for _ in range(2):
        with statements() as seen:
            browser.post("/cart/add", data={"listing": listing.ref, "quantity": "1", **once()})
        assert len(seen) <= 6, "\n".join(seen)


def test_placing_an_order_costs_fourteen_statements(market, browser, statements):
    for count in (1, 8):
        for _ in range(count):
            browser.post("/cart/add", data={"listing": factories.listing(market[0]).ref, **once()})
        quote = browser.post("/cart/quote", data=once()).location
        with statements() as seen:
            assert browser.post(f"{quote}/order", data=once()).status_code == 303
        assert len(seen) <= 14, "\n".join(seen)


def test_an_order_page_costs_the_same_for_one_item_and_for_eight(market, browser, statements):
    costs = []
    for count in (1, 8):
        order = factories.paid_order(market[2], *[factories.listing(market[0]) for _ in range(count)])
        with statements() as seen:
            page = browser.get(f"/orders/{order.ref}").text
        assert len(re.findall('id="item-', page)) == count
        costs.append(len(seen))
    assert costs[0] == costs[1] <= 10


def test_the_list_of_orders_costs_the_same_for_one_and_for_twelve(market, browser, statements):
    costs = []
    for count in (1, 11):
        for _ in range(count):
            factories.order(market[2], factories.listing(market[0]))
        with statements() as seen:
            browser.get("/orders")
        costs.append(len(seen))
    assert costs[0] == costs[1]


def test_the_cart_costs_the_same_for_one_line_and_for_twenty(market, browser, statements):
    costs = []
    for count in (1, 19):
        for _ in range(count):
            browser.post("/cart/add", data={"listing": factories.listing(market[0]).ref, **once()})
        browser.get("/cart")
        with statements() as seen:
            browser.get("/cart")
        costs.append(len(seen))
    assert costs[0] == costs[1] <= 4


def test_the_cart_comes_along_at_sign_in(market, client):
    listing = factories.listing(market[0])
    shopper = factories.account(email="mara.vogel@example.test")
    shopper.password_hash = passwords.hashed("four unrelated plain words")
    db.session.commit()
    client.post("/cart/add", data={"listing": listing.ref, "quantity": "3", **once()})
    form = {"email": "mara.vogel@example.test", "password": "four unrelated plain words", "next": "/cart"}
    assert client.post("/sign-in", data=form).location == "/cart"
    assert lines() == {str(shopper.id): 3}
    page = client.get("/cart").text
    assert listing.title in page
    assert '<span class="tool-count">1</span>' in page
