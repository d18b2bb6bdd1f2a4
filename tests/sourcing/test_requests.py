"""From a pasted link to a quote."""

import secrets
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest

from daigou.core import clock
from daigou.core.db import db
from daigou.core.errors import Impossible
from daigou.core.money import Money
from daigou.notices.models import Notice
from daigou.orders.models import Order, Quote
from daigou.sourcing import jobs, service
from daigou.sourcing.models import SourcingRequest
from tests import factories

LINK = "https://www.amiami.jp/detail?gcode=FIGURE-1"


def once():
    return {"once": secrets.token_urlsafe(18)}


def wish(**changed):
    return {
        "url": LINK,
        "title": "Rin, limited",
        "country": "JP",
        "quantity": "2",
        "wishes": "blue",
        **once(),
        **changed,
    }


def answer(**changed):
    return {
        "price": "9,800",
        "domestic_freight": "600",
        "valid_until": (clock.today() + timedelta(days=5)).isoformat(),
        "answer": "In stock in Akihabara.",
        "category": "figures",
        "origin": "JP",
        "hs_code": "9503.00",
        "weight_g": "800",
        "length_mm": "300",
        "width_mm": "200",
        "height_mm": "150",
        **changed,
    }


def ask(account, country="JP"):
    return service.ask(factories.actor(account), service.Wish(LINK, "Rin, limited", country, 2))


def answered(price=9_800):
    until = clock.today() + timedelta(days=5)
    return service.Answer(
        Money(price, "JPY"), Money(600, "JPY"), "figures", "JP", "950300", 800, 300, 200, 150, until, "In stock."
    )


def fresh(row):
    db.session.refresh(row)
    return row


def test_a_wish_becomes_an_order(market, client_of):
    shopper, merchant = client_of(market[2]), client_of(market[1])
    address = shopper.post("/sourcing", data=wish()).location
    request = db.session.query(SourcingRequest).one()
    assert LINK in shopper.get(address).text
    assert "Rin, limited" in merchant.get("/merchant/sourcing").text
    assert LINK in merchant.get(f"/merchant/sourcing/{request.ref}").text
    assert merchant.post(f"/merchant/sourcing/{request.ref}/quote", data=answer()).status_code == 303
    assert (fresh(request).state, request.price_minor, request.hs_code) == ("quoted", 9_800, "950300")
    assert db.session.query(Notice).filter_by(account_id=market[2].id, kind="sourcing.quoted").count() == 1
    page = shopper.get(address).text
    assert "¥9,800" in page
    assert "Akihabara" in page
    quote = shopper.post(f"{address}/accept-quote", data=once()).location
    page = shopper.get(quote).text
    for part in ("€124.34", "€3.81", "€7.46", "€135.61"):
        assert part in page, part
    assert shopper.post(f"{quote}/order", data=once()).status_code == 303
    assert fresh(request).state == "ordered"
    (item,) = factories.items_of(db.session.query(Order).one())
    assert (item.listing_id, item.quantity, item.weight_g, item.merchant_goods_minor) == (None, 2, 800, 19_600)


def test_a_link_from_the_search_fills_the_form(market, client_of):
    page = client_of(market[2]).get("/sourcing", query_string={"url": LINK + "&x=<script>"}).text
    assert "gcode=FIGURE-1&amp;x=&lt;script&gt;" in page


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"url": "http://shop.example"}, "must begin with https://"),
        ({"url": "javascript:alert(1)"}, "must begin with https://"),
        ({"url": "https://127.0.0.1/"}, "not the address of a web page"),
        ({"url": ""}, "This is needed"),
        ({"url": LINK + "x" * 3000}, "At most 2000 characters"),
        ({"title": "\u202e \u200f"}, "This is needed"),
        ({"title": "x" * 200}, "At most 160 characters"),
        ({"quantity": "-1"}, "between 1 and 99"),
        ({"quantity": "2.5"}, "between 1 and 99"),
        ({"quantity": "🙂"}, "between 1 and 99"),
        ({"country": "DE"}, "Choose one of these"),
    ],
)
def test_a_wrong_wish_is_refused_and_nothing_typed_is_lost(market, client_of, changed, words):
    answer = client_of(market[2]).post("/sourcing", data=wish(**changed))
    assert answer.status_code == 422
    assert words in answer.text
    assert "blue</textarea>" in answer.text
    assert db.session.query(SourcingRequest).count() == 0


@pytest.mark.parametrize(
    ("changed", "words"),
    [
        ({"price": "-1"}, "not an amount"),
        ({"price": "0"}, "more than zero"),
        ({"price": "98.50"}, "that many decimals"),
        ({"domestic_freight": ""}, "This is needed"),
        ({"hs_code": "999999"}, "no such number"),
        ({"hs_code": "pens"}, "no such number"),
        ({"weight_g": "0"}, "between 1 and"),
        ({"length_mm": "9999999"}, "between 1 and"),
        ({"valid_until": date(2020, 1, 1).isoformat()}, "from tomorrow until"),
        ({"valid_until": date(2999, 1, 1).isoformat()}, "from tomorrow until"),
        ({"valid_until": "soon"}, "year-month-day"),
        ({"category": "cars"}, "Choose one of these"),
    ],
)
def test_a_wrong_answer_is_refused_and_nothing_typed_is_lost(market, client_of, changed, words):
    request = ask(market[2])
    found = client_of(market[1]).post(f"/merchant/sourcing/{request.ref}/quote", data=answer(**changed))
    assert found.status_code == 422
    assert words in found.text
    assert "In stock in Akihabara." in found.text
    assert fresh(request).state == "open"


