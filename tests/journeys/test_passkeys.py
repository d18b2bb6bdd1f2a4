"""Passkeys in a real browser, with Chromium's virtual authenticator: made, used alone, used as second step."""

from __future__ import annotations

import secrets
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page

from .conftest import sign_in


@pytest.fixture
def phone(chromium, whole):
    """A window at the sandbox's name (WebAuthn knows no numeric addresses) with a platform authenticator in it."""
    port = urlsplit(whole.base_url).port
    size = {"width": 390, "height": 800}
    context = chromium.new_context(base_url=f"http://localhost:{port}", locale="en-GB", viewport=size)
    context.set_default_timeout(15_000)
    page = context.new_page()
    tools = context.new_cdp_session(page)
    tools.send("WebAuthn.enable")
    options = {
        "protocol": "ctap2", "transport": "internal", "hasResidentKey": True, "hasUserVerification": True,
        "isUserVerified": True, "automaticPresenceSimulation": True,
    }  # fmt: skip
    page.virtual = tools.send("WebAuthn.addVirtualAuthenticator", {"options": options})["authenticatorId"]
    page.tools = tools
    yield page
    context.close()


def credentials(page: Page) -> list[dict[str, object]]:
    return page.tools.send("WebAuthn.getCredentials", {"authenticatorId": page.virtual})["credentials"]


def leave(page: Page) -> None:
    page.context.clear_cookies()
    page.goto("/sign-in")


def test_a_passkey_from_its_making_to_its_end(phone, logins):
    page, login = phone, logins["shopper"]
    sign_in(page, login)
    page.goto("/account/security")
    page.get_by_role("link", name="Add one").click()
    name = f"Key {secrets.token_hex(3)}"
    page.get_by_label("Name of this passkey").fill(name)
    page.get_by_role("button", name="Make the passkey").click()
    page.get_by_role("heading", name="Your recovery codes").wait_for()
    assert page.locator("ol.codes li").count() == 10
    assert len(credentials(page)) == 1

    leave(page)
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.wait_for_url(lambda url: "/sign-in" not in url)
    page.goto("/account/security")
    assert name in page.inner_text("main")
    assert credentials(page)[0]["signCount"] >= 2

    leave(page)
    page.fill("input[name=email]", login["email"])
    page.fill("input[name=password]", login["password"])
    page.get_by_role("button", name="Sign in", exact=True).click()
    page.get_by_role("heading", name="One more step").wait_for()
    page.get_by_role("button", name="Use a passkey").click()
    page.wait_for_url(lambda url: "/sign-in" not in url)

    page.tools.send("WebAuthn.setUserVerified", {"authenticatorId": page.virtual, "isUserVerified": False})
    leave(page)
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.get_by_text("No passkey was chosen").wait_for()

    page.tools.send("WebAuthn.setUserVerified", {"authenticatorId": page.virtual, "isUserVerified": True})
    page.get_by_role("button", name="Sign in with a passkey").click()
    page.wait_for_url(lambda url: "/sign-in" not in url)
    page.goto("/account/security")
    page.locator(".safe-row", has_text=name).get_by_role("button").click()
    page.get_by_text("The passkey is removed").wait_for()
