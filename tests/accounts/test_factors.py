"""Second factors: staff must have one, codes work once, and losing one is a matter of paper codes."""

from datetime import timedelta

import pyotp
import pytest

from daigou.accounts import passwords
from daigou.accounts.factors import totp
from daigou.accounts.factors.models import RecoveryCode, Totp
from daigou.core import clock
from daigou.core.db import db
from tests import factories

from .people import PASSWORD, joined, mails, sign_in, words

SECRET = "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP"
OTHER = "KRSXG5CTMVRXEZLUKRSXG5CTMVRXEZLU"


def code(secret=SECRET, step=0):
    return pyotp.TOTP(secret).generate_otp(int(clock.now().timestamp()) // 30 + step)


def with_app(account, secret=SECRET):
    """An authenticator app that is set up."""
    row = Totp(account_id=account.id, subject=account.subject, confirmed_at=clock.now())
    row.secret = secret
    db.session.add(row)
    db.session.commit()
    return row


def enrol(browser):
    """Set an app up through the pages: (its secret, the recovery codes)."""
    import re

    page = browser.get("/account/authenticator").text
    secret = re.search(r'data-copy="([A-Z2-7]{32})"', page).group(1)
    answer = browser.post("/account/authenticator", data={"code": code(secret)})
    return secret, re.findall(r"<code>([0-9a-z-]{19})</code>", answer.text)


@pytest.fixture
def officer(app):
    return factories.account("officer", password_hash=passwords.hashed(PASSWORD))


def test_staff_without_a_factor_get_nowhere_but_to_setting_one_up(client, officer):
    assert sign_in(client, officer.email).headers["Location"] == "/account/enrol"
    for page in ("/officer/applications", "/officer/audit", "/account", "/account/security", "/documents/FIL-X"):
        assert client.get(page).headers["Location"] == "/account/enrol"
    assert client.post("/officer/staff", data={"email": "x@example.test"}).headers["Location"] == "/account/enrol"
    secret, codes = enrol(client)
    assert len(codes) == 10
    assert client.get("/officer/applications").status_code == 200
    client.post("/sign-out")
    assert sign_in(client, officer.email).headers["Location"] == "/sign-in/second-step"
    assert client.get("/officer/applications").status_code == 303, "half signed in is not signed in"
    assert client.post("/sign-in/second-step", data={"code": code(secret, 1)}).status_code == 303
    assert client.get("/officer/applications").status_code == 200


def test_the_first_factor_ends_other_sessions_and_is_told(app, client):
    account = joined(client)
    other = app.test_client()
    for browser in (client, other):
        sign_in(browser, account.email)
    enrol(client)
    assert (client.get("/account").status_code, other.get("/account").status_code) == (200, 303)
    assert "account.factor" in [mail["kind"] for mail in mails(account.email)]


def test_an_unfinished_set_up_asks_for_nothing_at_sign_in(client):
    account = joined(client)
    sign_in(client, account.email)
    first = client.get("/account/authenticator").text
    assert first.split("data-copy=")[1][:40] == client.get("/account/authenticator").text.split("data-copy=")[1][:40]
    assert client.post("/account/authenticator", data={"code": "000000"}).status_code == 422
    assert sign_in(client, account.email).headers["Location"] == "/"


def test_each_code_works_once_and_only_near_its_time(app):
    account = factories.account()
    row = with_app(account)
    assert not totp.takes(row, code(step=2))
    assert not totp.takes(row, code(step=-2))
    assert totp.takes(row, code(step=-1))
    now = code()
    assert totp.takes(row, f"{now[:3]} {now[3:]}")
    assert not totp.takes(row, now)
    assert not totp.takes(row, code(step=-1)), "nor one that is older than the last"
    assert totp.takes(row, code(step=1))
    for odd in ("", "x" * 500, "١٢٣٤٥٦", "🦊", "1234567"):
        assert not totp.takes(row, odd)


def test_a_recovery_code_opens_once_and_is_told(client):
    account = joined(client)
    sign_in(client, account.email)
    _secret, codes = enrol(client)
    for expected in (303, 422):
        client.post("/sign-out")
        sign_in(client, account.email)
        typed = codes[0].upper().replace("-", " ")
        assert client.post("/sign-in/second-step", data={"code": typed}).status_code == expected
    assert "account.recovery_used" in [mail["kind"] for mail in mails(account.email)]
    hashes = [bytes(row.code_hash) for row in db.session.query(RecoveryCode).filter_by(account_id=account.id)]
    assert len(hashes) == 10
    assert not any(code.encode() in kept for code in codes for kept in hashes)


def test_new_codes_replace_the_old(client):
    account = joined(client)
    sign_in(client, account.email)
    _secret, codes = enrol(client)
    assert client.post("/account/recovery-codes").text.count("<code>") == 10
    client.post("/sign-out")
    sign_in(client, account.email)
    assert client.post("/sign-in/second-step", data={"code": codes[0]}).status_code == 422


def test_somebody_elses_code_does_not_open(client):
    mara, eve = joined(client), factories.account()
    with_app(mara)
    with_app(eve, OTHER)
    sign_in(client, mara.email)
    assert client.post("/sign-in/second-step", data={"code": code(OTHER)}).status_code == 422


def test_guessing_the_second_step_is_locked_and_noted(app, client):
    account = joined(client)
    with_app(account)
    sign_in(client, account.email)
    said = [words(client.post("/sign-in/second-step", data={"code": "abcdef"})) for _ in range(6)]
    assert "too many wrong tries" in said[-1]
    assert client.post("/sign-in/second-step", data={"code": code()}).status_code == 422
    from .test_entering import kinds

    assert kinds(account).count("account:sign_in_failed") == 7


def test_the_second_step_waits_ten_minutes_and_dies_with_the_password(client):
    account = joined(client)
    with_app(account)
    sign_in(client, account.email)
    with clock.use(clock.FixedClock(clock.now() + timedelta(minutes=10, seconds=1))):
        assert client.get("/sign-in/second-step").headers["Location"] == "/sign-in"
        assert client.post("/sign-in/second-step", data={"code": code()}).headers["Location"] == "/sign-in"
    account.session_epoch += 1
    db.session.commit()
    assert client.get("/sign-in/second-step").headers["Location"] == "/sign-in"


def test_removing_the_app_ends_other_sessions_and_is_told(app, client, client_of):
    account = joined(client)
    sign_in(client, account.email)
    enrol(client)
    elsewhere = client_of(account)
    assert elsewhere.get("/account").status_code == 200
    assert client.post("/account/authenticator/remove").status_code == 303
    assert (client.get("/account").status_code, elsewhere.get("/account").status_code) == (200, 303)
    assert [mail["kind"] for mail in mails(account.email)].count("account.factor") == 2
    assert db.session.query(RecoveryCode).filter_by(account_id=account.id).count() == 0


def test_staff_keep_their_last_factor(client_of, officer):
    with_app(officer)
    assert client_of(officer).post("/account/authenticator/remove").status_code == 409
    assert totp.of(officer) is not None


def test_the_secret_is_sealed(app):
    row = with_app(factories.account())
    assert SECRET.encode() not in row.secret_sealed


def test_an_administrator_resets_what_a_colleague_has_lost(app, client_of, officer):
    with_app(officer)
    admin, theirs = factories.account("admin"), client_of(officer)
    assert client_of(officer).post(f"/officer/staff/{officer.subject}/reset-factors").status_code == 403
    assert client_of(admin).post(f"/officer/staff/{admin.subject}/reset-factors").status_code == 409
    assert client_of(admin).post(f"/officer/staff/{officer.subject}/reset-factors").status_code == 303
    assert theirs.get("/account").status_code == 303
    browser = app.test_client()
    assert sign_in(browser, officer.email).headers["Location"] == "/account/enrol"
    assert "account.factor" in [mail["kind"] for mail in mails(officer.email)]
