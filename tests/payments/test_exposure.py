"""What we hold and owe by currency, and what moving rates brought or cost, against figures worked out by hand."""

from datetime import timedelta

import pytest

from daigou.core import clock
from daigou.core.access import system
from daigou.core.db import load_locked, transaction
from daigou.core.errors import Denied
from daigou.core.money import Money
from daigou.ledger.rules import credit, debit
from daigou.ledger.service import post
from daigou.payments.reporting import exposure
from tests import factories


@pytest.fixture
def books(app):
    """An account to post about, and a way to post."""
    about = factories.account()

    def book(key, *lines):
        with transaction():
            post(system("test"), load_locked(type(about), id=about.id), "test", f"test:{key}", lines)

    return book


@pytest.fixture
def officer(app):
    return factories.actor(factories.account("officer"))


def eur(minor):
    return Money(minor, "EUR")


def jpy(minor):
    return Money(minor, "JPY")


def test_a_position_is_what_we_hold_and_are_owed_less_what_we_owe(books, officer):
    books("in", debit("clearing", jpy(16_000)), credit("exchange", jpy(16_000)),
          debit("exchange", eur(10_000)), credit("escrow", eur(10_000), "item"))  # fmt: skip
    books("refund", debit("escrow", eur(2_500), "item"), credit("refund_due", eur(2_500), "refund"))
    books("owed", debit("claim", jpy(700), "merchant"), credit("reserve", jpy(700)))
    yen, euro = (next(p for p in exposure.positions(officer) if p.currency == code) for code in ("JPY", "EUR"))
    assert (euro.held, euro.owed, euro.in_transit, euro.open) == (eur(0), eur(10_000), eur(2_500), eur(-10_000))
    assert (yen.held, yen.owed, yen.owed_to_us, yen.open) == (jpy(16_000), jpy(0), jpy(700), jpy(16_700))


def test_gain_and_loss_are_summed_by_month_and_currency(books, officer):
    now = clock.now().replace(day=15, hour=12)
    for key, at, minor in (
        ("a", now, 300), ("b", now, -100), ("c", now - timedelta(days=31), -50), ("d", now - timedelta(days=62), 7),
    ):  # fmt: skip
        with clock.use(clock.FixedClock(at)):
            books(key, credit("exchange_result", jpy(minor)), debit("exchange", jpy(minor)))
    found = exposure.results(officer)
    assert [(row.month.month, row.result) for row in found] == [
        (now.month, jpy(200)),
        ((now - timedelta(days=31)).month, jpy(-50)),
        ((now - timedelta(days=62)).month, jpy(7)),
    ]


def test_the_page_sends_one_query_for_each_and_shows_them(books, officer, client_of, statements):
    books("in", debit("clearing", jpy(16_000)), credit("exchange_result", jpy(16_000)))
    books("owed", debit("exchange", eur(1_000)), credit("wallet", eur(1_000), "shopper"))
    browser = client_of(factories.account("officer"))
    with statements() as seen:
        page = browser.get("/officer/exposure")
    assert "¥16,000" in page.text
    assert "-€10.00" in page.text
    assert len([line for line in seen if "ledger_" in line]) == 2
    with pytest.raises(Denied):
        exposure.positions(factories.actor(factories.account()))
