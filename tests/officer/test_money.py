"""The officer's money pages, at the front door."""

import re
from datetime import timedelta
from types import SimpleNamespace

import httpx
import pytest
from sqlalchemy import select

from compliance.audit import door
from compliance.audit.models import Entry
from daigou.core import clock, outbox
from daigou.core.access import system
from daigou.core.db import db, load_locked, transaction
from daigou.core.money import Money
from daigou.core.outbox import OutboxRow
from daigou.disputes.models import Dispute
from daigou.ledger import service as ledger
from daigou.ledger.models import Transaction
from daigou.ledger.rules import credit, debit
from daigou.orders.models import OrderItem
from daigou.payments import books, settling
from daigou.payments import service as payments
from daigou.payments.paying.models import Attempt
from daigou.payments.refunds import refunding
from daigou.payments.refunds.models import Refund
from daigou.payments.reporting import figures
from daigou.reconciliation import running as nights
from daigou.reconciliation.models import Finding
from tests import factories
from tests.payments.conftest import again, market, pay, provider, running  # noqa: F401

SYSTEM = system("test")
REASON = "Because the bank's statement says so."


@pytest.fixture
def desk(app, client_of):
    return SimpleNamespace(one=client_of(factories.account("officer")), two=client_of(factories.account("officer")))


@pytest.fixture
def paid(market, pay, again):  # noqa: F811
    pay(market.shopper, market.bill)
    return again(market.item)


def proposal(answer):
    return answer.location.rsplit("/", 1)[1]


def entry(*rows, reason=REASON):
    found = {"reason": reason, "once": "x" * 20}
    for n, (account, debits, credits) in enumerate(rows):
        found |= {f"rows-{n}-account": account, f"rows-{n}-debit": debits, f"rows-{n}-credit": credits}
    return found


@pytest.mark.parametrize(
    "path",
    ["disputes", "disputes?state=decided", "reconciliation", "journal", "journal/new", "payments", "held", "reserve",
     "parcels", "work", "books", "payments?since=2020-01-01&until=x", "held?since=2030-01-01"],
)  # fmt: skip
def test_every_page_stands_empty_and_full(path, desk, provider):  # noqa: F811
    assert desk.one.get(f"/officer/{path}").status_code == 200


def test_an_entry_by_hand_is_posted_when_a_second_officer_agrees_and_not_before(desk):
    sent = entry(("bank:EUR", "", "500"), ("reserve:EUR", "500", ""))
    answer = desk.one.post("/officer/journal/new", data=sent)
    assert answer.status_code == 409, "the reserve holds nothing that could go out"
    sent = entry(("bank:EUR", "500", ""), ("reserve:EUR", "", "500"))
    answer = desk.one.post("/officer/journal/new", data=sent | {"once": "y" * 20})
    assert answer.status_code == 303
    assert ledger.balance("reserve", "EUR").minor == 0
    own = desk.one.post(f"/officer/proposals/{proposal(answer)}/approve", data={"note": ""})
    assert own.status_code == 403
    assert desk.two.post(f"/officer/proposals/{proposal(answer)}/approve", data={"note": ""}).status_code == 303
    assert ledger.balance("reserve", "EUR") == Money(50_000, "EUR")
    assert "by_hand" in desk.one.get("/officer/reserve").text


@pytest.mark.parametrize(
    "rows",
    [
        [("bank:EUR", "5", ""), ("reserve:EUR", "", "4")],
        [("bank:EUR", "5", "5"), ("reserve:EUR", "", "5")],
        [("nonsense:EUR", "5", ""), ("reserve:EUR", "", "5")],
        [("bank:XXXX", "5", ""), ("reserve:EUR", "", "5")],
        [("bank:EUR", "five", ""), ("reserve:EUR", "", "5")],
        [],
    ],
)
def test_an_entry_that_can_not_be_is_refused_in_words(desk, rows):
    answer = desk.one.post("/officer/journal/new", data=entry(*rows))
    assert answer.status_code == 422
    assert 'role="alert"' in answer.text
    assert db.session.execute(select(Transaction)).first() is None


