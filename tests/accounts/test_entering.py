import pytest
from sqlalchemy import select

from compliance.audit.models import Entry
from daigou.accounts import passwords, staff
from daigou.core.db import db
from tests import factories

from .people import PASSWORD, fresh_email, joined, link, sign_in, words


def kinds(account):
    statement = select(Entry.kind).filter_by(stream=f"sign_in/{account.id}").order_by(Entry.stream_no)
    return list(db.session.execute(statement).scalars())


def test_signing_in_and_out(client):
    account = joined(client)
    assert client.get("/account").status_code == 303
    assert sign_in(client, account.email).headers["Location"] == "/"
    assert account.email in client.get("/account").text
    assert client.post("/sign-out").status_code == 303
    assert client.get("/account").status_code == 303


def test_the_refusal_is_the_same_whatever_is_wrong(client):
    account = joined(client)
    wrong = sign_in(client, account.email, "not the password at all")
    unknown = sign_in(client, fresh_email())
    for answer in (wrong, unknown):
        assert answer.status_code == 422
        assert "don’t belong together" in words(answer)
    assert kinds(account) == ["account:sign_in_failed"]


def test_the_same_work_is_done_for_nobody(monkeypatch):
    asked = []

    class Counting:
        def verify(self, *values):
            asked.append(values)
            return True

        def hash(self, password):
            return "$hash"

    monkeypatch.setattr(passwords, "_hasher", Counting())
    passwords._nobodys.cache_clear()
    assert passwords.matches(None, "x") is False
    assert passwords.matches("$real", "x") is True
    assert len(asked) == 2
    passwords._nobodys.cache_clear()


@pytest.mark.parametrize(
    "target", ["https://evil.example/", "//evil.example", "/\\evil.example", "javascript:alert(1)", "/\n/x"]
)
def test_nobody_is_led_elsewhere_after_signing_in(client, target):
    account = joined(client)
    assert sign_in(client, account.email, next=target).headers["Location"] == "/"
    assert client.get("/preferences", query_string={"next": target}).headers["Location"] == "/"


def test_one_comes_back_to_where_one_was_going(client):
    account = joined(client)
    there = client.get("/account/notices?cursor=abc").headers["Location"]
    assert there == "/sign-in?next=/account/notices?cursor%3Dabc"
    assert 'value="/account/notices?cursor=abc"' in client.get(there).text
    answer = sign_in(client, account.email, next="/account/notices?cursor=abc")
    assert answer.headers["Location"] == "/account/notices?cursor=abc"


def test_what_a_session_held_before_does_not_count_after_signing_in(client):
    account = joined(client)
    with client.session_transaction() as session:
        session["planted"], session["csrf_token"], session["visitor"] = "x", "known to somebody", "cart-of-mine"
    sign_in(client, account.email)
    with client.session_transaction() as session:
        assert "planted" not in session
        assert session.get("csrf_token") != "known to somebody"
        assert session["visitor"] == "cart-of-mine"


def test_a_closed_or_suspended_account_is_refused_like_a_wrong_password(app, client):
    admin = factories.account("admin")
    path = staff.invite(factories.actor(admin), email := fresh_email(), "support", "en", "DE")
    client.post(path, data={"name": "Sven", "password": PASSWORD})
    subject = staff.everybody(factories.actor(admin), None).rows[0].subject
    staff.suspend(factories.actor(admin), subject)
    assert sign_in(client, email).status_code == 422


def test_staff_signing_in_is_noted_and_shoppers_is_not(app, client):
    account = joined(client)
    sign_in(client, account.email)
    assert kinds(account) == []
    officer = factories.account("officer", password_hash=passwords.hashed(PASSWORD))
    sign_in(client, officer.email)
    client.post("/sign-out")
    assert kinds(officer) == ["account:signed_in", "account:signed_out"]


def test_guessing_is_slowed_down_by_account_known_or_not(app, client):
    app.extensions["redis"].flushdb()
    for email in (joined(client).email, fresh_email()):
        answers = [
            client.post(
                "/sign-in", data={"email": email, "password": "wrong"}, environ_base={"REMOTE_ADDR": f"203.0.113.{n}"}
            ).status_code
            for n in range(12)
        ]
        assert answers == [422] * 10 + [429] * 2


def test_guessing_is_slowed_down_by_place(app, client):
    app.extensions["redis"].flushdb()
    here = {"REMOTE_ADDR": "203.0.113.77"}
    answers = [
        client.post("/sign-in", data={"email": fresh_email(), "password": "wrong"}, environ_base=here).status_code
        for _ in range(22)
    ]
    assert answers == [422] * 20 + [429] * 2


def test_choosing_a_new_password_by_mail(client, work):
    account = joined(client)
    browser = client.application.test_client()
    sign_in(browser, account.email)
    asked = client.post("/account/password", data={"email": account.email})
    unknown = client.post("/account/password", data={"email": fresh_email()})
    assert asked.headers["Location"] == unknown.headers["Location"]
    work()
    path = link(account.email, "account.password")
    assert client.get(path).status_code == 200
    assert client.post(path, data={"new": "password1234"}).status_code == 422, "a weak one does not use the link up"
    assert client.post(path, data={"new": "seven quiet harbour lamps"}).status_code == 303
    assert client.post(path, data={"new": "seven quiet harbour lamps"}).status_code == 409
    assert browser.get("/account").status_code == 303, "sessions of before have ended"
    assert sign_in(client, account.email).status_code == 422
    assert sign_in(client, account.email, "seven quiet harbour lamps").status_code == 303


def test_changing_the_password_ends_other_sessions_only(client):
    account = joined(client)
    elsewhere = client.application.test_client()
    for browser in (client, elsewhere):
        sign_in(browser, account.email)
    wrong = client.post("/account/change-password", data={"old": "no", "new": "seven quiet harbour lamps"})
    assert wrong.status_code == 422
    client.post("/account/change-password", data={"old": PASSWORD, "new": "seven quiet harbour lamps"})
    assert client.get("/account").status_code == 200
    assert elsewhere.get("/account").status_code == 303


def test_signing_out_everywhere(client):
    account = joined(client)
    elsewhere = client.application.test_client()
    for browser in (client, elsewhere):
        sign_in(browser, account.email)
    client.post("/account/sign-out-everywhere")
    assert elsewhere.get("/account").status_code == 303


def test_settings_are_kept_and_faults_are_said_at_the_field(client):
    account = joined(client)
    sign_in(client, account.email)
    saved = client.post("/account", data={"name": "Mara V. 🦊", "language": "zh_Hans", "currency": "JPY"})
    assert saved.status_code == 303
    assert any("locale=zh_Hans" in c for c in saved.headers.getlist("Set-Cookie"))
    assert (account.name, account.currency) == ("Mara V. 🦊", "JPY")
    assert client.post("/account", data={"name": "", "language": "en", "currency": "EUR"}).status_code == 422
    assert client.post("/account", data={"name": "x", "language": "en", "currency": "XXX"}).status_code == 422
    assert account.name == "Mara V. 🦊"


def test_preferences_are_cookies(client):
    answer = client.get("/preferences?locale=zh_Hans&currency=JPY&theme=dark&next=/sign-in")
    cookies = answer.headers.getlist("Set-Cookie")
    assert answer.headers["Location"] == "/sign-in"
    assert [c.split(";")[0] for c in cookies] == ["locale=zh_Hans", "currency=JPY", "theme=dark"]
    assert not client.get("/preferences?locale=xx&currency=DOGE&theme=pink").headers.getlist("Set-Cookie")