def test_a_double_click_asks_once(market, client_of):
    browser, form = client_of(market[2]), wish()
    assert browser.post("/sourcing", data=form).location == browser.post("/sourcing", data=form).location
    assert db.session.query(SourcingRequest).count() == 1


def test_merchants_of_other_countries_and_strangers_see_nothing(market, client_of):
    request = ask(market[2])
    korean = client_of(factories.merchant("Seoul Goods", country="KR", currency="KRW")[1])
    assert "Rin, limited" not in korean.get("/merchant/sourcing").text
    assert korean.get(f"/merchant/sourcing/{request.ref}").status_code == 404
    assert korean.post(f"/merchant/sourcing/{request.ref}/quote", data=answer()).status_code == 404
    stranger = client_of(factories.account())
    assert stranger.get(f"/sourcing/{request.ref}").status_code == 404
    for step in ("accept-quote", "withdraw"):
        assert stranger.post(f"/sourcing/{request.ref}/{step}", data=once()).status_code == 404
    assert fresh(request).state == "open"


def test_a_merchant_cannot_withdraw_or_accept_for_the_shopper(market, client_of):
    request = ask(market[2])
    service.quote(factories.actor(market[1]), request.ref, answered())
    merchant = client_of(market[1])
    for step in ("accept-quote", "withdraw"):
        assert merchant.post(f"/sourcing/{request.ref}/{step}", data=once()).status_code == 404
    assert fresh(request).state == "quoted"
    assert db.session.query(Quote).count() == 0


def test_only_approved_merchants_answer(market):
    request = ask(market[2])
    _, owner = factories.merchant("New Shop", active=False)
    with pytest.raises(Impossible):
        service.quote(factories.actor(owner), request.ref, answered())


def test_a_wish_can_be_withdrawn_and_is_then_over(market, client_of):
    request, browser = ask(market[2]), client_of(market[2])
    browser.post(f"/sourcing/{request.ref}/withdraw")
    assert fresh(request).state == "withdrawn"
    with pytest.raises(Impossible):
        service.quote(factories.actor(market[1]), request.ref, answered())


def test_an_answer_that_ran_out_is_refused_and_opens_the_wish_again(market, client_of):
    request, browser = ask(market[2]), client_of(market[2])
    service.quote(factories.actor(market[1]), request.ref, answered())
    with clock.use(clock.FixedClock(clock.now() + timedelta(days=7))):
        back = browser.post(f"/sourcing/{request.ref}/accept-quote", data=once()).location
        assert "not valid any more" in browser.get(back).text
        jobs.expire_due()
        jobs.expire_due()
    assert (fresh(request).state, request.merchant_id) == ("open", None)


def test_a_wish_that_nobody_answered_is_closed_after_a_month(market):
    request = ask(market[2])
    with clock.use(clock.FixedClock(clock.now() + timedelta(days=31))):
        jobs.expire_due()
    assert fresh(request).state == "withdrawn"


def test_nobody_keeps_more_than_twenty_wishes_open(market, client_of):
    for _ in range(20):
        ask(market[2])
    answer = client_of(market[2]).post("/sourcing", data=wish())
    assert answer.status_code == 422
    assert "20 open requests" in answer.text


def test_a_quote_of_a_withdrawn_wish_is_not_ordered(market, client_of):
    request, browser = ask(market[2]), client_of(market[2])
    service.quote(factories.actor(market[1]), request.ref, answered())
    quote = browser.post(f"/sourcing/{request.ref}/accept-quote", data=once()).location
    browser.post(f"/sourcing/{request.ref}/withdraw")
    assert browser.post(f"{quote}/order", data=once()).status_code == 409
    assert db.session.query(Order).count() == 0


def test_two_merchants_at_once_give_one_answer(committed_app):
    factories.rates()
    (_, one), (_, other) = factories.merchant(), factories.merchant("Second Shop")
    request = ask(factories.account())
    actors = [factories.actor(one), factories.actor(other)]

    def attempt(who):
        with committed_app.app_context():
            try:
                return service.quote(who, request.ref, answered()).state
            except Impossible:
                return "refused"

    with ThreadPoolExecutor(2) as pool:
        assert sorted(pool.map(attempt, actors)) == ["quoted", "refused"]


def test_the_queue_costs_the_same_for_one_wish_and_for_twenty(market, client_of, statements):
    browser, costs = client_of(market[1]), []
    for count in (1, 19):
        for _ in range(count):
            ask(market[2] if count == 1 else factories.account())
        with statements() as seen:
            browser.get("/merchant/sourcing")
        costs.append(len(seen))
    assert costs[0] == costs[1]
