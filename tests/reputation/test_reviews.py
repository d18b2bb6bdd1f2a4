"""Only who bought speaks, once; and what people read follows from it."""

import secrets
from datetime import timedelta

import pytest

from blueprints.public import cards
from blueprints.public import item as item_page
from daigou.accounts.models import Member
from daigou.catalog import ranking
from daigou.catalog.models import Listing
from daigou.core import clock
from daigou.core.db import db, transaction
from daigou.notices.models import Notice
from daigou.orders.models import OrderItem
from daigou.pricing import board
from daigou.reputation import figures, jobs
from daigou.reputation.models import Review
from daigou.risk.models import MerchantStanding, RiskCase
from tests import factories
from tests.aftersales.test_returns import TO_SHOPPER, walk

MARKS = {"goods": "5", "described": "5", "communication": "4", "dispatch": "3", "words": "Well packed \U0001f4e6"}
TO_THE_END = (*TO_SHOPPER, "complete")


@pytest.fixture
def shop(app):
    board.forget()
    cards.forget()
    item_page.shelf.clear()
    factories.rates()
    made = factories.merchant()
    with transaction():
        made[0].verified_at = clock.now()
        db.session.add(made[0])
    yield made
    board.forget()
    cards.forget()
    item_page.shelf.clear()


@pytest.fixture
def shopper(shop):
    row = factories.account()
    factories.trusted(row)
    return row


def bought(shopper, shop, moves=TO_THE_END, listing=None):
    order = factories.paid_order(shopper, listing or factories.listing(shop[0]))
    return walk(factories.items_of(order)[0], *moves)


def say(browser, item, **changed):
    data = {**MARKS, "once": secrets.token_urlsafe(18), **changed}
    return browser.post(f"/orders/items/{item.ref}/review", data=data)


def standing(shop):
    return db.session.query(MerchantStanding).populate_existing().filter_by(merchant_id=shop[0].id).one()


def one():
    return db.session.query(Review).populate_existing().one()


def test_a_buyer_reviews_once_and_everybody_reads_it_without_a_name(shop, shopper, client_of, client):
    listing = factories.listing(shop[0])
    item = bought(shopper, shop, listing=listing)
    browser = client_of(shopper)
    assert "Review it" in browser.get(f"/orders/{item.order_ref}").text
    assert say(browser, item).status_code == 303
    assert say(browser, item).status_code == 409
    assert "You have reviewed it" in browser.get(f"/orders/{item.order_ref}").text
    for page in (client.get(f"/items/{listing.ref}").text, client.get(f"/merchants/{shop[0].ref}").text):
        assert "Well packed" in page
        assert "Mara Vogel" not in page
        assert "1 sale, 100" in page
    assert "1 sale, 100" in client.get("/").text
    found = standing(shop)
    assert (found.sales, found.reviewers, found.positive_permille, found.dispatch) == (1, 1, 1000, 300)
    assert db.session.query(Notice).filter_by(account_id=shop[1].id, kind="review.written").count() == 1


@pytest.mark.parametrize("moves", [(), ("purchase",), TO_SHOPPER])
def test_nobody_reviews_before_the_trade_is_over(shop, shopper, client_of, moves):
    item = bought(shopper, shop, moves)
    assert client_of(shopper).get(f"/orders/items/{item.ref}/review").status_code == 409
    assert say(client_of(shopper), item).status_code == 409
    assert db.session.query(Review).first() is None


def test_nobody_reviews_what_others_bought_or_their_own_shop(shop, shopper, client_of):
    item = bought(shopper, shop)
    assert say(client_of(factories.account()), item).status_code == 404
    with transaction() as session:
        session.add(Member(merchant_id=shop[0].id, account_id=shopper.id, role="staff", rights=["lister"]))
    assert say(client_of(shopper), item).status_code == 409
    assert db.session.query(Review).first() is None


def test_one_buyer_is_one_voice(shop, shopper, client_of):
    browser = client_of(shopper)
    for mark in ("1", "1", "5"):
        say(browser, bought(shopper, shop), goods=mark, described=mark, communication=mark, dispatch=mark)
    found = standing(shop)
    assert (found.sales, found.reviewers, found.goods) == (3, 1, 500)


def test_words_that_lead_away_are_held_until_an_officer_has_read_them(shop, shopper, client_of, client, work):
    item = bought(shopper, shop)
    say(client_of(shopper), item, words="Cheaper on my WeChat")
    assert one().state == "held"
    assert "WeChat" not in client.get(f"/merchants/{shop[0].ref}").text
    case = db.session.query(RiskCase).one()
    client_of(factories.account("officer")).post(f"/officer/risks/{case.ref}/uphold", data={"reason": "A lure."})
    work()
    assert one().state == "withheld"
    assert standing(shop).reviewers == 0


