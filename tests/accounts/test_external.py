"""Signing in through an OpenID provider: the sandbox's, over HTTP, with all its ways to answer wrongly."""

import re
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from daigou.accounts import directory
from daigou.accounts.external import service
from daigou.core.readers import OpenIdProvider
from daigou.providers import openid
from tests import factories

from .people import fresh_email, joined, link, sign_in, sign_up, words

RETURN = "/sign-in/with/house/return"


def go(browser, email, outcome="approve", start="/sign-in/with/house"):
    """Press the button, answer at the provider, come back: the address that one comes back to."""
    there = browser.post(start).headers["Location"]
    asked = {name: values[0] for name, values in parse_qs(urlsplit(there).query).items()}
    answer = httpx.post(there.partition("?")[0], data=asked | {"email": email, "name": "Mara", "outcome": outcome})
    assert answer.status_code == 303, answer.text
    parts = urlsplit(answer.headers["location"])
    return f"{parts.path}?{parts.query}"


def said(browser, answer):
    return words(browser.get(answer.headers["Location"]))


def test_a_newcomer_gets_an_account_that_still_confirms_its_address(sandbox, client):
    email = fresh_email()
    answer = client.get(go(client, email))
    assert answer.headers["Location"] == "/"
    account = directory.by_email(email)
    assert (account.state, account.password_hash, service.linked(account)) == ("unconfirmed", None, ["house"])
    assert client.get("/account").status_code == 200
    client.post(link(email, "account.confirm"))
    assert account.state == "active"
    again = client.application.test_client()
    assert again.get(go(again, email)).status_code == 303
    assert again.get("/account").status_code == 200


@pytest.mark.parametrize(
    "outcome", ["wrong_nonce", "wrong_audience", "wrong_issuer", "expired", "forged", "unsigned", "confused", "deny"]
)
def test_an_answer_that_cannot_be_believed_opens_nothing(sandbox, client, outcome):
    email = fresh_email()
    answer = client.get(go(client, email, outcome))
    assert answer.headers["Location"] == "/sign-in"
    assert "did not confirm who you are" in said(client, answer)
    assert directory.by_email(email) is None


def test_an_address_that_the_provider_has_not_confirmed_makes_no_account(sandbox, client):
    email = fresh_email()
    assert "has not confirmed" in said(client, client.get(go(client, email, "unverified")))
    assert directory.by_email(email) is None


def test_a_known_address_opens_no_account_by_itself(sandbox, client):
    """The provider (or whoever holds the mailbox there) can't take an account over: its password comes first."""
    account = joined(client)
    answer = client.get(go(client, account.email))
    assert "Sign in with its password first" in said(client, answer)
    assert client.get("/account").status_code == 303
    assert service.linked(account) == []


def test_linking_after_the_password_then_signing_in_then_unlinking(sandbox, app, client):
    account = joined(client)
    sign_in(client, account.email)
    back = go(client, "mara@elsewhere.example", start="/account/linked/house")
    assert client.get(back).headers["Location"] == "/account/security"
    assert service.linked(account) == ["house"]
    other = app.test_client()
    assert other.get(go(other, "mara@elsewhere.example")).headers["Location"] == "/"
    assert other.get("/account").status_code == 200
    assert client.post("/account/linked/house/remove").status_code == 303
    assert other.get("/account").status_code == 303, "its sessions end"
    assert service.linked(account) == []


def test_an_identity_is_linked_to_one_account(sandbox, client_of):
    for expected in (["house"], []):
        account = factories.account()
        browser = client_of(account)
        browser.get(go(browser, "one@elsewhere.example", start="/account/linked/house"))
        assert service.linked(account) == expected


def test_the_only_way_in_is_not_unlinked(sandbox, client):
    email = fresh_email()
    client.get(go(client, email))
    assert client.post("/account/linked/house/remove").status_code == 409
    assert service.linked(directory.by_email(email)) == ["house"]


def test_staff_link_nobody(sandbox, client_of):
    officer = factories.account("officer")
    browser = client_of(officer)
    browser.get(go(browser, "o@elsewhere.example", start="/account/linked/house"))
    assert service.linked(officer) == []


def test_an_answer_belongs_to_the_browser_that_asked_and_counts_once(sandbox, app, client):
    email = fresh_email()
    back = go(client, email)
    thief = app.test_client()
    assert "did not confirm" in said(thief, thief.get(back))
    go(thief, email)
    assert "did not confirm" in said(thief, thief.get(back)), "nor with a state of its own"
    assert client.get(back).headers["Location"] == "/"
    assert directory.by_email(email) is not None
    assert client.get(back).headers["Location"] == "/sign-in"


def test_another_issuers_answer_is_refused(sandbox, client):
    back = go(client, fresh_email())
    answer = client.get(re.sub(r"iss=[^&]*", "iss=https%3A%2F%2Fevil.example", back))
    assert answer.headers["Location"] == "/sign-in"


def test_the_second_factor_is_asked_here_too(sandbox, client):
    from .test_factors import enrol

    email = fresh_email()
    client.get(go(client, email))
    enrol(client)
    client.post("/sign-out")
    assert client.get(go(client, email)).headers["Location"] == "/sign-in/second-step"


def test_a_stranger_who_came_first_keeps_no_door(sandbox, app, client, work):
    """Somebody opens an account by a provider under a victim's address; the victim signs up later, by mail."""
    email = fresh_email()
    stranger = app.test_client()
    stranger.get(go(stranger, email))
    sign_up(client, email)
    client.post(link(email, "account.password"), data={"new": "seven quiet harbour lamps"})
    account = directory.by_email(email)
    assert (account.state, service.linked(account)) == ("active", [])
    assert stranger.get("/account").status_code == 303


def test_a_provider_that_is_away_is_said(app, client):
    kept = app.extensions["openid"]
    row = OpenIdProvider("house", "House", "http://127.0.0.1:9/openid", "daigou", "secret")
    app.extensions["openid"] = {"house": openid.OpenId(row)}
    try:
        assert "does not answer" in said(client, client.post("/sign-in/with/house"))
        assert client.post("/sign-in/with/nobody").status_code == 404
    finally:
        app.extensions["openid"] = kept


@pytest.mark.parametrize(
    "address",
    ["http://accounts.example/x", "https://127.0.0.1/x", "https://[::1]/x", "https://localhost/x", "https://db.internal/",
     "https://me@accounts.example/", "file:///etc/passwd", "", "https://10.0.0.8/x"],
)  # fmt: skip
def test_discovery_leads_nowhere_inside(address):
    provider = openid.OpenId(OpenIdProvider("a", "A", "https://accounts.example", "id", "secret"))
    assert not provider._may_be_asked(address)
    assert provider._may_be_asked("https://oauth2.googleapis.com/token")
