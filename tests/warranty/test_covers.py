import re
from datetime import date, timedelta

import pytest
from sqlalchemy import select

from daigou.catalog.models import Listing
from daigou.core import clock
from daigou.core.access import system
from daigou.core.db import db, transaction
from daigou.core.money import Money
from daigou.ledger import service as ledger
from daigou.orders import jobs as orders
from daigou.orders.models import Bill
from daigou.payments import books
from daigou.payments import service as payments
from daigou.payments.payouts import recourse
from daigou.payments.refunds.models import Refund
from daigou.warranty import jobs, offering, rules
from daigou.warranty.models import Cover
from tests import factories

from .conftest import TO_SHOPPER, walk


def cover():
    found = select(Cover).where(Cover.kind == "extended").execution_options(populate_existing=True)
    return db.session.execute(found).scalar_one()


def at(day):
    return clock.use(clock.FixedClock(clock.now() + timedelta(days=day)))


@pytest.fixture
def ordered(market, pay, again):
    pay(market.shopper, market.bill)
    return again(market.item)


@pytest.fixture
def bought(ordered, market, pay, send):
    """A cover for twelve months, paid."""

    def run(plan="cover-12"):
        sent = send(market.shopper, f"/orders/items/{ordered.ref}/cover", plan=plan)
        assert sent.status_code == 303
        bill = db.session.execute(select(Bill).filter_by(ref=sent.location.rpartition("/")[2])).scalar_one()
        pay(market.shopper, bill)
        return cover()

    return run


def held(found):
    return ledger.balance("escrow", found.currency, found.id)


def test_a_bought_cover_is_held_until_it_begins_with_the_delivery(ordered, bought, market, client_of):
    page = client_of(market.shopper).get(f"/orders/items/{ordered.ref}/warranty").get_data(as_text=True)
    found = bought()
    assert found.price == Money(max(300, round(ordered.goods_minor * 45 / 1000)), "EUR")
    assert re.search(r"12 months.*?€", page, re.S)
    assert (found.state, held(found)) == ("paid", found.price)
    walk(ordered, *TO_SHOPPER)
    jobs.sweep()
    jobs.sweep()
    found = cover()
    assert (found.state, found.begins) == ("active", clock.today())
    assert (found.ends - found.begins).days in (364, 365)
    books.check_all()


def test_a_cover_is_cancelled_in_full_before_the_delivery(bought, market, send, again, work):
    found = bought()
    assert send(market.shopper, f"/covers/{found.ref}/cancel").status_code == 303
    row = db.session.execute(select(Refund)).scalar_one()
    assert (cover().state, row.amount, row.escrow_owner) == ("cancelled", found.price, str(found.id))
    work()
    assert again(row).state == "succeeded"
    assert not held(found)


def test_a_cover_is_cancelled_by_days_afterwards_and_not_after_fourteen(ordered, bought, market, send):
    found = bought()
    walk(ordered, *TO_SHOPPER)
    jobs.sweep()
    with at(15):
        send(market.shopper, f"/covers/{found.ref}/cancel")
        assert cover().state == "active"
    with at(10):
        send(market.shopper, f"/covers/{found.ref}/cancel")
    found = cover()
    used = found.price - Money(found.given_back_minor, "EUR")
    assert found.state == "cancelled"
    assert used == ledger.balance("warranty_income", "EUR") == Money(round(found.price_minor * 10 / 365), "EUR")


def test_a_premium_is_earned_once_a_month_and_whole_at_the_end(ordered, bought):
    found = bought()
    walk(ordered, *TO_SHOPPER)
    jobs.sweep()
    with at(20):
        jobs.sweep()
    assert ledger.balance("warranty_premium", "EUR", found.id) == found.price
    seen = []
    for month in (60, 60, 200):
        with at(month):
            jobs.earn()
        seen.append(ledger.balance("warranty_income", "EUR").minor)
    assert 0 < seen[0] == seen[1] < seen[2] < found.price_minor
    with at(366):
        jobs.sweep()
        jobs.sweep()
    assert cover().state == "ended"
    assert ledger.balance("warranty_income", "EUR") == found.price
    assert not ledger.balance("warranty_premium", "EUR", found.id)


