from datetime import timedelta
from decimal import Decimal

import pytest

from daigou.core import clock
from daigou.core.db import db
from daigou.core.errors import Unavailable
from daigou.core.money import Money
from daigou.pricing import board, history, jobs, service
from daigou.pricing.models import Rate
from daigou.providers import ecb
from tests import factories


@pytest.fixture(autouse=True)
def fresh(app):
    board.forget()
    yield
    board.forget()


def test_a_cross_rate_goes_through_the_euro(app):
    factories.rates()
    found = service.rate("JPY", "USD", with_spread=False)
    assert (found.rate, found.day, found.source) == (Decimal("0.0078125000"), clock.today(), "test")


def test_the_spread_row_makes_it_dearer(app):
    factories.rates()
    plain, dearer = (service.rate("JPY", "EUR", with_spread=spread) for spread in (False, True))
    assert dearer.rate == plain.rate * Decimal("1.015")
    assert dearer.spread_permille == 15


def test_one_currency_needs_no_rate_and_no_spread(app):
    found = service.rate("JPY", "JPY", with_spread=True)
    assert found.convert(Money(18_400, "JPY")) == Money(18_400, "JPY")


def test_without_a_rate_nothing_is_quoted(app):
    with pytest.raises(Unavailable) as caught:
        service.rate("JPY", "EUR", with_spread=True)
    assert caught.value.code == "pricing.no_rate"
    assert service.shown(Money(1, "JPY"), "EUR") is None


def test_a_rate_of_five_days_ago_holds_and_an_older_one_does_not(app):
    factories.rates(clock.today() - timedelta(days=5))
    assert service.rate("JPY", "EUR", with_spread=True).day == clock.today() - timedelta(days=5)
    with clock.use(clock.FixedClock(clock.now() + timedelta(days=1))), pytest.raises(Unavailable) as caught:
        service.rate("JPY", "EUR", with_spread=True)
    assert caught.value.code == "pricing.stale_rate"
    assert str(clock.today() - timedelta(days=5)) in str(caught.value.message)


def test_a_published_rate_is_never_changed(app):
    factories.rates(JPY="160")
    factories.rates(JPY="999")
    assert db.session.query(Rate).filter_by(currency="JPY").one().rate == 160


def test_a_fee_of_the_currency_goes_before_the_one_for_all(app):
    assert service.fee("service", "JPY").minimum_minor == 500
    assert service.fee("commission", "KRW").permille == 50
    with pytest.raises(Unavailable):
        service.fee("service", "INR")


def test_a_fee_of_a_day_before_all_tariffs_does_not_exist(app):
    with pytest.raises(Unavailable):
        service.fee("service", "EUR", clock.today().replace(year=2020))


def test_warm_pages_ask_no_database(app, statements):
    factories.rates()
    service.rate("JPY", "EUR", with_spread=True)
    with statements() as seen:
        service.rate("KRW", "USD", with_spread=True)
        service.fee("service", "EUR")
        assert service.stamp()
    assert seen == []


def test_the_job_keeps_what_the_bank_published(app, monkeypatch):
    rates = {"JPY": Decimal(178), "USD": Decimal("1.1")}
    monkeypatch.setattr(ecb, "fetch", lambda url: ecb.DailyRates(clock.today(), rates))
    jobs.refresh_missing_rates()
    jobs.refresh_rates()
    assert service.rate("EUR", "JPY", with_spread=False).rate == 178
    monkeypatch.setattr(ecb, "fetch", lambda url: pytest.fail("asked again without need"))
    jobs.refresh_missing_rates()


def test_rates_of_a_day_to_come_are_refused(app, monkeypatch):
    day = clock.today() + timedelta(days=9)
    monkeypatch.setattr(ecb, "fetch", lambda url: ecb.DailyRates(day, {"JPY": Decimal(178)}))
    with pytest.raises(ecb.BadFile):
        jobs.refresh_rates()


def test_the_bundled_history_is_whole():
    day, rates = next(iter(history.bundled()))
    assert day.year == 1999
    assert rates["JPY"] > 100
