import secrets
from datetime import timedelta

import pytest
from sqlalchemy import func, select

from daigou.accounts import directory
from daigou.accounts.models import Account
from daigou.core import clock
from daigou.core.db import db

from .people import PASSWORD, fresh_email, joined, link, mails, sign_in, sign_up, words


def test_signing_up_waits_for_the_mailed_link(client, work):
    email = fresh_email()
    assert sign_up(client, email).headers["Location"] == "/sign-up/sent"
    account = directory.by_email(email)
    assert (account.state, account.roles, account.country, account.email) == ("unconfirmed", ["shopper"], "DE", email)
    path = link(email, "account.confirm")
    assert email in client.get(path).text
    assert directory.by_email(email).state == "unconfirmed", "a link that a mail scanner opens confirms nothing"
    assert client.post(path).status_code == 303
    assert directory.by_email(email).state == "active"
    assert client.post(path).status_code == 409, "a link works once"
    assert client.get(path).status_code == 409
    assert work() >= 1


def test_a_link_dies_after_two_days(client):
    email = fresh_email()
    sign_up(client, email)
    with clock.use(clock.FixedClock(clock.now() + timedelta(days=2, seconds=1))):
        assert client.post(link(email, "account.confirm")).status_code == 409
    assert directory.by_email(email).state == "unconfirmed"


def test_a_new_link_replaces_the_old(client, work):
    email = fresh_email()
    sign_up(client, email)
    first = link(email, "account.confirm")
    client.post("/sign-up/resend", data={"email": email})
    work()
    assert client.post(first).status_code == 409
    assert client.post(link(email, "account.confirm")).status_code == 303


def test_a_known_address_gets_the_same_answer_and_a_mail_of_its_own(client):
    account = joined(client)
    before = len(mails(account.email))
    again, other = sign_up(client, account.email), sign_up(client, fresh_email())
    assert (again.status_code, again.headers["Location"]) == (other.status_code, other.headers["Location"])
    assert [m["kind"] for m in mails(account.email)][before:] == ["account.known"]
    assert sign_in(client, account.email).status_code == 303, "the password is still the owner's"


def test_spellings_of_one_address_are_one_account(client):
    account = joined(client)
    sign_up(client, account.email.upper())
    count = select(func.count()).select_from(Account).filter_by(email_index=account.email_index)
    assert db.session.execute(count).scalar_one() == 1


def test_who_signs_up_with_somebodys_address_first_does_not_keep_their_password(client):
    email = fresh_email()
    sign_up(client, email, password="an attacker chose this one")
    sign_up(client, email)
    path = link(email, "account.password")
    client.post(path, data={"new": PASSWORD})
    assert sign_in(client, email, "an attacker chose this one").status_code == 422
    assert sign_in(client, email).status_code == 303


def test_a_double_click_opens_one_account(client):
    email, once = fresh_email(), secrets.token_urlsafe(18)
    answers = [sign_up(client, email, once=once) for _ in range(2)]
    assert {a.headers["Location"] for a in answers} == {"/sign-up/sent"}
    assert [m["kind"] for m in mails(email)] == ["account.confirm"]


BAD = {
    "no name": {"name": ""},
    "a name of blanks": {"name": " \u200f\u202e "},
    "a very long name": {"name": "x" * 10_000},
    "no address": {"email": ""},
    "half an address": {"email": "mara@"},
    "an address with a line break": {"email": "a@example.test\nbcc: b@example.test"},
    "a very long address": {"email": "x" * 300 + "@example.test"},
    "no such country": {"country": "XX"},
    "no such language": {"language": "tlh"},
    "a short password": {"password": "short"},
    "everybody's password": {"password": "password1234"},
    "a row of keys": {"password": "qwertyuiop[]"},
    "their own name": {"password": "maravogel1"},
    "an endless password": {"password": "x y" * 9_000},
    "a stale page": {"once": ""},
}


@pytest.mark.parametrize("name", BAD)
def test_what_can_not_be_taken_is_said_and_nothing_typed_is_lost(client, name):
    typed = {"email": fresh_email(), **BAD[name]}
    answer = sign_up(client, typed.pop("email"), **typed)
    assert answer.status_code == 422
    assert "to put right" in words(answer) or "too old" in words(answer)
    if "name" not in typed:
        assert 'value="Mara Vogel"' in answer.text
    assert PASSWORD not in answer.text


@pytest.mark.parametrize("name", ["李小龍", "Zoë 🦊", "محمد الأمين", "O'Brien-Łukasz"])
def test_every_script_and_emoji_may_be_a_name(client, name):
    email = fresh_email()
    assert sign_up(client, email, name=f"\u202e {name}\u200f").status_code == 303
    assert directory.by_email(email).name == name


def test_a_locale_of_ones_own_is_the_language_of_the_mails(client):
    email = fresh_email()
    sign_up(client, email, language="zh_Hans")
    assert directory.by_email(email).locale == "zh_Hans"
