"""Paying from the shopper's balance: alone, together with a method, and never twice."""

import threading
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, text

from daigou.core.access import system
from daigou.core.db import db, load_locked, transaction
from daigou.core.errors import Impossible, Refusal
from daigou.core.money import Money
from daigou.ledger import service as ledger
from daigou.ledger.check import check
from daigou.ledger.rules import credit, debit
from daigou.notices.models import Notice
from daigou.orders import service as orders
from daigou.orders.models import Bill
from daigou.payments import books, jobs, service, settling
from daigou.payments.actor import SYSTEM
from daigou.payments.paying import rules as paying
from daigou.payments.paying import wallet
from daigou.payments.paying.models import Attempt
from daigou.payments.refunds import rules as refunds
from daigou.payments.refunds.models import Refund
from daigou.providers.stripe.client import StripeProvider
from tests import factories

ON = {"shopper_balance": True}


@pytest.fixture
def on(app):
    """The feature turned on, as its setting does."""
    config = app.extensions["config"]
    app.extensions["config"] = replace(config, **ON)
    yield
    app.extensions["config"] = config


def give(account, amount):
    """A balance, as a refund to it leaves one."""
    with transaction():
        lines = [debit("clearing", amount), credit("wallet", amount, account.id)]
        ledger.post(system("test"), load_locked(type(account), id=account.id), "test", f"give:{account.id}", lines)


def balance(account):
    return wallet.balance_of(account.id, "EUR")


def attempts(bill, **which):
    return db.session.execute(select(Attempt).filter_by(bill_id=bill.id, **which)).scalars().all()


def start(market, **how):
    return service.start(factories.actor(market.shopper), market.bill.ref, **how)


def refresh():
    db.session.expire_all()


def test_while_it_is_off_nothing_is_paid_from_it_and_nothing_is_said_of_it(market, client_of, provider):
    give(market.shopper, Money(100_000, "EUR"))
    assert "balance with us" not in client_of(market.shopper).get(f"/bills/{market.bill.ref}").text
    assert start(market, from_balance=True).startswith(provider.url)
    assert balance(market.shopper) == Money(100_000, "EUR")


def test_a_balance_that_is_enough_pays_all_and_asks_no_provider(market, on, client_of, again, work):
    give(market.shopper, Money(100_000, "EUR"))
    browser = client_of(market.shopper)
    assert "Pay all of it from your balance" in browser.get(f"/bills/{market.bill.ref}").text
    answer = browser.post(f"/bills/{market.bill.ref}/pay", data={"balance": "1"})
    assert answer.location.endswith(f"/payments/{market.bill.ref}/return")
    work()
    assert (again(market.bill).state, again(market.item).state) == ("paid", "paid")
    assert balance(market.shopper) == Money(100_000, "EUR") - market.bill.total
    assert ledger.balance("escrow", "EUR", market.item.id) == market.item.total
    assert "Your payment has arrived" in browser.get(f"/payments/{market.bill.ref}/status").text
    assert books.check_all(with_provider=False).faults == []


def test_a_part_is_set_aside_and_counts_when_the_method_pays_the_rest(market, on, again, provider):
    give(market.shopper, Money(5_000, "EUR"))
    page = start(market, from_balance=True)
    assert balance(market.shopper).minor == 0
    assert start(market, from_balance=True) == page
    provider.pay(page)
    (attempt,) = attempts(market.bill, source="provider")
    assert attempt.amount == market.bill.total - Money(5_000, "EUR")
    settling.refetch(attempt.id)
    assert again(market.bill).state == "paid"
    assert ledger.balance("escrow", "EUR", market.item.id) == market.item.total
    assert ledger.balance("wallet_held", "EUR", attempts(market.bill, source="wallet")[0].id).minor == 0
    assert books.check_all(with_provider=False).faults == []


def test_a_refund_goes_back_to_the_method_first_and_then_to_the_balance(market, on, again, provider, work):
    give(market.shopper, Money(5_000, "EUR"))
    provider.pay(start(market, from_balance=True))
    settling.refetch(attempts(market.bill, source="provider")[0].id)
    item = again(market.item)
    service.refund(SYSTEM, item, item.total, "not_bought")
    work()
    rows = db.session.execute(select(Refund).order_by(Refund.amount_minor)).scalars().all()
    assert [row.state for row in rows] == ["succeeded", "succeeded"]
    assert rows[0].amount == Money(5_000, "EUR") == balance(market.shopper)
    assert ledger.balance("escrow", "EUR", item.id).minor == 0
    told = db.session.execute(select(Notice).where(Notice.kind == "refund.succeeded")).scalars()
    assert {(row.content["title"].partition(" ")[2], row.content["url"]) for row in told} == {
        ("lies on your balance with us", "/account/balance"),
        ("is on its way back to you", f"/orders/{market.order.ref}/money"),
    }, "each by the way it took"
    assert books.check_all(with_provider=False).faults == []


