"""Invoices for our fees: without gaps, never changed, taxed by the row of the day, credited when a fee goes back."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from daigou.core import clock
from daigou.core.db import db, transaction
from daigou.core.money import Money
from daigou.invoicing import issuing, jobs, rules, showing, taxing
from daigou.invoicing.models import Invoice
from daigou.ledger import service as ledger
from daigou.payments import service
from daigou.payments.actor import SYSTEM
from daigou.payments.refunds import refunding
from tests import factories
from tests.payments.test_payouts import several, take_back  # noqa: F401
from tests.payments.test_releases import walk


def rows():
    statement = select(Invoice).order_by(Invoice.number).execution_options(populate_existing=True)
    return list(db.session.execute(statement).scalars())


def test_an_order_that_is_paid_has_its_invoice_and_a_refund_of_the_fee_its_credit_note(market, pay, again, work):
    pay(market.shopper, market.bill)
    item = again(market.item)
    (invoice,) = rows()
    assert (invoice.kind, invoice.gross.minor, invoice.about_ref) == ("service_fee", item.fee_minor, market.order.ref)
    assert issuing.for_order(market.order.id).id == invoice.id
    refunding.refund(SYSTEM, item, item.total, "test")
    walk(item, "withdraw")
    work()
    first, note = rows()
    assert (note.kind, note.gross, note.corrects) == ("credit_note", -invoice.gross, first.number)
    work()
    assert len(rows()) == 2


def test_a_refund_that_leaves_our_fee_needs_no_credit_note(market, pay, again, work):
    pay(market.shopper, market.bill)
    refunding.refund(SYSTEM, again(market.item), Money(100, "EUR"), "test")
    work()
    assert [row.kind for row in rows()] == ["service_fee"]


def test_a_month_of_commission_is_one_invoice_equal_to_the_ledger_and_run_twice_it_is_one(several, market):  # noqa: F811
    for item in several:
        service.release_item(SYSTEM, item, "receipt_confirmed")
    take_back(several[0], several[0].total, "one")
    today = clock.today()
    later = (today.replace(day=28) + timedelta(days=5)).replace(day=2)
    with clock.use(clock.FixedClock(clock.now() + (later - today))):
        jobs.monthly()
        jobs.monthly()
    (invoice,) = [row for row in rows() if row.kind == "commission"]
    earned = ledger.balance("commission", "JPY") + ledger.balance("reserve", "JPY")
    earned += ledger.balance("vat_due", "JPY", "JP")
    assert invoice.gross == earned
    assert invoice.gross.minor == sum(item.commission_minor for item in several[1:])
    assert (invoice.vat_permille, invoice.treatment) == (Decimal(100), "standard")
    assert ledger.balance("vat_due", "JPY", "JP") == invoice.vat
    assert invoice.vat.minor == round(Fraction(invoice.gross.minor, 11))


def test_tax_goes_by_where_the_customer_is_and_whether_it_is_a_business(app):
    day = date(2026, 11, 22)
    assert taxing.tax_of("JP", True, day).permille == 100
    assert taxing.tax_of("KR", True, day).treatment == "export"
    assert "reverse charge" in taxing.tax_of("KR", True, day).note
    with pytest.raises(taxing.NoTaxRule):
        taxing.tax_of("JP", True, date(2025, 1, 1))


def test_an_invoice_can_not_be_changed_by_anybody(market, pay):
    pay(market.shopper, market.bill)
    for statement in ("UPDATE invoices SET gross_minor = 1", "DELETE FROM invoices", "TRUNCATE invoices"):
        with pytest.raises(DBAPIError), db.session.begin_nested():
            db.session.execute(text(statement))


def test_its_page_on_paper_says_its_number_and_is_the_buyers_alone(market, pay, client_of):
    pay(market.shopper, market.bill)
    (invoice,) = rows()
    assert showing.typeset(invoice).startswith(b"%PDF")
    mine = client_of(market.shopper).get(f"/invoices/{invoice.number}.pdf")
    assert (mine.status_code, mine.mimetype) == (200, "application/pdf")
    assert client_of(factories.account()).get(f"/invoices/{invoice.number}.pdf").status_code == 404


def test_numbers_have_no_gaps_whatever_fails_and_whoever_races(committed_app):
    def draw(fails):
        with committed_app.app_context():
            try:
                with transaction():
                    found = issuing._next("JP", 2026)
                    if fails:
                        raise ZeroDivisionError
                return found
            except ZeroDivisionError:
                return None
            finally:
                db.session.remove()

    with ThreadPoolExecutor(6) as pool:
        found = list(pool.map(draw, [n % 3 == 0 for n in range(30)]))
    assert sorted(n for n in found if n) == list(range(1, 21))


@given(st.integers(-(10**12), 10**12), st.integers(0, 500))
def test_net_and_tax_are_always_the_gross(gross, permille):
    parts = rules.split(Money(gross, "EUR"), rules.Tax(Decimal(permille), "standard", ""))
    assert parts.gross == Money(gross, "EUR")
    assert abs(parts.net.minor * permille - parts.vat.minor * 1000) <= 1000 + permille


@given(*[st.integers(0, 10**6)] * 4)
def test_no_more_of_a_fee_goes_back_than_was_charged(goods, freight, fee, refunded):
    price = [Money(n, "EUR") for n in (goods, freight, fee)]
    back = rules.fee_refunded(*price, Money(min(refunded, goods + freight + fee), "EUR"))
    assert 0 <= back.minor <= fee


def test_the_month_before():
    assert rules.month_before(date(2027, 1, 3)) == (date(2026, 12, 1), date(2027, 1, 1))
    assert rules.month_before(date(2026, 3, 31)) == (date(2026, 2, 1), date(2026, 3, 1))


