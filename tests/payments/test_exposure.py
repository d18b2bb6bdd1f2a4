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


def test_what_lies_at_our_bank_and_is_owed_to_others_moves_with_the_rate_too(books, officer):
    books("bank", debit("bank", jpy(9_000)), debit("bank_transit", jpy(1_000)), credit("deposit", jpy(4_000), "shop"),
          credit("vat_due", jpy(500)), credit("service_fee", jpy(5_500)))  # fmt: skip
    books("insurer", debit("insurance_claim", jpy(300), "parcel"), credit("escrow", jpy(300), "item"))
    books("case", debit("disputed", jpy(200), "case"), credit("bank", jpy(200)))
    (yen,) = (p for p in exposure.positions(officer) if p.currency == "JPY")
    assert (yen.held, yen.owed, yen.owed_to_us, yen.open) == (jpy(9_800), jpy(4_800), jpy(500), jpy(5_500))


def test_gain_and_loss_are_summed_by_month_and_currency(books, officer):
    now = clock.now().replace(day=15, hour=12)
    for key, at, minor in (
        ("a", now, 300), ("b", now, -100), ("c", now - timedelta(days=31), -50), ("d", now - timedelta(days=62), 7),
        ("e", now - timedelta(days=400), 9),
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
