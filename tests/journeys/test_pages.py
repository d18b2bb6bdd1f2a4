"""The main pages, in a real browser: drawn, readable, usable at 320 px, without faults that keep people out."""

import os
from pathlib import Path

import pytest

from tests.journeys.conftest import faults, sign_in

pytestmark = [pytest.mark.slow, pytest.mark.browser]

# name, role (None: nobody signed in), address; a callable finds a link on the page before
PAGES = {
    "home": (None, "/"),
    "item": (None, "first:/items/"),
    "sign-up": (None, "/sign-up"),
    "how-it-works": (None, "/how-it-works"),
    "protection": (None, "/protection"),
    "cart": ("shopper", "/cart"),
    "orders": ("shopper", "/orders"),
    "parcels": ("shopper", "/parcels"),
    "sourcing": ("shopper", "/sourcing"),
    "merchant": ("merchant", "/merchant"),
    "merchant-listings": ("merchant", "/merchant/listings"),
    "merchant-orders": ("merchant", "/merchant/orders"),
    "warehouse": ("inspector", "/warehouse/arrivals"),
    "officer": ("officer", "/officer"),
    "applications": ("officer", "/officer/applications"),
    "audit": ("officer", "/officer/audit"),
    "exports": ("officer", "/officer/exports"),
    "books": ("officer", "/officer/books"),
    "support": ("support", "/support/returns"),
    "design": (None, "/design"),
}
SETTINGS = {
    "320-en": {"width": 320},
    "768-en": {"width": 768},
    "1280-en": {"width": 1280},
    "1280-en-dark": {"width": 1280, "dark": True},
    "320-zh": {"width": 320, "locale": "zh-CN"},
    "1280-zh": {"width": 1280, "locale": "zh-CN"},
    "320-rtl": {"width": 320, "rtl": True},
    "1280-rtl": {"width": 1280, "rtl": True},
}


@pytest.fixture
def folder(tmp_path):
    chosen = Path(os.environ.get("DAIGOU_SCREENSHOTS") or tmp_path)
    chosen.mkdir(parents=True, exist_ok=True)
    return chosen


def window(visit, logins, role, width=1280, locale="en-GB", dark=False, rtl=False):
    page = visit(width=width, locale=locale, dark=dark)
    if rtl:
        page.goto("/preferences?locale=ar&currency=EUR&theme=auto&next=/")
    if role:
        sign_in(page, logins[role])
    return page


def show(page, address):
    if address.startswith("first:"):
        page.goto("/")
        address = page.locator(f"main a[href^='{address[6:]}']").first.get_attribute("href")
    answer = page.goto(address)
    page.wait_for_load_state("networkidle")
    assert answer.status == 200, (address, answer.status)


@pytest.mark.parametrize("setting", SETTINGS)
def test_screenshot_of_every_main_page_without_a_sideways_scroll(visit, logins, folder, setting):
    wide = []
    by_role = {}
    for name, (role, address) in PAGES.items():
        if role not in by_role:
            by_role[role] = window(visit, logins, role, **SETTINGS[setting])
        page = by_role[role]
        show(page, address)
        page.screenshot(path=folder / f"{name}-{setting}.png", full_page=True)
        extra = page.evaluate("document.scrollingElement.scrollWidth - document.documentElement.clientWidth")
        if extra > 0:
            wide.append((name, extra))
    assert wide == []


@pytest.mark.parametrize("dark", [False, True], ids=["light", "dark"])
def test_no_main_page_keeps_anybody_out(visit, logins, dark):
    found = []
    by_role = {}
    for role, address in PAGES.values():
        if role not in by_role:
            by_role[role] = window(visit, logins, role, width=390, dark=dark)
        show(by_role[role], address)
        found += faults(by_role[role])
    assert found == []


def test_pages_raise_no_error_in_the_browser(visit, logins):
    said = []
    for role, address in PAGES.values():
        page = window(visit, logins, role)
        page.on("console", lambda m, at=address: said.append((at, m.text)) if m.type == "error" else None)
        page.on("pageerror", lambda e, at=address: said.append((at, str(e))))
        show(page, address)
    assert said == []
