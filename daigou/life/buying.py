"""What a shopper does: find, order, pay, accept, have it sent, confirm."""

from __future__ import annotations

import re

from daigou.journey.acts.trade import pay, wait_paid
from daigou.journey.browser import Astray, Browser
from daigou.journey.story import wait_until

from .company import Company

TRACKING_CODE = re.compile(r"\b[A-Z]{2}\d{9}JP\b")


def reference(prefix: str, text: str) -> str:
    """The first reference of this kind in a text."""
    found = re.search(rf"{prefix}-[0-9A-Z]{{10}}", text)
    if found is None:
        raise Astray(f"no {prefix} reference in: {text[:200]}")
    return found.group()


def put_in_cart(shopper: Browser, words: str) -> None:
    shopper.open(f"/search?q={words}")
    shopper.open(shopper.link(r"^/items/LST-")).send(r"/cart/add$", {"quantity": "1"})


def quote(shopper: Browser, words: str) -> str:
    put_in_cart(shopper, words)
    shopper.open("/cart").send(r"/cart/quote$")
    return reference("QUO", shopper.path)


def order(shopper: Browser, words: str) -> str:
    """A bill that is due; the order's reference."""
    ref = quote(shopper, words)
    shopper.send(rf"/quotes/{ref}/order$")
    return reference("ORD", shopper.path)


def buy(shopper: Browser, words: str, outcome: str = "succeed") -> str:
    """Ordered and paid; the item's reference. ``outcome`` is a button of the sandbox's pay page."""
    ref = order(shopper, words)
    pay(shopper, outcome)
    wait_paid(shopper, f"/orders/{ref}")
    return reference("ITM", " ".join(node.html or "" for node in shopper.page.css("main")))


def accept(shopper: Browser, item: str) -> None:
    report = f"/orders/items/{item}/report"
    wait_until("the report", lambda: shopper.open(report).has_form(rf"/items/{item}/accept$"))
    shopper.send(rf"/orders/items/{item}/accept$")


def parcel(shopper: Browser, item: str, outcome: str = "succeed") -> str:
    """A parcel of one accepted item, its freight paid; the parcel's reference."""
    shopper.open("/parcels/new").send(r"/parcels/new$", {"items": [item]})
    ref = reference("PCL", shopper.path)
    shopper.send(rf"/parcels/{ref}/submit$")
    pay(shopper.open(f"/parcels/{ref}"), outcome)
    wait_until("the freight is paid", lambda: not shopper.open(f"/parcels/{ref}").has_form(r"/bills/[^/]+/pay$"))
    return ref


def tracking_code(company: Company, shopper: str, ref: str) -> str:
    """As soon as the label is bought, the parcel's page says it."""
    page = company[shopper]
    wait_until("a tracking number", lambda: TRACKING_CODE.search(page.open(f"/parcels/{ref}").text) is not None)
    return TRACKING_CODE.findall(page.text)[0]


def confirm(shopper: Browser, ref: str) -> None:
    wait_until("delivered", lambda: shopper.open(f"/parcels/{ref}").has_form(rf"/parcels/{ref}/confirm$"))
    shopper.send(rf"/parcels/{ref}/confirm$")
