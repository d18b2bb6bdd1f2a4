from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from compliance.audit.models import Entry
from daigou.catalog.models import Listing
from daigou.core import clock
from daigou.core.access import system
from daigou.core.db import db, load, load_locked, transaction
from daigou.core.errors import Impossible, NotFound
from daigou.orders import jobs, service
from daigou.orders.models import Bill, CartLine, Order, Quote
from daigou.pricing import board
from tests import factories


def stock(listing):
    return db.session.query(Listing.stock).filter_by(id=listing.id).scalar()


def state(row):
    db.session.refresh(row)
    return row.state


def test_an_order_holds_the_quotes_figures_and_a_bill(market):
    shop, _, shopper = market
    listing = factories.listing(shop)
    order = factories.order(shopper, listing, quantity=2)
    (item,) = factories.items_of(order)
    assert (item.goods_minor, item.freight_minor, item.fee_minor) == (23_345, 508, 1_401)
    assert (item.merchant_goods_minor, item.commission_minor) == (36_800, 1_840)
    assert order.total_minor == 25_254
    bill = factories.bill_of(order)
    assert (bill.total_minor, bill.split) == (25_254, [{"escrow": str(item.id), "minor": 25_254}])
    assert timedelta(hours=47) < bill.due_until - clock.now() <= timedelta(hours=48)
    assert stock(listing) == 3
    assert db.session.query(CartLine).count() == 0
    assert (order.country, order.currency, item.state) == ("DE", "EUR", "payment_pending")


def test_each_thing_of_an_order_begins_its_audit_stream(market):
    shop, _, shopper = market
    order = factories.order(shopper, factories.listing(shop), factories.listing(shop))
    kinds = [
        kind
        for (kind,) in db.session.query(Entry.kind).filter(
            Entry.stream.in_([order.stream, *(i.stream for i in factories.items_of(order))])
        )
    ]
    assert sorted(kinds) == ["item:created", "item:created", "order:created"]


def test_placing_a_quote_twice_finds_the_first_order(market):
    shop, _, shopper = market
    listing = factories.listing(shop)
    quote = factories.quote(shopper, listing)
    who = factories.actor(shopper)
    assert service.place(who, quote.ref).id == service.place(who, quote.ref).id
    assert stock(listing) == 4


def test_another_persons_quote_does_not_exist(market):
    shop, _, shopper = market
    quote = factories.quote(shopper, factories.listing(shop))
    with pytest.raises(NotFound):
        service.place(factories.actor(factories.account()), quote.ref)


def test_an_expired_quote_is_refused_in_words(market):
    shop, _, shopper = market
    quote = factories.quote(shopper, factories.listing(shop))
    with (
        clock.use(clock.FixedClock(clock.now() + timedelta(hours=25))),
        pytest.raises(Impossible) as caught,
    ):
        service.place(factories.actor(shopper), quote.ref)
    assert caught.value.code == "quote.expired"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"stock": 0}, "quote.sold_out"),
        ({"version": 2}, "quote.changed"),
    ],
)
def test_what_changed_since_the_quote_is_refused_and_nothing_is_taken(market, change, code):
    shop, _, shopper = market
    kept, changed = factories.listing(shop), factories.listing(shop)
    quote = factories.quote(shopper, kept, changed)
    db.session.query(Listing).filter_by(id=changed.id).update(change)
    with pytest.raises(Impossible) as caught:
        service.place(factories.actor(shopper), quote.ref)
    assert caught.value.code == code
    assert stock(kept) == 5
    assert db.session.query(Order).count() == 0


def test_a_paused_listing_is_refused(market):
    shop, _, shopper = market
    listing = factories.listing(shop)
    quote = factories.quote(shopper, listing)
    from compliance.audit import door

    with transaction():
        door.transition(system("test"), load_locked(Listing, id=listing.id), "pause")
    with pytest.raises(Impossible) as caught:
        service.place(factories.actor(shopper), quote.ref)
    assert caught.value.code == "quote.gone"


