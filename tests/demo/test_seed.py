from datetime import timedelta

import pytest

from blueprints.public import cards
from daigou import demo
from daigou.accounts import entering
from daigou.accounts.models import Account, Merchant
from daigou.accounts.sessions.rules import Visit
from daigou.catalog.models import Listing
from daigou.catalog.rules import missing
from daigou.core import clock
from daigou.core.db import db
from tests import factories


@pytest.mark.slow
def test_the_demo_market_stands_once_and_everybody_can_sign_in(committed_app):
    logins = demo.seed_once(committed_app.extensions["config"])
    roles = [login["role"] for login in logins]
    assert roles[:5] == ["shopper", "inspector", "support", "officer", "admin"]
    assert len(logins) == 11
    for login in logins:
        account = entering.prove_password(login["email"], login["password"], Visit())
        assert account.state == "active"
        assert bool(entering.second_step(account)) == ("totp" in login) == account.is_staff
    listings = db.session.query(Listing).all()
    assert len(listings) == 32
    assert all(listing.state == "active" and not missing(listing) for listing in listings)
    assert {listing.category for listing in listings} == {"figures", "stationery"}
    days = [listing.created_at.date() for listing in db.session.query(Listing).order_by(Listing.created_at)]
    assert days[0] < clock.today() - timedelta(days=30), "put up over weeks"
    assert days[-1] <= clock.today()
    assert {merchant.country for merchant in db.session.query(Merchant)} == {"JP", "KR", "CN"}
    assert demo.seed_once(committed_app.extensions["config"]) == []
    assert db.session.query(Account).count() == 11
    cards.forget()
    factories.rates()
    browser = committed_app.test_client()
    page = browser.get("/")
    assert page.text.count('<article class="card">') == 32
    assert browser.get(f"/files/{listings[0].photos[0]}").status_code == 200
    cards.forget()
