"""Passkeys: the whole ceremonies against a key in software, and everything that a wrong one might answer."""

import pytest

from daigou.accounts.factors import passkeys
from daigou.accounts.factors.models import Passkey
from daigou.core.db import db
from tests import factories

from .authenticator import Key, b64
from .people import PASSWORD, joined, mails, sign_in
from .test_stepup import later


def new_key(app):
    rp_id, origin = passkeys.place()
    return Key(origin, rp_id)


def add(browser, key, **changes):
    options = browser.post("/account/passkeys/options").get_json()
    return browser.post("/account/passkeys", data={"credential": key.create(options, **changes), "name": "Blue key"})


def ask(browser):
    return browser.post("/sign-in/passkey/options").get_json()


def enter(browser, key, options=None, **changes):
    return browser.post("/sign-in/passkey", data={"credential": key.get(options or ask(browser), **changes)})


@pytest.fixture
def mara(client):
    account = joined(client)
    sign_in(client, account.email)
    return account


@pytest.fixture
def key(app, client, mara):
    made = new_key(app)
    assert add(client, made).text.count("<code>") == 10, "the first factor comes with recovery codes"
    return made


def test_signing_in_with_a_passkey_alone(app, client, mara, key):
    assert "Blue key" in client.get("/account/security").text
    browser = app.test_client()
    assert enter(browser, key).headers["Location"] == "/"
    assert browser.get("/account").status_code == 200
    assert "account.factor" in [mail["kind"] for mail in mails(mara.email)]


def test_a_passkey_as_second_step(app, mara, key):
    browser = app.test_client()
    assert sign_in(browser, mara.email).headers["Location"] == "/sign-in/second-step"
    options = ask(browser)
    assert [row["id"] for row in options["allowCredentials"]] == [b64(key.id)]
    assert enter(browser, key, options).status_code == 303
    assert browser.get("/account").status_code == 200


def test_a_passkey_is_enough_for_staff(app, client_of):
    from .test_factors import with_app

    officer, key = factories.account("officer"), new_key(app)
    with_app(officer)
    add(client_of(officer), key)
    browser = app.test_client()
    enter(browser, key)
    assert browser.get("/officer/applications").status_code == 200


def test_another_persons_passkey_is_no_second_step(app, mara, key, client_of):
    other, theirs = factories.account(), new_key(app)
    add(client_of(other), theirs)
    browser = app.test_client()
    sign_in(browser, mara.email)
    assert enter(browser, theirs).status_code == 422
    assert browser.get("/account").status_code == 303


@pytest.mark.parametrize(
    "changes",
    [{"origin": "https://evil.example"}, {"challenge": b64(b"x" * 64)}, {"type": "webauthn.create"}],
)
def test_an_answer_to_another_question_opens_nothing(app, key, changes):
    browser = app.test_client()
    assert enter(browser, key, **changes).status_code == 422
    assert browser.get("/account").status_code == 303


@pytest.mark.parametrize("changes", [{"origin": "https://evil.example"}, {"challenge": b64(b"x" * 64)}])
def test_an_answer_to_another_question_registers_nothing(app, client, mara, changes):
    assert add(client, new_key(app), **changes).status_code == 422
    assert db.session.query(Passkey).filter_by(account_id=mara.id).count() == 0


def test_without_a_pin_or_finger_it_counts_for_nothing(app, client, mara, key):
    key.verified = False
    assert enter(app.test_client(), key).status_code == 422
    lax = new_key(app)
    lax.verified = False
    assert add(client, lax).status_code == 422


def test_another_site_cannot_use_it(app, key):
    key.rp_id = "evil.example"
    assert enter(app.test_client(), key).status_code == 422


def test_a_challenge_is_answered_once_and_in_its_own_browser(app, key):
    browser = app.test_client()
    options = ask(browser)
    assert enter(app.test_client(), key, options).status_code == 422
    credential = key.get(options)
    assert browser.post("/sign-in/passkey", data={"credential": credential}).status_code == 303
    assert browser.post("/sign-in/passkey", data={"credential": credential}).status_code == 422


def test_a_counter_that_goes_back_is_a_copy(app, key):
    assert enter(app.test_client(), key).status_code == 303
    assert enter(app.test_client(), key).status_code == 303
    key.count = 0
    assert enter(app.test_client(), key).status_code == 422


def test_a_wrong_signature_opens_nothing(app, key):
    other = new_key(app)
    other.id, other.user, other.count = key.id, key.user, 100
    assert enter(app.test_client(), other).status_code == 422


def test_the_same_passkey_is_registered_once(app, client_of, key):
    assert add(client_of(factories.account()), key).status_code == 422


@pytest.mark.parametrize(
    "credential", ["", "{}", "[]", "null", "x" * 30_000, '{"rawId": 3}', '{"rawId": "AA", "response": 7}', "[" * 9_000]
)
def test_bytes_that_no_browser_sends_are_refused(app, client, mara, credential):
    client.post("/account/passkeys/options")
    assert client.post("/account/passkeys", data={"credential": credential, "name": ""}).status_code == 422
    browser = app.test_client()
    ask(browser)
    assert browser.post("/sign-in/passkey", data={"credential": credential}).status_code == 422


def test_a_closed_account_is_not_opened(app, mara, key):
    from daigou.accounts import freezing

    freezing.freeze(mara.id, "test")
    assert enter(app.test_client(), key).status_code == 422


def test_a_passkey_says_again_who_one_is(client, mara, key):
    with later():
        assert client.post("/account/recovery-codes").status_code == 422
        options = client.post("/account/passkeys/options", data={"for": "step-up"}).get_json()
        answer = client.post("/account/step-up/passkey", data={"credential": key.get(options), "next": "/account"})
        assert answer.headers["Location"] == "/account"
        assert client.post("/account/recovery-codes").status_code == 200


def test_removing_it_ends_its_power_and_other_sessions(app, client, mara, key):
    browser = app.test_client()
    enter(browser, key)
    row = db.session.query(Passkey).filter_by(account_id=mara.id).one()
    assert client.post(f"/account/passkeys/{row.id}/remove").status_code == 303
    assert browser.get("/account").status_code == 303
    assert enter(app.test_client(), key).status_code == 422
    assert sign_in(app.test_client(), mara.email, PASSWORD).headers["Location"] == "/"


def test_nobody_removes_anothers(client_of, mara, key):
    row = db.session.query(Passkey).filter_by(account_id=mara.id).one()
    assert client_of(factories.account()).post(f"/account/passkeys/{row.id}/remove").status_code == 409
    assert db.session.query(Passkey).filter_by(account_id=mara.id).count() == 1
