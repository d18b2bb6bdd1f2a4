"""Every page says how browsers and proxies are to treat it."""

import re
from dataclasses import replace

import pytest

from blueprints.guard import permission_of
from daigou.app import create_app
from daigou.core.access import Actor, can
from tests import factories

# What everybody may keep: it is the same for all.
SHARED = ("/static/", "/files/", "/log/", "/design/")


@pytest.fixture
def pages(app):
    """Every page without a parameter, and a role that may see it."""
    found = []
    for rule in app.url_map.iter_rules():
        if "GET" in rule.methods and not rule.arguments:
            permission = permission_of(app, rule.endpoint)
            roles = ("shopper", "merchant", "owner", "lister", "inspector", "support", "officer", "admin")
            found += [(rule.rule, next(r for r in roles if can(Actor(r, roles=frozenset({r})), permission)))]
    return found


def test_every_page_has_its_headers_and_is_no_proxys_to_keep(app, client_of, pages):
    factories.rates()
    _shop, owner = factories.merchant()
    people = {role: factories.account(role) for role in ("shopper", "inspector", "support", "officer", "admin")}
    people |= dict.fromkeys(("merchant", "owner", "lister"), owner)
    wrong = []
    for address, role in pages:
        answer = client_of(people[role]).get(address)
        if answer.status_code >= 500 and address not in ("/readyz",):
            wrong.append((address, answer.status_code))
        for name in ("Content-Security-Policy", "X-Content-Type-Options", "X-Frame-Options", "Referrer-Policy"):
            if name not in answer.headers:
                wrong.append((address, name))
        kept = answer.headers.get("Cache-Control", "")
        if not address.startswith(SHARED) and "no-store" not in kept:
            wrong.append((address, kept))
        if "unsafe" in answer.headers.get("Content-Security-Policy", ""):
            wrong.append((address, "unsafe"))
    assert not wrong, "\n".join(map(str, wrong))


def test_what_one_sees_signed_out_is_not_a_proxys_either(client):
    factories.rates()
    for address in ("/", "/cart", "/sign-in", "/no-such-page"):
        assert client.get(address).headers["Cache-Control"] == "private, no-cache"


def test_over_https_cookies_are_for_https_and_this_host_alone(config):
    secure = create_app(replace(config, base_url="https://daigou.example", stripe_webhook_secret="whsec_x"))
    with secure.app_context():
        answer = secure.test_client().get("/sign-in", base_url="https://daigou.example")
        cookie = answer.headers["Set-Cookie"]
        assert re.match(r"__Host-session=", cookie)
        for flag in ("Secure", "HttpOnly", "SameSite=Lax", "Path=/"):
            assert flag in cookie
        assert "Domain" not in cookie
        assert "max-age=" in answer.headers["Strict-Transport-Security"]
        again = secure.test_client().get("/sign-in", base_url="http://daigou.example")
        assert (again.status_code, again.location[:8]) in ((301, "https://"), (302, "https://"), (308, "https://"))


@pytest.mark.parametrize(
    "elsewhere",
    ["https://evil.example", "//evil.example", "/\\evil.example", "/\t/evil.example", "javascript:alert(1)", "\x00/x",
     "/%0d%0aSet-Cookie:x=1", "https:evil.example", "/\u202e"],
)  # fmt: skip
def test_no_link_of_ours_leads_elsewhere(client, client_of, elsewhere):
    answer = client.get("/preferences", query_string={"next": elsewhere, "theme": "dark"})
    assert answer.status_code == 303
    assert re.match(r"/(?![/\\])", answer.location)
    assert all(cookie.startswith("theme=") for cookie in answer.headers.getlist("Set-Cookie"))
    page = client.get("/sign-in", query_string={"next": elsewhere})
    assert "evil.example" not in page.text.replace("/sign-in?next=", "").split("<main")[-1].split("</main")[0]


def test_only_the_two_webhooks_need_no_token(app):
    exempt = app.extensions["csrf"]._exempt_blueprints
    assert {getattr(b, "name", b) for b in exempt} == {"webhooks"}
    assert not app.extensions["csrf"]._exempt_views
    hooks = {r.rule for r in app.url_map.iter_rules() if r.endpoint.startswith("webhooks.")}
    assert hooks == {"/webhooks/easypost", "/webhooks/stripe"}


def test_a_session_set_before_signing_in_is_not_the_one_after(client):
    from tests.accounts.people import fresh_email, joined, sign_in

    email = fresh_email()
    joined(client, email)
    with client.session_transaction() as session:
        session.update({"planted": "1", "csrf_token": "known", "epoch": 0})
    sign_in(client, email)
    with client.session_transaction() as session:
        assert "planted" not in session
        assert session.get("csrf_token") != "known"