def test_a_correction_names_what_it_puts_right_and_leaves_it_as_it_was(desk):
    who = factories.account()
    with transaction():
        lines = [debit("clearing", Money(500, "EUR")), credit("escrow", Money(500, "EUR"), "item-1")]
        wrong = ledger.post(SYSTEM, who, "test", "k1", lines)
    page = desk.one.get(f"/officer/journal/{wrong}")
    assert "escrow:EUR:item-1" in page.text
    sent = entry(("escrow:EUR:item-1", "1", ""), ("clearing:EUR", "", "1"))
    answer = desk.one.post(f"/officer/journal/{wrong}/correct", data=sent)
    desk.two.post(f"/officer/proposals/{proposal(answer)}/approve", data={"note": ""})
    made = db.session.execute(select(Transaction).where(Transaction.corrects_id == wrong)).scalar_one()
    assert ledger.balance("escrow", "EUR", "item-1").minor == 400
    assert str(made.id) in desk.one.get(f"/officer/journal/{wrong}").text
    assert str(wrong) in desk.one.get(f"/officer/journal/{made.id}").text


def test_a_case_is_edited_sent_and_told_on_its_page(desk, paid, provider, client, work):  # noqa: F811
    attempt = db.session.execute(select(Attempt)).scalar_one()
    mark = provider.mark()
    provider.control("/controls/disputes", charge=attempt.charge_id)
    provider.deliver(client, *provider.events_since(mark))
    work()
    row = db.session.execute(select(Dispute)).scalar_one()
    assert row.order_ref in desk.one.get("/officer/disputes").text
    page = desk.one.get(f"/officer/disputes/{row.ref}")
    assert "Mara Vogel" in page.text
    assert desk.one.post(f"/officer/disputes/{row.ref}/accept", data={"reason": "no"}).status_code == 422
    words = {**row.evidence, "product_description": "A figure, as ordered.", "then": "submit"}
    assert desk.one.post(f"/officer/disputes/{row.ref}/evidence", data=words).status_code == 303
    work()
    page = desk.one.get(f"/officer/disputes/{row.ref}")
    assert "A figure, as ordered." in page.text
    assert "textarea" not in page.text
    assert provider.get(f"/v1/disputes/{row.provider_id}")["status"] == "under_review"


@pytest.mark.parametrize("provider", ["own"], indirect=True)
def test_a_difference_is_explained_with_a_reason(desk, paid, provider):  # noqa: F811
    with transaction():
        lines = [debit("clearing", Money(5, "JPY")), credit("exchange_result", Money(5, "JPY"))]
        ledger.post(SYSTEM, load_locked(OrderItem, id=paid.id), "captured", "stripe:txn_invented", lines)
    day = clock.today()
    with clock.use(clock.FixedClock(clock.now() + timedelta(days=1))):
        nights.reconcile(day)
    row = db.session.execute(select(Finding)).scalar_one()
    assert row.ref in desk.one.get("/officer/reconciliation").text
    assert row.key in desk.one.get(f"/officer/differences/{row.ref}").text
    assert row.ref in desk.one.get(f"/officer/reconciliation/{day}").text
    assert desk.one.post(f"/officer/differences/{row.ref}/resolve", data={"reason": "x"}).status_code == 422
    assert desk.one.post(f"/officer/differences/{row.ref}/resolve", data={"reason": REASON}).status_code == 303
    assert REASON in desk.one.get(f"/officer/differences/{row.ref}").text.replace("&#39;", "'")
    assert row.ref not in desk.one.get("/officer/reconciliation").text