def test_a_refunded_item_takes_its_cover_along(ordered, bought, market, client_of, work, again):
    found = bought()
    client_of(market.shopper).post(f"/orders/items/{ordered.ref}/cancel", data={"way": "original"})
    work()
    jobs.sweep()
    work()
    assert again(ordered).state in ("withdrawn", "refunded")
    assert cover().state == "void"
    assert db.session.execute(select(Refund).filter_by(escrow_owner=str(found.id))).scalar_one().amount == found.price


def test_the_same_item_is_covered_once(ordered, market, send):
    first = send(market.shopper, f"/orders/items/{ordered.ref}/cover", plan="cover-12")
    again = send(market.shopper, f"/orders/items/{ordered.ref}/cover", plan="cover-24")
    assert (first.status_code, again.status_code) == (303, 409)
    assert cover().months == 12


def test_an_unpaid_cover_lapses_and_can_be_bought_anew(ordered, market, send, work):
    send(market.shopper, f"/orders/items/{ordered.ref}/cover", plan="cover-12")
    with at(3):
        orders.expire_due()
        work()
    assert cover().state == "lapsed"
    assert offering.offers_of(ordered)


def test_a_merchant_pays_for_what_it_includes_out_of_its_payout(market, client_of, pay, again, send):
    listing = market.item.listing_id
    ref = db.session.get(Listing, listing).ref
    assert send(market.owner, f"/merchant/listings/{ref}/cover", plan="cover-24").status_code == 303
    order = factories.order(market.shopper, db.session.get(Listing, listing))
    item = factories.items_of(order)[0]
    pay(market.shopper, factories.bill_of(order))
    jobs.sweep()
    assert offering.offers_of(again(item)) == []
    walk(again(item), *TO_SHOPPER)
    jobs.sweep()
    found = cover()
    assert (found.paid_by, found.state, found.currency) == ("merchant", "active", "JPY")
    with at(20):
        jobs.sweep()
        jobs.sweep()
    assert ledger.balance("claim", "JPY", market.shop.id) == found.price
    assert ledger.balance("warranty_premium", "JPY", found.id) == found.price
    walk(again(item), "complete")
    release = payments.release_item(system("test"), again(item), "confirmed")
    with transaction():
        recourse.withhold(system("test"), [again(release)])
    assert not ledger.balance("claim", "JPY", market.shop.id)
    assert again(release).withheld_minor == found.price_minor


def test_the_certificate_is_for_paid_covers_of_ones_own(bought, market, client_of):
    found = bought()
    mine = client_of(market.shopper)
    assert mine.get(f"/covers/{found.ref}.pdf").data.startswith(b"%PDF")
    assert found.ref in mine.get(f"/covers/{found.ref}").get_data(as_text=True)
    assert client_of(factories.account()).get(f"/covers/{found.ref}.pdf").status_code == 404


def test_what_it_costs_is_said_before_the_order(market, client_of):
    listing = db.session.get(Listing, market.item.listing_id)
    page = client_of(market.shopper).get(f"/items/{listing.ref}").get_data(as_text=True)
    quote = factories.quote(market.shopper, listing)
    quoted = client_of(market.shopper).get(f"/quotes/{quote.ref}").get_data(as_text=True)
    price = r"12 months (<span class=\"money\">)?€"
    assert "30 days of official warranty" in page
    assert re.search(price, page)
    assert re.search(price, quoted)
    assert "Figures" in client_of(market.shopper).get("/warranty-terms").get_data(as_text=True)


def test_the_same_month_is_the_last_covered_day():
    assert rules.ends_on(date(2026, 2, 28), 12) == date(2027, 2, 27)
    assert rules.ends_on(date(2026, 1, 31), 1) == date(2026, 2, 28)
    assert rules.ends_on(date(2026, 11, 22), 24) == date(2028, 11, 21)
