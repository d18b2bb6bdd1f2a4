"""Rates that officers enter, two of them, and what a stale rate stops."""

import secrets
from datetime import timedelta
from decimal import Decimal

import pytest

from compliance.audit import door, proposals
from daigou.core import clock
from daigou.core.access import system
from daigou.core.db import db, transaction
from daigou.core.errors import Denied, Impossible, Invalid, Unavailable
from daigou.core.money import Money
from daigou.orders import service as orders
from daigou.pricing import board, entering, history, service
from daigou.pricing.models import Rate
from daigou.pricing.rules import CURRENCIES
from daigou.providers.stripe.amounts import step, to_stripe
from daigou.sandbox.rates import PUBLISHED
from tests import factories

BY_HAND = {"TWD": "36.1", "AED": "4.253", "SAR": "4.343", "KWD": "0.3555"}
WHY = "Central bank's page, noon."


@pytest.fixture(autouse=True)
def fresh(app):
    board.forget()
    yield
    board.forget()


@pytest.fixture
def officers(app):
    return [factories.actor(factories.account("officer")) for _ in range(2)]


@pytest.fixture
def all_rates(app):
    factories.rates(**PUBLISHED, **BY_HAND)


def enter(officers, currency="TWD", rate="36.1", day=None):
    row = entering.propose_rate(officers[0], currency, rate, day or clock.today(), WHY)
    proposals.approve(officers[1], row.ref)
    return row


def test_the_bundled_history_has_every_currency_but_those_that_officers_enter():
    """The newest days; the currencies that the ECB does not publish are just the four."""
    newest = {}
    for _day, rates in history.bundled():
        newest.update(rates)
    assert {code for code in CURRENCIES if code not in newest} == {"EUR", *BY_HAND}


def test_a_rate_counts_when_a_second_officer_has_agreed(officers):
    row = entering.propose_rate(officers[0], "TWD", "36,1", clock.today(), WHY)
    with pytest.raises(Unavailable, match="no_rate"):
        service.rate("TWD", "EUR", with_spread=False)
    with pytest.raises(Denied):
        proposals.approve(officers[0], row.ref)
    proposals.approve(officers[1], row.ref)
    found = db.session.query(Rate).filter_by(currency="TWD").one()
    assert (found.rate, found.day, found.source) == (Decimal("36.1"), clock.today(), f"officers, {row.ref}")


def test_this_process_uses_an_agreed_rate_at_once(officers, all_rates):
    yesterday = clock.today() - timedelta(days=1)
    db.session.query(Rate).filter_by(currency="TWD").delete()
    enter(officers, "TWD", "30", yesterday)
    assert service.rate("EUR", "TWD", with_spread=False).rate == 30
    enter(officers, "TWD", "40")
    assert service.rate("EUR", "TWD", with_spread=False).rate == 40


def test_the_second_officer_reads_how_far_it_is_from_the_last(officers):
    factories.rates(clock.today() - timedelta(days=2), TWD="40")
    row = entering.propose_rate(officers[0], "TWD", "36", clock.today(), WHY)
    assert "1 EUR = 36 TWD" in row.summary
    assert "-10.00 % against 40" in row.summary


@pytest.mark.parametrize(
    ("field", "currency", "rate", "days"),
    [("currency", "EUR", "1", 0), ("currency", "INR", "100", 0), ("rate", "TWD", "0", 0), ("rate", "TWD", "-3", 0),
     ("rate", "TWD", "many", 0), ("rate", "TWD", "NaN", 0), ("rate", "TWD", "1e12", 0),
     ("rate", "TWD", "1.12345678901", 0), ("day", "TWD", "36", 6), ("day", "TWD", "36", -1)],
)  # fmt: skip
def test_what_can_not_be_a_rate_is_refused_at_its_field(officers, field, currency, rate, days):
    with pytest.raises(Invalid) as refused:
        entering.propose_rate(officers[0], currency, rate, clock.today() - timedelta(days=days), WHY)
    assert field in refused.value.fields