def test_a_refund_whose_way_is_closed_goes_by_bank(desk, paid, market, provider, client_of, work):  # noqa: F811
    row = payments.refund(SYSTEM, paid, paid.total, "goodwill")
    refunding.give_up(row.id, "charge_not_refundable")
    held = ledger.balance("escrow", "EUR", paid.id)
    assert held == paid.total
    assert desk.one.post(f"/officer/refunds/{row.ref}/retry", data={"way": "wallet"}).status_code == 409
    assert desk.one.post(f"/officer/refunds/{row.ref}/retry", data={"way": "bank"}).status_code == 303
    assert ledger.balance("escrow", "EUR", paid.id).minor == 0
    mine = client_of(market.shopper)
    assert client_of(factories.account()).get(f"/refunds/{row.ref}/bank").status_code == 404
    assert mine.get(f"/refunds/{row.ref}/bank").status_code == 200
    named = {"holder": "Mara Vogel", "account": "DE02120300000000202051", "bank": "BYLADEM1001"}
    assert mine.post(f"/refunds/{row.ref}/bank", data=named).status_code == 303
    assert "DE02120300000000202051" not in desk.one.get("/officer/books").text
    assert "DE02120300000000202051" in desk.one.get(f"/officer/books/refunds/{row.ref}/account").text
    looked = select(Entry).filter_by(kind="refund:account_viewed", stream=f"refund/{row.id}")
    assert len(db.session.scalars(looked).all()) == 1
    sent = {"reference": "ZV-2026-11"}
    alone = desk.one.post(f"/officer/books/refunds/{row.ref}/paid", data=sent)
    assert alone.status_code == 409, "nobody has agreed yet"
    asked = desk.one.post(f"/officer/books/refunds/{row.ref}/propose", data={"reason": REASON, "once": "p" * 20})
    twice = desk.one.post(f"/officer/books/refunds/{row.ref}/propose", data={"reason": REASON, "once": "q" * 20})
    assert (asked.status_code, twice.status_code) == (303, 409)
    where = f"/officer/proposals/{proposal(asked)}/approve"
    assert desk.one.post(where, data={"note": ""}).status_code == 403
    assert mine.post(f"/refunds/{row.ref}/bank", data={**named, "holder": "M. Vogel"}).status_code == 303
    assert desk.two.post(where, data={"note": ""}).status_code == 409, "another account than was proposed"
    assert mine.post(f"/refunds/{row.ref}/bank", data=named).status_code == 303
    assert desk.two.post(where, data={"note": ""}).status_code == 303
    assert mine.post(f"/refunds/{row.ref}/bank", data=named).status_code == 409, "what was agreed to stays"
    assert "Two of us have agreed" in mine.get(f"/refunds/{row.ref}/bank").text
    assert desk.one.post(f"/officer/books/refunds/{row.ref}/paid", data=sent).status_code == 303
    assert ledger.balance("bank", "EUR") == -paid.total
    assert ledger.balance("refund_due", "EUR", row.id).minor == 0
    assert db.session.get(Refund, row.id, populate_existing=True).state == "succeeded"
    work()
    assert "bank account that you named" in mine.get("/account/notices").text


def test_an_item_is_taken_back_before_it_is_bought_and_refunded_at_once(paid, market, client_of, work, again):  # noqa: F811
    mine = client_of(market.shopper)
    assert "Cancel and refund" in mine.get(f"/orders/{market.order.ref}").text
    assert client_of(factories.account()).post(f"/orders/items/{paid.ref}/cancel").status_code == 404
    assert mine.post(f"/orders/items/{paid.ref}/cancel").status_code == 303
    work()
    assert again(paid).state == "refunded"
    assert again(market.order).state == "completed"
    assert [r.amount for r in db.session.execute(select(Refund)).scalars()] == [paid.total]
    assert ledger.balance("exchange", "EUR").minor == ledger.balance("exchange", "JPY").minor == 0
    assert books.check_all(with_provider=False).faults == []
    mine.post(f"/orders/items/{paid.ref}/cancel")
    assert len(db.session.execute(select(Refund)).scalars().all()) == 1


def test_what_is_bought_can_not_be_taken_back(paid, market, client_of, again):  # noqa: F811
    with transaction():
        door.transition(factories.actor(market.owner), load_locked(OrderItem, id=paid.id), "purchase")
    client_of(market.shopper).post(f"/orders/items/{paid.ref}/cancel")
    assert again(paid).state == "purchased"
    assert ledger.balance("escrow", "EUR", paid.id) == paid.total


