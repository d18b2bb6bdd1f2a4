"""Who agreed to what, in which version, and took it back when."""

import pytest
from sqlalchemy import select

from compliance.audit.models import Entry
from compliance.privacy import consents
from compliance.privacy.models import Consent
from daigou.accounts import directory, joining
from daigou.core.db import db
from daigou.core.errors import Impossible, NotFound
from tests import factories


@pytest.fixture
def person(app):
    return factories.account()


@pytest.fixture
def me(person):
    return factories.actor(person)


def test_signing_up_puts_both_texts_on_the_register(app):
    wish = joining.SignUp("new@example.test", "Mara", "quiet otters fold maps", "DE", "EUR", "en")
    joining.sign_up(wish)
    account = directory.by_email("new@example.test")
    now = consents.of(account.id)
    assert {kind: (row.given, row.channel) for kind, row in now.items()} == {
        "terms": (True, "sign_up"),
        "privacy": (True, "sign_up"),
    }
    assert consents.outdated(account.id) == []


def test_saying_the_same_again_adds_nothing(me, person):
    for _again in range(2):
        consents.record(me, ["news"], given=True, channel="page")
    assert db.session.query(Consent).filter_by(account_id=person.id).count() == 1
    consents.record(me, ["news"], given=False, channel="page")
    assert not consents.of(person.id)["news"].given
    kinds = db.session.scalars(select(Entry.kind).filter_by(stream=f"consent/{person.id}").order_by(Entry.stream_no))
    assert list(kinds) == ["consent:given", "consent:withdrawn"]


def test_what_the_account_stands_on_can_not_be_taken_back_alone(me):
    with pytest.raises(Impossible):
        consents.record(me, ["terms"], given=False, channel="page")
    with pytest.raises(NotFound):
        consents.record(me, ["no_such"], given=True, channel="page")


def test_a_new_version_asks_anew(me, person, monkeypatch):
    consents.record(me, consents.AT_SIGN_UP, given=True, channel="page")
    newer = consents.Text("2027-01", "Terms", "Newer", needed=True)
    monkeypatch.setitem(consents.TEXTS, "terms", newer)
    assert consents.outdated(person.id) == ["terms"]
    consents.record(me, ["terms"], given=True, channel="page")
    assert consents.outdated(person.id) == []


def test_on_ones_own_page_one_agrees_and_takes_back(client_of, person):
    browser = client_of(person)
    browser.post("/account/privacy/consents/news", data={"given": "yes"})
    assert "Yes, version" in browser.get("/account/privacy").text
    browser.post("/account/privacy/consents/news", data={"given": "no"})
    assert "Taken back" in browser.get("/account/privacy").text


def test_a_browser_that_asks_not_to_be_sold_is_heard(client_of, person):
    browser = client_of(person)
    page = browser.get("/account/privacy", headers={"Sec-GPC": "1"})
    assert "We treat that as your own word." in page.text
    assert consents.of(person.id)["sale_opt_out"].channel == "browser_signal"