def test_a_rate_that_stands_is_neither_proposed_again_nor_changed_by_a_late_approval(officers):
    first = entering.propose_rate(officers[0], "TWD", "36", clock.today(), WHY)
    second = entering.propose_rate(officers[0], "TWD", "37", clock.today(), WHY)
    proposals.approve(officers[1], first.ref)
    with pytest.raises(Impossible, match=r"rate\.exists"):
        proposals.approve(officers[1], second.ref)
    with pytest.raises(Invalid):
        entering.propose_rate(officers[0], "TWD", "38", clock.today(), WHY)
    assert db.session.query(Rate).filter_by(currency="TWD").one().rate == 36


def test_a_stale_rate_stops_new_quotes_by_name_and_not_old_ones(all_rates):
    shop, _ = factories.merchant()
    shopper = factories.account(currency="TWD", country="TW")
    listing = factories.listing(shop)
    kept = factories.quote(shopper, listing, currency="TWD")
    later = clock.now() + timedelta(hours=20)
    with transaction():
        db.session.query(Rate).filter_by(currency="TWD").update({"day": clock.today() - timedelta(days=6)})
        door.note(system("test"), "rate/TWD", "rate:aged")
    with clock.use(clock.FixedClock(later)):
        board.forget()
        with pytest.raises(Unavailable) as caught:
            factories.quote(shopper, listing, currency="TWD")
        assert "TWD" in str(caught.value.message)
        assert orders.place(factories.actor(shopper), kept.ref).total == kept.total


def test_a_currency_that_is_not_offered_is_refused_in_words(all_rates):
    shop, _ = factories.merchant()
    with pytest.raises(Invalid) as refused:
        factories.quote(factories.account(), factories.listing(shop), currency="INR")
    assert "Prices in INR are not offered" in str(refused.value.message)


@pytest.mark.parametrize("currency", CURRENCIES)
def test_an_order_can_be_made_in_each_currency_and_its_bill_sent_to_stripe(all_rates, currency):
    shop, _ = factories.merchant()
    listings = [factories.listing(shop, price_minor=price) for price in (18_437, 9_111, 777)]
    placed = factories.order(factories.account(currency=currency), *listings, currency=currency)
    assert to_stripe(factories.bill_of(placed).total) > 0
    for item in factories.items_of(placed):
        assert item.total.minor % step(currency) == 0  # so that it can be refunded by itself
    assert placed.total == sum((i.total for i in factories.items_of(placed)), Money.zero(currency))


def test_the_page_shows_source_day_and_what_is_too_old(officers, client_of):
    factories.rates(clock.today() - timedelta(days=9), TWD="36.1")
    factories.rates()
    officer = factories.account("officer")
    page = client_of(officer).get("/officer/rates").text
    assert "No new prices in: KRW" not in page
    for code in ("TWD", "AED", "SAR", "KWD"):
        assert code in page[page.index("No new prices in") :].split("</p>")[0]
    assert "Too old" in page
    assert "Missing" in page
    form = {"currency": "AED", "rate": "4.25", "day": clock.today().isoformat(), "reason": WHY}
    answer = client_of(officer).post("/officer/rates", data=form | {"once": secrets.token_urlsafe(18)})
    assert answer.status_code == 303
    bad = client_of(officer).post("/officer/rates", data=form | {"rate": "?", "once": secrets.token_urlsafe(18)})
    assert bad.status_code == 422
    assert "How many buy one euro" in bad.text
    admin = client_of(factories.account("admin"))
    assert "Propose the rate" not in admin.get("/officer/rates").text
    assert admin.post("/officer/rates", data=form).status_code == 403


def test_what_can_not_be_priced_is_said_and_not_offered_until_a_rate_is_there(app, client, client_of):
    factories.rates(**PUBLISHED)
    shop, _owner = factories.merchant()
    listing = factories.listing(shop)
    client.set_cookie("currency", "TWD")
    page = client.get(f"/items/{listing.ref}").text
    assert "Prices in TWD are not offered now" in page
    assert ": not offered now</option>" in page
    desk = client_of(factories.account("officer"))
    assert "Nothing is offered in them until a rate is entered." in desk.get("/officer/").text
    factories.rates(**PUBLISHED, **BY_HAND)
    page = client.get(f"/items/{listing.ref}").text
    assert "not offered now" not in page
    assert "Nothing is offered in them" not in desk.get("/officer/").text