def test_work_that_was_given_up_is_tried_again_or_set_aside_with_a_reason(desk):
    with transaction():
        first, second = (outbox.put("refund.failed", refund_id="x") for _ in range(2))
    with transaction():
        for key in (first, second):
            row = load_locked(OutboxRow, id=key)
            row.failed_at, row.attempts = clock.now(), 12
    assert "refund.failed" in desk.one.get("/officer/work").text
    assert desk.one.post(f"/officer/work/{first}/resume").status_code == 303
    assert db.session.get(OutboxRow, first, populate_existing=True).failed_at is None
    assert desk.one.post(f"/officer/work/{second}/set-aside", data={"reason": "x"}).status_code == 422
    assert desk.one.post(f"/officer/work/{second}/set-aside", data={"reason": REASON}).status_code == 303
    row = db.session.get(OutboxRow, second, populate_existing=True)
    assert (row.set_aside, row.failed_at) == (REASON, None)
    assert row.done_at is not None
    assert desk.one.post(f"/officer/work/{second}/resume").status_code == 409
    assert desk.one.post("/officer/work/nonsense/resume").status_code == 404


def test_payment_figures_count_each_attempt_once(desk, paid):
    page = desk.one.get("/officer/payments").text
    assert "Germany" in page
    assert "100.0" in page
    assert "EUR" in desk.one.get("/officer/held").text


def tries(market, provider, client, *outcomes):  # noqa: F811
    """Each on the same hosted page; its events come afterwards, twice and turned round."""
    page = payments.start(factories.actor(market.shopper), market.bill.ref)
    mark = provider.mark()
    for outcome in outcomes:
        provider.pay(page, outcome)
    events = provider.events_since(mark)[::-1]
    provider.deliver(client, *events, *events)


def test_each_try_is_counted_once_however_we_hear_of_it_and_so_is_what_was_paid_in_the_end(
    desk, market, provider, client, work  # noqa: F811
):  # fmt: skip
    tries(market, provider, client, "insufficient_funds", "insufficient_funds", "lost_card", "succeed")
    work()
    settling.refetch(db.session.execute(select(Attempt.id)).scalar_one())
    today = clock.today()
    rows = [tuple(row) for row in figures.declines(today, today)]
    assert rows == [("insufficient_funds", "card", "DE", 2, 1, 1), ("lost_card", "card", "DE", 1, 1, 1)]
    (card,) = figures.by_method(today, today)
    assert (card.method, card.tried, card.paid, card.refused, card.accepted) == ("card", 1, 1, 3, 250)
    page = desk.one.get("/officer/payments").text
    assert "insufficient_funds" in page
    assert "25.0 %" in page


def test_a_lenders_no_counts_for_the_lender_though_a_card_pays_in_the_end(market, provider, client, work):  # noqa: F811
    page = payments.start(factories.actor(market.shopper), market.bill.ref)
    mark = provider.mark()
    where = httpx.post(page, data={"outcome": "klarna"}).headers["location"]
    httpx.post(provider.url + where, data={"outcome": "decline"})
    provider.pay(page)
    provider.deliver(client, *provider.events_since(mark))
    work()
    today = clock.today()
    by = {row.method: (row.tried, row.paid, row.refused) for row in figures.by_method(today, today)}
    assert by == {"card": (1, 1, 0), "klarna": (0, 0, 1)}


def test_refunds_that_failed_are_listed_to_the_last_with_what_to_do(desk, paid):
    attempt = db.session.execute(select(Attempt).filter_by(state="succeeded")).scalar_one()
    with transaction():
        for n in range(26):
            row = Refund(ref=f"RFD-{n:02}", attempt_id=attempt.id, account_id=attempt.account_id, currency="EUR",
                         subject=attempt.subject, order_ref=attempt.order_ref, escrow_owner=str(paid.id), reason="test",
                         amount_minor=1, refusal="expired_or_canceled_card")  # fmt: skip
            door.created(SYSTEM, row)
            door.transition(SYSTEM, row, "fail")
    first = desk.one.get("/officer/books?releases=").text
    assert "The card or account is closed." in first
    assert ("RFD-23" in first, "RFD-24" in first) == (True, False)
    older = re.search(r'rel="prev" href="([^"]+)"', first)[1].replace("&amp;", "&")
    assert "RFD-25" in desk.one.get(older).text