def test_an_order_costs_at_most_twelve_statements_however_many_lines(market, statements):
    shop, _, shopper = market
    for lines in (1, 12):
        quote = factories.quote(shopper, *[factories.listing(shop) for _ in range(lines)])
        with statements() as seen:
            service.place(factories.actor(shopper), quote.ref)
        assert len(seen) <= 12, "\n".join(seen)


def test_settling_the_bill_pays_the_order_and_every_item(market):
    shop, _, shopper = market
    order = factories.paid_order(shopper, factories.listing(shop), factories.listing(shop))
    assert state(order) == "paid"
    assert {item.state for item in factories.items_of(order)} == {"paid"}
    assert state(factories.bill_of(order)) == "paid"


def test_a_cancelled_order_gives_its_stock_back(market):
    shop, _, shopper = market
    listing = factories.listing(shop)
    order = factories.order(shopper, listing, quantity=3)
    service.cancel(factories.actor(shopper), order.ref)
    assert (stock(listing), state(order), state(factories.bill_of(order))) == (5, "cancelled", "cancelled")


def test_a_paid_order_is_not_cancelled(market):
    shop, _, shopper = market
    order = factories.paid_order(shopper, factories.listing(shop))
    with pytest.raises(Impossible):
        service.cancel(factories.actor(shopper), order.ref)


def test_what_nobody_pays_runs_out_by_itself(market):
    shop, _, shopper = market
    listing = factories.listing(shop)
    order, quote = factories.order(shopper, listing), factories.quote(shopper, listing)
    jobs.expire_due()
    assert (state(order), state(quote)) == ("placed", "issued")
    with clock.use(clock.FixedClock(clock.now() + timedelta(hours=49))):
        jobs.expire_due()
        jobs.expire_due()
    assert (state(order), state(quote), stock(listing)) == ("expired", "expired", 5)
    assert {item.state for item in factories.items_of(order)} == {"withdrawn"}


def test_the_last_piece_is_sold_once_however_many_want_it(committed_app):
    """Twenty people, one piece: one order, nineteen refusals, no stock below zero."""
    board.forget()
    factories.rates()
    shop, _ = factories.merchant()
    listing = factories.listing(shop, stock=1)
    other = factories.listing(shop, stock=100)
    people = [factories.account() for _ in range(20)]
    pairs = [(listing, other), (other, listing)]
    wishes = [(factories.actor(p), factories.quote(p, *pairs[n % 2]).ref) for n, p in enumerate(people)]

    def buy(wish):
        with committed_app.app_context():
            try:
                return service.place(*wish).ref
            except Impossible as refusal:
                return refusal.code

    with ThreadPoolExecutor(20) as pool:
        results = list(pool.map(buy, wishes))
    assert sum(r.startswith("ORD-") for r in results) == 1
    assert results.count("quote.sold_out") == 19
    assert (stock(listing), stock(other)) == (0, 99)
    assert db.session.query(Quote).filter_by(state="accepted").count() == 1
    board.forget()


def test_a_payment_and_a_cancellation_at_once_leave_one_of_them(committed_app):
    board.forget()
    factories.rates()
    shop, _ = factories.merchant()
    order = factories.order(shopper := factories.account(), factories.listing(shop))
    bill_id, who = factories.bill_of(order).id, factories.actor(shopper)

    def pay():
        with transaction():
            service.settle_bill(system("payments"), load_locked(Bill, id=bill_id))

    def attempt(work):
        with committed_app.app_context():
            try:
                work()
                return "done"
            except Impossible:
                return "refused"

    with ThreadPoolExecutor(2) as pool:
        results = list(pool.map(attempt, [pay, lambda: service.cancel(who, order.ref)]))
    assert sorted(results) == ["done", "refused"]
    with committed_app.app_context():
        assert load(Order, id=order.id).state in ("paid", "cancelled")
    board.forget()