def test_a_true_review_that_the_shop_reported_comes_back(shop, shopper, client_of, client, work):
    say(client_of(shopper), bought(shopper, shop), goods="1")
    owner = client_of(shop[1])
    assert "Well packed" in owner.get("/merchant/reviews").text
    assert owner.post(f"/merchant/reviews/{one().ref}/report", data={"reason": "false"}).status_code == 303
    assert "Well packed" not in client.get(f"/merchants/{shop[0].ref}").text
    case = db.session.query(RiskCase).one()
    client_of(factories.account("officer")).post(f"/officer/risks/{case.ref}/clear", data={"reason": "It is true."})
    work()
    assert "Well packed" in client.get(f"/merchants/{shop[0].ref}").text
    assert owner.post(f"/merchant/reviews/{one().ref}/report", data={"reason": "false"}).status_code == 409


def test_a_shop_that_stands_well_stands_earlier_in_the_window_and_one_that_stands_low_later(shop, client):
    low, plain = factories.merchant("Kita"), factories.merchant("Minami")
    rows = [factories.listing(each[0], title=f"Of {each[0].name}") for each in (shop, plain, low)]
    before = {row.id: row.published_no for row in rows}
    with transaction():
        assert [ranking.follow(each[0].id, score) for each, score in ((shop, 95), (plain, 70), (low, 20))] == [1, 0, 1]
        assert ranking.follow(low[0].id, 25) == 0, "within one step nothing moves"
    moved = [(Listing, row.id) for row in rows]
    for (model, key), days in zip(moved, (2, 0, -7), strict=True):
        row = db.session.get(model, key, populate_existing=True)
        assert (row.published_no - before[key], row.lead_days) == (days * ranking.DAY, days)
    page = client.get("/").text
    places = [page.index(f"Of {each[0].name}<") for each in (shop, plain, low)]
    assert places == sorted(places)


def test_what_moves_an_offer_is_disclosed(client):
    page = client.get("/help/decisions").text
    assert "A score of 90 or more: it stands as if it were published 2 days later." in page
    assert "A lower score: it stands as if it were published 7 days earlier." in page


def test_the_shop_answers_once(shop, shopper, client_of, client):
    say(client_of(shopper), bought(shopper, shop))
    owner, address = client_of(shop[1]), f"/merchant/reviews/{one().ref}/reply"
    assert owner.post(address, data={"reply": "Mail me: rin@example.jp"}).status_code == 422
    assert owner.post(address, data={"reply": "Thank you!"}).status_code == 303
    assert owner.post(address, data={"reply": "Again"}).status_code == 409
    assert "Thank you!" in client.get(f"/merchants/{shop[0].ref}").text
    rival = client_of(factories.merchant("Kita")[1])
    assert rival.post(address, data={"reply": "Ha"}).status_code == 404


def test_recent_complaints_are_told_on_the_items_page(shop, client):
    figures.keep(shop[0].id)
    listing = factories.listing(shop[0])
    with transaction():
        standing(shop).complaints_recent = 2
        standing(shop).score = 95
    assert "2 complaints about this shop were found right" in client.get(f"/items/{listing.ref}").text


def test_a_low_score_loses_the_privilege_to_publish_at_once(shop, client_of):
    figures.keep(shop[0].id)
    with transaction():
        standing(shop).score = 20
    listing = factories.listing(shop[0], published=False)
    client_of(shop[1]).post(f"/merchant/listings/{listing.ref}/publish")
    assert db.session.query(RiskCase).one().reasons == [{"code": "low_score"}]


def test_buyers_are_asked_once_two_days_later(shop, shopper, client_of):
    item, quick = bought(shopper, shop), bought(shopper, shop)
    say(client_of(shopper), quick)
    jobs.ask_for_reviews()
    asked = db.session.query(Notice).filter_by(account_id=shopper.id, kind="review.wanted")
    assert asked.count() == 0
    with clock.use(clock.FixedClock(clock.now() + timedelta(days=2, hours=1))):
        jobs.ask_for_reviews()
        jobs.ask_for_reviews()
    assert [row.content["url"] for row in asked] == [f"/orders/items/{item.ref}/review"]


def test_after_ninety_days_it_is_too_late(shop, shopper, client_of):
    item = bought(shopper, shop)
    with clock.use(clock.FixedClock(clock.now() + timedelta(days=91))):
        db.session.query(OrderItem).filter_by(id=item.id).one()
        assert say(client_of(shopper), item).status_code == 409


@pytest.mark.parametrize("changed", [{"goods": "6"}, {"goods": "0"}, {"described": ""}, {"words": "x" * 2001}])
def test_what_is_wrong_is_named_and_what_was_typed_stays(shop, shopper, client_of, changed):
    item = bought(shopper, shop)
    answer = say(client_of(shopper), item, **changed)
    assert answer.status_code == 422
    assert "error-summary" in answer.text
    if "words" not in changed:
        assert "Well packed" in answer.text


def test_the_nightly_round_reaches_every_shop(shop):
    other = factories.merchant("Kita")[0]
    jobs.refresh_figures()
    assert {shop[0].id, other.id} <= {row.merchant_id for row in db.session.query(MerchantStanding)}
