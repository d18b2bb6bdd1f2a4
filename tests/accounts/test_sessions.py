"""Where people are signed in: a row on the server, ended there."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from daigou.accounts import directory, freezing
from daigou.accounts.sessions import rules
from daigou.accounts.sessions.models import Session
from daigou.core import clock
from daigou.core.db import db
from tests import factories

from .people import PASSWORD, fresh_email, joined, link, mails, sign_in, words

FIREFOX = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"}
PHONE = {"User-Agent": "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) Version/18.0 Safari/604.1"}


def later(**more):
    return clock.use(clock.FixedClock(clock.now() + timedelta(**more)))


def copy_of(app, browser):
    """Another browser with the same session cookie: a thief's."""
    thief = app.test_client()
    thief.set_cookie("session", browser.get_cookie("session").value)
    return thief


def sessions_of(account):
    rows = db.session.execute(select(Session).filter_by(account_id=account.id).order_by(Session.id)).scalars().all()
    return list(rows)


@pytest.fixture
def mara(client):
    account = joined(client)
    sign_in(client, account.email)
    return account


def test_a_stolen_cookie_is_dead_after_signing_out(app, client, mara):
    thief = copy_of(app, client)
    assert thief.get("/account").status_code == 200
    client.post("/sign-out")
    assert thief.get("/account").status_code == 303


def test_the_list_names_the_devices_and_one_is_signed_out_from_afar(app, client, mara):
    phone = app.test_client()
    phone.post("/sign-in", data={"email": mara.email, "password": PASSWORD}, headers=PHONE)
    assert "Safari, iPhone" in client.get("/account/security").text
    there = sessions_of(mara)[-1]
    assert client.post(f"/account/sessions/{there.id}/end").status_code == 303
    assert phone.get("/account").status_code == 303
    assert client.get("/account").status_code == 200
    assert client.post(f"/account/sessions/{there.id}/end").status_code == 404


def test_nobody_ends_another_persons_session(client_of, mara):
    other = client_of(factories.account())
    assert other.post(f"/account/sessions/{sessions_of(mara)[0].id}/end").status_code == 404
    assert sessions_of(mara)[0].ended_at is None


def test_the_database_knows_neither_token_nor_address(client, mara):
    with client.session_transaction() as session:
        token = session["sid"]
    row = sessions_of(mara)[0]
    assert token.encode() not in row.token_hash
    assert b"127.0.0.1" not in row.place_sealed
    assert row.place["ip"] == "127.0.0.1"


def test_a_shoppers_session_ends_after_two_weeks_unused(client, mara):
    with later(days=13):
        assert client.get("/account").status_code == 200, "and using it keeps it"
        with later(days=13):
            assert client.get("/account").status_code == 200
            with later(days=14, minutes=1):
                assert client.get("/account").status_code == 303


def test_a_staff_session_ends_after_twelve_hours_however_busy(client_of):
    officer = client_of(factories.account("officer"))
    with later(hours=11):
        assert officer.get("/account").status_code == 200
    with later(hours=12, seconds=1):
        assert officer.get("/account").status_code == 303


def test_being_signed_in_costs_one_statement_and_rarely_a_second(client, mara, statements):
    client.get("/account/notices")
    with statements() as seen:
        client.get("/account/notices")
    assert [s for s in seen if "account_sessions" in s] == seen[:1]
    with later(minutes=16), statements() as later_seen:
        client.get("/account/notices")
    assert len(later_seen) == len(seen) + 1


def test_a_new_device_is_told_of_and_a_known_one_is_not(app, client, mara):
    def told():
        return [m for m in mails(mara.email) if m["kind"] == "account.signed_in"]

    client.post("/sign-out")
    sign_in(client, mara.email)
    assert told() == [], "the first device, and the same again"
    app.test_client().post("/sign-in", data={"email": mara.email, "password": PASSWORD}, headers=FIREFOX)
    assert len(told()) == 1
    assert "Firefox, Linux" in told()[0]["body"]


def test_this_was_not_me_ends_everything_until_a_new_password(app, client, mara, work):
    thief = app.test_client()
    sign_in(thief, mara.email)
    path = link(mara.email, "account.signed_in")
    assert client.get(path).status_code == 200
    assert thief.get("/account").status_code == 200, "a mail scanner that opens the link closes nothing"
    assert app.test_client().post(path).status_code == 303
    assert mara.state == "frozen"
    assert thief.get("/account").status_code == client.get("/account").status_code == 303
    assert sign_in(thief, mara.email).status_code == 422
    reset = link(mara.email, "account.frozen")
    assert client.post(reset, data={"new": "seven quiet harbour lamps"}).status_code == 303
    assert mara.state == "active"
    assert sign_in(client, mara.email).status_code == 422
    assert sign_in(client, mara.email, "seven quiet harbour lamps").headers["Location"] == "/account/enrol"
    assert client.get("/orders").headers["Location"] == "/account/enrol", "hardened: a factor first"


