"""A shopper's own hands: from the start page to money that is held, in a real browser."""

from __future__ import annotations

import re
import time

import pytest

pytestmark = [pytest.mark.slow, pytest.mark.browser]

PATIENCE = 30.0


def arrive_at(page, address):
    page.wait_for_url(re.compile(address))
    return page


def until_it_says(page, words):
    """Reload until the words stand there: the provider's message takes its moment, and no script reloads for us."""
    deadline = time.monotonic() + PATIENCE
    while words not in page.inner_text("main"):
        assert time.monotonic() < deadline, page.inner_text("main")
        page.wait_for_timeout(500)
        page.reload()


def test_a_shopper_on_a_phone_orders_and_pays_without_any_script(visit, logins):
    page = visit(width=390, locale="de-DE", script=False)
    page.goto("/")
    assert page.get_attribute("html", "lang") == "en"  # no German yet: English, not a mixture
    page.locator("main article a").first.click()
    arrive_at(page, r"/items/LST-")
    title = page.inner_text("h1")
    page.get_by_role("button", name="Add to cart").click()
    arrive_at(page, r"/cart$")
    assert title in page.inner_text("main")

    page.get_by_role("link", name="Sign in and go on").click()
    page.get_by_label("E-mail").fill(logins["shopper"]["email"])
    page.get_by_label("Password").fill(logins["shopper"]["password"])
    page.get_by_role("button", name="Sign in", exact=True).click()
    arrive_at(page, r"/cart$")
    assert title in page.inner_text("main")  # it came along
    page.get_by_role("button", name="Lock the price").click()

    arrive_at(page, r"/quotes/QUO-")
    for figure in ("Goods", "Freight to our warehouse", "Service fee", "The locked exchange rate"):
        assert figure in page.inner_text("main")
    total = page.inner_text("main .total .money, main .total dd")
    page.get_by_role("button", name=f"Order for {total}").click()

    arrive_at(page, r"/orders/ORD-")
    order = page.url
    page.get_by_role("button", name=f"Pay {total}").click()
    arrive_at(page, r"/pay/cs_")
    assert "no real money" in page.inner_text("body")
    page.locator("button[value=succeed]").click()
    arrive_at(page, r"/payments/|/orders/")
    page.goto(order)
    until_it_says(page, "held")


def test_a_shopper_orders_and_pays_with_the_keyboard_alone(visit, logins):
    page = visit(width=1280)
    page.goto("/sign-in")
    write(page, "email", logins["shopper"]["email"])
    write(page, "password", logins["shopper"]["password"])
    page.keyboard.press("Enter")
    page.wait_for_url(lambda url: "/sign-in" not in url)

    page.goto("/")
    page.keyboard.press("Tab")
    assert "Skip" in page.evaluate("document.activeElement.textContent")  # the first stop leads past the masthead
    page.keyboard.press("Enter")
    press(page, r"^/items/LST-")
    arrive_at(page, r"/items/LST-")
    press(page, "Add to cart")
    arrive_at(page, r"/cart$")
    press(page, "Lock the price")
    arrive_at(page, r"/quotes/QUO-")
    press(page, "Order for")
    arrive_at(page, r"/orders/ORD-")
    order = page.url
    press(page, "Pay ")
    arrive_at(page, r"/pay/cs_")
    press(page, "Alipay")
    arrive_at(page, r"/authorize/")
    press(page, "Approve the payment")
    arrive_at(page, r"/payments/|/orders/")
    page.goto(order)
    page.wait_for_function("document.querySelector('main').innerText.includes('held')", timeout=PATIENCE * 1000)


def tab_to(page, here):
    """Walk by Tab until ``here(name, href, text)`` of the focused element holds; each stop must show its focus."""
    for _ in range(120):
        page.keyboard.press("Tab")
        name, href, text, seen = page.evaluate(FOCUSED)
        if here(name, href, text):
            assert seen, f"no visible focus on {name or href or text}"
            return
    raise AssertionError(f"not reachable by keyboard on {page.url}")


FOCUSED = """() => {
    const e = document.activeElement, ring = it => it && getComputedStyle(it).outlineStyle !== "none";
    const seen = e.matches(":focus-visible") && (ring(e) || ring(e.closest(".card")));
    return [e.name || "", e.getAttribute("href") || "", e.textContent.trim(), seen];
}"""


def write(page, field, text):
    tab_to(page, lambda name, href, words: name == field)
    page.keyboard.type(text)


def press(page, wanted):
    """The link whose address matches, or the button that says so."""
    tab_to(page, lambda name, href, words: re.search(wanted, href or words))
    page.keyboard.press("Enter")
