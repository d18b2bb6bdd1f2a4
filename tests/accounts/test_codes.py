"""Six digits by mail and text message, and passwords that are known elsewhere."""

import re
from datetime import timedelta

import pytest

from daigou.accounts import directory
from daigou.accounts.models import Code
from daigou.core import clock
from daigou.core.db import db
from tests import factories

from .people import fresh_email, mails, sign_up, words


def code_of(email, kind="account.confirm"):
    body = [mail["body"] for mail in mails(email) if mail["kind"] == kind][-1]
    return re.search(r"\b(\d{6})\b", body).group(1)


def confirm(browser, email, code):
    return browser.post("/sign-up/code", data={"email": email, "code": code})


def test_an_address_is_confirmed_by_code_on_another_device(app, client):
    email = fresh_email()
    sign_up(client, email)
    code, phone = code_of(email), app.test_client()
    assert confirm(phone, email, f" {code[:3]} {code[3:]} ").status_code == 303
    assert directory.by_email(email).state == "active"
    assert confirm(phone, email, code).status_code == 422, "once"


def test_a_wrong_code_and_an_unknown_address_are_answered_alike(app, client):
    email = fresh_email()
    sign_up(client, email)
    wrong, unknown = confirm(client, email, "000000"), confirm(client, fresh_email(), "000000")
    assert wrong.status_code == unknown.status_code == 422
    assert "not right, or it is too old" in words(wrong)
    assert "not right, or it is too old" in words(unknown)


def test_five_wrong_tries_spend_a_code(app, client):
    email = fresh_email()
    sign_up(client, email)
    right = code_of(email)
    for n in range(5):
        confirm(client, email, f"{(int(right) + n + 1) % 1_000_000:06d}")
    assert confirm(client, email, right).status_code == 422


def test_a_code_lives_ten_minutes(client):
    email = fresh_email()
    sign_up(client, email)
    with clock.use(clock.FixedClock(clock.now() + timedelta(minutes=10, seconds=1))):
        assert confirm(client, email, code_of(email)).status_code == 422


def test_the_database_does_not_know_the_code(client):
    email = fresh_email()
    sign_up(client, email)
    row = db.session.query(Code).filter_by(account_id=directory.by_email(email).id).one()
    assert code_of(email).encode() not in row.code_hash


@pytest.fixture
def mara(sandbox, client_of):
    account = factories.account()
    return account, client_of(account)


def test_a_phone_number_is_confirmed_by_the_code_that_arrives(sandbox, mara, work):
    account, browser = mara
    assert browser.post("/account/phone", data={"phone": "0151 23456789"}).status_code == 303
    assert account.phone is None
    work()
    assert "+4915123456789" in sandbox.http.get("/sms").text
    code = code_of(account.email, "account.phone_code")
    assert code in sandbox.http.get("/sms").text
    assert browser.post("/account/phone/confirm", data={"code": "000000"}).status_code == 422
    assert browser.post("/account/phone/confirm", data={"code": code}).status_code == 303
    kept = directory.by_email(account.email)
    assert kept.phone == "+4915123456789"
    assert b"4915123456789" not in kept.phone_sealed
    assert "+4915123456789" in browser.get("/account/security").text
    browser.post("/account/phone/remove")
    assert kept.phone is kept.phone_index is None


@pytest.mark.parametrize("typed", ["12", "call me", "", "+1" + "9" * 60, "🦊", "+49 30 \u202e1"])
def test_what_is_no_number_is_said_at_the_field(mara, typed):
    _account, browser = mara
    answer = browser.post("/account/phone", data={"phone": typed})
    assert answer.status_code == 422
    assert 'id="phone-error"' in answer.text


def test_a_number_that_the_gateway_refuses_is_not_tried_for_ever(sandbox, mara, work):
    _account, browser = mara
    browser.post("/account/phone", data={"phone": "+49 151 23450000"})
    work()
    assert "+4915123450000" not in sandbox.http.get("/sms").text
    assert work() == 0


def test_codes_are_not_sent_without_end(mara):
    _account, browser = mara
    answers = [browser.post("/account/phone", data={"phone": "0151 23456789"}).status_code for _ in range(11)]
    assert answers == [303] * 10 + [422]


def test_a_password_of_a_known_breach_is_refused(sandbox, client):
    answer = sign_up(client, fresh_email(), password="leaked walrus copper umbrellas")
    assert answer.status_code == 422
    assert "has leaked elsewhere" in words(answer)
    assert sign_up(client, fresh_email()).status_code == 303


def test_a_breach_list_that_is_away_stops_nobody(app, client):
    from daigou.providers import breaches

    kept, app.extensions["breaches"] = app.extensions["breaches"], breaches.from_url("http://127.0.0.1:9")
    try:
        assert sign_up(client, fresh_email()).status_code == 303
    finally:
        app.extensions["breaches"] = kept