def test_the_alarm_of_an_older_mail_still_works(app, client, mara):
    sign_in(app.test_client(), mara.email)
    first = link(mara.email, "account.signed_in")
    sign_in(app.test_client(), mara.email)
    assert client.get(first).status_code == 200


def test_a_right_password_after_many_wrong_ones_from_elsewhere_freezes(app, client, mara):
    guesser = app.test_client()
    for n in range(12):
        place = {"REMOTE_ADDR": f"198.51.{n}.7"}
        guesser.post("/sign-in", data={"email": mara.email, "password": f"wrong {n}"}, environ_base=place)
    app.extensions["redis"].flushdb()
    right = {"email": mara.email, "password": PASSWORD}
    answer = guesser.post("/sign-in", data=right, environ_base={"REMOTE_ADDR": "198.51.99.7"})
    assert answer.status_code == 422
    assert "don’t belong together" in words(answer), "the guesser does not learn that it was right"
    assert (mara.state, client.get("/account").status_code) == ("frozen", 303)


def test_freezing_twice_mails_once(mara):
    freezing.freeze(mara.id, "test")
    freezing.freeze(mara.id, "test")
    assert [m["kind"] for m in mails(mara.email)].count("account.frozen") == 1


def test_a_lock_doubles_and_is_the_same_for_nobody(app, client):
    known, unknown = joined(client).email, fresh_email()
    for email in (known, unknown):
        app.extensions["redis"].flushdb()
        answers = [words(sign_in(client, email, "wrong")) for _ in range(7)]
        assert ["too many wrong tries" in text for text in answers] == [False] * 5 + [True] * 2
        assert "in 1 minute" in answers[-1]
        app.extensions["redis"].flushdb()
        with later(minutes=1, seconds=1):
            assert "don’t belong together" in words(sign_in(client, email, "wrong"))
            assert "in 2 minutes" in words(sign_in(client, email, "wrong"))
    app.extensions["redis"].flushdb()
    assert sign_in(client, known).status_code == 422, "not even with the right password"
    elsewhere = {"REMOTE_ADDR": "203.0.113.9"}
    other = app.test_client().post("/sign-in", data={"email": known, "password": PASSWORD}, environ_base=elsewhere)
    assert other.status_code == 303, "but from another network"


def test_the_waiting_time_grows_and_has_an_end():
    waits = [rules.locked_for(n).total_seconds() for n in range(0, 40)]
    assert waits[:5] == [0] * 5
    assert waits[5:8] == [60, 120, 240]
    assert max(waits) == 12 * 3600
    assert waits == sorted(waits)


@pytest.mark.parametrize(
    ("ip", "network"),
    [("203.0.113.7", "203.0.113.0/24"), ("2001:db8:1:2::3", "2001:db8:1::/48"), ("", "unknown"), ("x", "unknown")],
)
def test_neighbours_share_a_network(ip, network):
    assert rules.network(ip) == network


@pytest.mark.parametrize(
    ("wrong", "device", "country", "factored", "verdict"),
    [
        (0, True, True, False, ""), (30, True, True, False, ""), (0, False, True, False, "new"),
        (0, True, False, False, "new"), (10, False, True, False, "abnormal"), (5, False, False, False, "abnormal"),
        (4, False, False, False, "new"), (30, False, False, True, "new"),
    ],
)  # fmt: skip
def test_what_is_unusual(wrong, device, country, factored, verdict):
    assert rules.unusual(rules.Circumstances(False, device, country, wrong, factored)) == verdict
    assert rules.unusual(rules.Circumstances(True, device, country, wrong, factored)) == ""


def test_an_account_restored_before_it_was_ever_confirmed_is_not_confirmed(client_of):
    from daigou.accounts import staff

    admin = factories.account("admin")
    staff.invite(factories.actor(admin), email := fresh_email(), "officer", "en", "DE")
    invited = directory.by_email(email)
    client_of(admin).post(f"/officer/staff/{invited.subject}/suspend")
    assert invited.state == "withheld"
    client_of(admin).post(f"/officer/staff/{invited.subject}/restore")
    assert invited.state == "unconfirmed"