def test_what_was_set_aside_comes_back_when_the_page_ends_unpaid(market, on, again, provider, work):
    give(market.shopper, Money(5_000, "EUR"))
    start(market, from_balance=True)
    orders.cancel(factories.actor(market.shopper), market.order.ref)
    work()
    assert balance(market.shopper) == Money(5_000, "EUR")
    assert {a.state for a in attempts(market.bill)} == {"failed"}


def test_who_changes_their_mind_pays_all_at_the_provider_and_keeps_the_balance(market, on, again, provider, work):
    give(market.shopper, Money(5_000, "EUR"))
    partial = start(market, from_balance=True)
    whole = start(market)
    assert whole != partial
    assert balance(market.shopper) == Money(5_000, "EUR")
    work()
    assert provider.pay(partial).status_code == 410  # the other page was taken away at once
    provider.pay(whole)
    jobs.sweep()
    settling.refetch(attempts(market.bill, state="open")[0].id)
    assert again(market.bill).state == "paid"
    assert balance(market.shopper) == Money(5_000, "EUR")


def test_a_rest_paid_after_its_part_was_let_go_goes_back(market, on, again, provider, work):
    give(market.shopper, Money(5_000, "EUR"))
    provider.pay(start(market, from_balance=True))
    with transaction():
        wallet.let_go(wallet.reserved_for(load_locked(Bill, id=market.bill.id)), "test")
    settling.refetch(attempts(market.bill, source="provider")[0].id)
    work()
    assert again(market.bill).state == "due"
    assert attempts(market.bill, source="provider")[0].state == "surplus"
    assert balance(market.shopper) == Money(5_000, "EUR")
    assert books.check_all(with_provider=False).faults == []


def test_nothing_stays_set_aside_for_a_payment_that_is_over(market, on):
    """A part whose payment is gone, whatever ended it: the sweep finds it."""
    give(market.shopper, Money(5_000, "EUR"))
    with transaction():
        part = wallet.reserve(factories.actor(market.shopper), load_locked(Bill, id=market.bill.id))
    wallet.look_after(part.id)
    assert balance(market.shopper) == Money(5_000, "EUR")


@given(st.integers(0, 10**6), st.integers(1, 10**6), st.integers(1, 5_000))
def test_a_balance_pays_all_it_can_and_leaves_nothing_or_a_charge_that_can_be_made(available, due, least):
    part = paying.wallet_part(*(Money(n, "EUR") for n in (available, due, least)))
    rest = due - part.minor
    assert 0 <= part.minor <= min(available, due)
    assert rest == 0 or rest >= least or part.minor == 0


@given(st.lists(st.integers(0, 1000), min_size=1, max_size=5), st.integers(1, 3000))
def test_a_refund_takes_no_more_of_a_payment_than_it_has_left_unless_all_are_empty(rooms, amount):
    parts = refunds.drawn(Money(amount, "EUR"), [Money(room, "EUR") for room in rooms])
    assert sum(part.minor for part in parts) == amount
    if amount <= sum(rooms):
        assert all(part.minor <= room for part, room in zip(parts, rooms, strict=True))


def test_two_bills_paid_at_once_never_spend_a_balance_twice(committed_app, running):
    committed_app.extensions["config"] = replace(committed_app.extensions["config"], **ON)
    committed_app.extensions["payment_provider"] = StripeProvider(running.key, (running.secret,), address=running.url)
    factories.rates()
    shop, _ = factories.merchant()
    shopper = factories.account()
    bills = [factories.bill_of(factories.order(shopper, factories.listing(shop))) for _ in range(6)]
    total = bills[0].total
    give(shopper, total + total + Money(1_000, "EUR"))  # enough for two, and a part of a third
    who, refs, found, together = factories.actor(shopper), [bill.ref for bill in bills], [], threading.Barrier(12)

    def pay(ref):
        with committed_app.app_context():
            together.wait()
            try:
                found.append(service.start(who, ref, from_balance=True))
            except Refusal as refusal:
                found.append(refusal.code)
            db.session.remove()

    threads = [threading.Thread(target=pay, args=(ref,)) for ref in refs * 2]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    refresh()
    assert len(found) == 12
    assert db.session.query(Bill).filter_by(state="paid").count() == 2
    assert balance(shopper).minor == 0
    spent = "SELECT sum(amount_minor) FROM payment_attempts WHERE source = 'wallet' AND state <> 'failed'"
    assert db.session.execute(text(spent)).scalar_one() == (total + total).minor + 1_000
    assert check().faults == []
    with pytest.raises(Impossible, match=r"bill\.paid"):
        service.start(who, db.session.query(Bill).filter_by(state="paid").first().ref, from_balance=True)


def test_a_shopper_reads_what_lies_there_and_how_it_came_about(market, on, client_of):
    give(market.shopper, market.bill.total + Money(1_234, "EUR"))
    start(market, from_balance=True)
    page = client_of(market.shopper).get("/account/balance").text
    assert "Set aside for a payment" in page
    assert "€12.34" in page
    other = client_of(factories.account()).get("/account/balance").text
    assert "Nothing lies here" in other
    assert "€12.34" not in other
