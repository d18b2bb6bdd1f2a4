"""A real order: its life on one page, attempts at it by strangers, and an export of it that proves itself."""

import pytest
from sqlalchemy import select

from compliance.audit import service
from compliance.audit.models import Entry, Proposal
from compliance.audit.verify import verify_bundle
from daigou.core.db import db
from tests import factories
from tests.officer.test_exports import ask, fetched, the_export


@pytest.fixture
def shopper(house):
    return factories.account()


@pytest.fixture
def order(house, shopper):
    factories.rates()
    shop, _owner = factories.merchant()
    return factories.paid_order(shopper, factories.listing(shop))


def test_its_life_is_reached_in_one_look(desk, order):
    page = desk.get(f"/officer/audit?q={order.ref}", follow_redirects=True)
    assert page.status_code == 200
    for words in ("Order: created", "Order item: created", "Bill: created"):
        assert words in page.text
    assert order.subject in page.text


def test_a_stranger_at_anothers_order_gets_404_and_an_entry(browser_of, desk, order):
    stranger = factories.account()
    assert browser_of(stranger).get(f"/orders/{order.ref}").status_code == 404
    entry = db.session.execute(select(Entry).where(Entry.outcome == "denied")).scalar_one()
    assert (entry.actor, entry.order_ref, entry.kind) == (stranger.subject, order.ref, "access:denied")
    assert "Access: denied" in desk.get(f"/officer/audit/things/{order.ref}").text


def test_the_owners_own_look_is_no_attempt(browser_of, shopper, order):
    assert browser_of(shopper).get(f"/orders/{order.ref}").status_code == 200
    assert db.session.query(Entry).filter_by(outcome="denied").count() == 0


@pytest.mark.parametrize("facet", ["order_ref", "merchant_ref", "subject"])
def test_an_export_by_each_reference_verifies(desk, browser_of, order, work, tmp_path, client_on, facet):
    browser_of(factories.account()).get(f"/orders/{order.ref}")
    factories.merchant("Another Shop")
    work()
    item = factories.items_of(order)[0]
    given = {"order_ref": order.ref, "merchant_ref": item.merchant_ref, "subject": order.subject}
    service.sequence()
    assert ask(desk, **{"order_ref": "", facet: given[facet]}).status_code == 303
    if facet == "subject":
        assert the_export().progress == 0
        asked = db.session.execute(select(Proposal)).scalar_one()
        second = browser_of(factories.account("officer"))
        assert second.post(f"/officer/proposals/{asked.ref}/approve").status_code == 303
    work()
    fetched(desk, tmp_path / "trail.zip")
    report = verify_bundle(tmp_path / "trail.zip", client_on.get("/log/vkey").text)
    assert report.findings == []
    assert report.exit_code == 0
    assert report.facts["entries"] > 2
    assert report.facts["hashes only"] > 2
