"""Before money, addresses, payouts and security: who is it? It lasts ten minutes, and nothing typed is lost."""

from datetime import timedelta

import pytest

from daigou.accounts import passwords
from daigou.core import clock
from tests import factories

from .people import PASSWORD
from .test_factors import code, with_app


def later(minutes=11):
    return clock.use(clock.FixedClock(clock.now() + timedelta(minutes=minutes)))


@pytest.fixture
def mara(app):
    return factories.account(password_hash=passwords.hashed(PASSWORD))


ASKED = {
    "merchant": ("/merchant/payouts/onboard", "/merchant/members"),
    "officer": ("/officer/refunds/RFD-X/retry", "/officer/releases/REL-X/retry", "/officer/proposals/PRP-X/approve"),
    "shopper": ("/addresses/ADR-X", "/addresses/ADR-X/delete", "/account/recovery-codes",
                "/account/authenticator/remove", "/account/phone"),
}  # fmt: skip


def test_what_concerns_money_and_addresses_asks_again_after_ten_minutes(app, client_of):
    _shop, owner = factories.merchant()
    people = {"merchant": owner, "officer": factories.account("officer"), "shopper": factories.account()}
    for role, routes in ASKED.items():
        browser = client_of(people[role])
        with later():
            for route in routes:
                answer = browser.post(route, data={"typed": "kept <b>"})
                assert (route, answer.status_code) == (route, 422)
                assert 'name="proof"' in answer.text
                assert 'name="typed" value="kept &lt;b&gt;"' in answer.text


def test_the_form_goes_on_with_the_proof(client_of, mara):
    from .test_addresses import LEIPZIG, book, send

    browser = client_of(mara)
    send(browser)
    (old,) = book(mara)
    with later():
        form = {**LEIPZIG, "street": "Südplatz 1", "once": "o" * 20}
        assert browser.post(f"/addresses/{old.ref}", data=form).status_code == 422
        assert browser.post(f"/addresses/{old.ref}", data={**form, "proof": "wrong"}).status_code == 422
        assert book(mara)[0].ref == old.ref
        assert browser.post(f"/addresses/{old.ref}", data={**form, "proof": PASSWORD}).status_code == 303
        assert book(mara)[0].content["street"] == "Südplatz 1"
        assert browser.post(f"/addresses/{book(mara)[0].ref}/delete").status_code == 303, "for ten minutes"


def test_a_page_leads_there_and_back(client_of, mara):
    browser = client_of(mara)
    with later():
        there = browser.get("/account/authenticator").headers["Location"]
        assert there == "/account/step-up?next=/account/authenticator"
        back = browser.post("/account/step-up", data={"proof": PASSWORD, "next": "/account/authenticator"})
        assert back.headers["Location"] == "/account/authenticator"
        assert browser.get("/account/authenticator").status_code == 200
        evil = browser.post("/account/step-up", data={"proof": PASSWORD, "next": "//evil.example"})
        assert evil.headers["Location"] == "/account/security"


def test_the_apps_code_is_a_proof_once(client_of, mara):
    with_app(mara)
    browser = client_of(mara)
    with later():
        now = code()
        assert browser.post("/account/step-up", data={"proof": now}).status_code == 303
    with later(23):
        assert browser.post("/account/step-up", data={"proof": now}).status_code == 422


def test_a_proof_is_of_one_browser_only(client_of, mara):
    one, other = client_of(mara), client_of(mara)
    with later():
        one.post("/account/step-up", data={"proof": PASSWORD})
        assert one.post("/account/recovery-codes").status_code == 409
        assert other.post("/account/recovery-codes").status_code == 422


def test_guessing_is_ended_and_noted(client_of, mara):
    browser = client_of(mara)
    with later():
        for _ in range(5):
            assert browser.post("/account/step-up", data={"proof": "wrong"}).status_code == 422
        assert browser.post("/account/step-up", data={"proof": PASSWORD}).status_code == 422
