"""People read moments on their own clock, with its zone named; evidence stays in UTC."""

import re
from datetime import UTC, datetime

import pytest
from babel.dates import get_timezone

from compliance.privacy import letters
from compliance.privacy.models_requests import PrivacyRequest
from daigou.accounts.sessions.models import Session
from daigou.core import zones
from daigou.core.db import db
from daigou.core.i18n import format_day, format_evidence, format_moment, in_zone
from daigou.notices.models import Notice
from daigou.notices.service import speaking
from tests import factories

WINTER = datetime(2026, 1, 15, 23, 30, tzinfo=UTC)


@pytest.mark.parametrize(
    ("zone", "shown"),
    [("UTC", "11:30 PM UTC"), ("Europe/Berlin", "12:30 AM UTC+1"), ("Asia/Kolkata", "5:00 AM UTC+5:30"),
     ("America/New_York", "6:30 PM UTC-5")],
)
def test_a_moment_is_shown_on_the_readers_clock_with_its_zone(app, zone, shown):
    with speaking("en", zone):
        text = format_moment(WINTER).replace("\u202f", " ")
        assert shown in text
        assert format_day(WINTER) == ("Jan 15, 2026" if zone in ("UTC", "America/New_York") else "Jan 16, 2026")
        assert "11:30 PM UTC" in format_evidence(WINTER).replace("\u202f", " ")


def test_a_job_that_writes_to_nobody_writes_utc(app):
    assert format_moment(WINTER).endswith("UTC")
    with in_zone("Asia/Tokyo"), speaking("en", "UTC"):
        assert format_moment(WINTER).endswith("UTC"), "whoever causes the news is not who reads it"


def test_every_country_has_a_zone_that_exists_and_the_choices_all_do(app):
    for country in ("DE", "JP", "CN", "US", "RU", "AU", "BR", "KR", "TW", "HK", "GB", "CA"):
        assert zones.of_country(country) in zones.known()
    assert zones.of_country("ZZ") == "UTC"
    assert all(get_timezone(name) for name in zones.known())


def settings(browser, **changes):
    data = {"name": "Mara", "language": "en", "currency": "EUR", "time_zone": "", **changes}
    return browser.post("/account", data=data)


def seen_at(account):
    statement = db.select(Session.created_at).where(Session.account_id == account.id).order_by(Session.id)
    return db.session.execute(statement).scalars().first()


def test_the_country_gives_the_zone_until_another_is_chosen(app, client_of):
    account = factories.account(country="JP")
    browser = client_of(account)
    at = seen_at(account)

    def shown(zone):
        with speaking("en", zone):
            expected = format_moment(at)
        return expected in browser.get("/account/security").text

    assert shown("Asia/Tokyo")
    assert settings(browser, time_zone="America/New_York").status_code == 303
    assert shown("America/New_York")
    page = browser.get("/account").text
    assert re.search(r'<option[^>]*selected[^>]*value="America/New_York"|value="America/New_York"[^>]*selected', page)
    assert settings(browser, time_zone="Mars/Olympus").status_code == 422
    assert settings(browser).status_code == 303
    assert shown("Asia/Tokyo")


def test_a_letter_to_somebody_who_is_only_known_by_id_states_its_deadline_on_their_clock(app, client_of):
    """Whoever writes says in which language and zone: `speaking` takes both or none."""
    account = factories.account(country="JP")
    client_of(account).post("/account/privacy/erasure", data={"once": "e" * 20})
    row = db.session.execute(db.select(PrivacyRequest).filter_by(account_id=account.id)).scalar_one()
    letters.asked(row.id)
    told = db.session.execute(db.select(Notice).filter_by(account_id=account.id, kind="privacy.asked")).scalar_one()
    assert "UTC+9" in told.content["body"]
    with pytest.raises(TypeError):
        speaking("en")
