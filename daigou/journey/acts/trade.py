"""Goods in yen, seen in euro; a wish with a link; quotes, orders, payment."""

from __future__ import annotations

from datetime import timedelta

from daigou.core import clock

from ..browser import Astray, Browser
from ..papers import photos, receipt
from ..stage import Stage, refused
from ..story import wait_until

FIGURE = {
    "category": "figures",
    "title": "Night Ferry Yui, 1/7 scale figure",
    "brand": "Hoshino",
    "model": "NF-12",
    "origin": "JP",
    "hs_code": "950300",
    "condition": "like_new",
    "description": "Displayed behind glass for a year, box and inner tray are there.",
    "usage": "Displayed only",
    "function": "Nothing moves, nothing is broken",
    "accessories": "Box, stand, second face",
    "flaws": "A scratch under the stand.",
    "price": "18,400",
    "domestic_freight": "800",
    "stock": "3",
    "weight_g": "820",
    "length_mm": "300",
    "width_mm": "200",
    "height_mm": "180",
}
PEN = {
    "category": "stationery",
    "origin": "JP",
    "hs_code": "960830",
    "price": "6600",
    "domestic_freight": "500",
    "weight_g": "120",
    "length_mm": "180",
    "width_mm": "60",
    "height_mm": "40",
    "answer": "In stock at the shop in Osaka, new, with its box.",
}
VIEWS = ["whole", "detail", "accessories", "label", "flaw"]  # of the photos, in their order


def list_item(stage: Stage) -> None:
    merchant = stage["merchant"]
    with stage.story.step("the merchant drafts a listing in yen, which can't be published without photos"):
        merchant.open("/merchant/listings/new").send(r"/merchant/listings/new$", FIGURE)
        ref = stage.keep("listing", "LST", merchant.path)
    with stage.story.step("the merchant adds five photos, says what they show, and publishes it"):
        merchant.send(rf"/merchant/listings/{ref}/photos$", files={"photos": photos("figure", stage.cast.hand)})
        merchant.send(rf"/merchant/listings/{ref}/photos/views$", {"view": VIEWS})
        merchant.open(f"/merchant/listings/{ref}/edit").send(rf"/merchant/listings/{ref}/publish$")


def browse_and_quote(stage: Stage) -> None:
    with stage.story.step("a shopper in Germany opens an account, and so does a stranger"):
        stage.browsers["shopper"] = stage.cast.sign_up("shopper", "Mara Vogel", "DE")
        stage.browsers["stranger"] = stage.cast.sign_up("stranger", "Stefan Stein", "DE")
    shopper = stage["shopper"]
    with stage.story.step("the shopper finds the figure, priced in euro"):
        shopper.open("/search?q=Night+Ferry").link(rf"/items/{stage.refs['listing']}")
        shopper.open(f"/items/{stage.refs['listing']}").sees("€", "¥")
    with stage.story.step("the cart becomes an itemised quote with its exchange rate locked"):
        shopper.send(r"/cart/add$", {"quantity": "1"})
        shopper.open("/cart").send(r"/cart/quote$")
        stage.keep("quote", "QUO", shopper.path)
        shopper.sees("Goods", "Freight to our warehouse", "Service fee", "These figures hold until")
        refused(stage["stranger"], shopper.path, 404)


def order(stage: Stage) -> None:
    shopper = stage["shopper"]
    with stage.story.step("the shopper orders; the bill is due"):
        shopper.open(f"/quotes/{stage.refs['quote']}").send(rf"/quotes/{stage.refs['quote']}/order$")
        stage.keep("order", "ORD", shopper.path)
    with stage.story.step("a declined card costs nothing, and the bill stays due"):
        pay(shopper, "decline")
        shopper.open(f"/orders/{stage.refs['order']}").form(r"/bills/[^/]+/pay$")
    with stage.story.step("the shopper pays with 3-D Secure; the money is held"):
        pay(shopper, "three_d_secure")
        wait_paid(shopper, f"/orders/{stage.refs['order']}")
        stage.keep("item", "ITM", " ".join(node.html or "" for node in shopper.page.css("main")))
        refused(stage["stranger"], f"/orders/{stage.refs['order']}", 404)


def ask_for_item(stage: Stage) -> None:
    shopper, merchant = stage["shopper"], stage["merchant"]
    with stage.story.step("the shopper pastes a product link as a sourcing request"):
        wish = {
            "url": "https://shop.example.jp/pens/4711",
            "title": "Fountain pen, black, medium nib",
            "country": "JP",
            "quantity": "1",
            "wishes": "Medium nib, please.",
        }
        shopper.open("/sourcing").send(r"/sourcing$", wish)
        stage.keep("wish", "SRC", shopper.path)
    with stage.story.step("the merchant answers with an itemised price"):
        until = (clock.today() + timedelta(days=5)).isoformat()
        ref = stage.refs["wish"]
        merchant.open(f"/merchant/sourcing/{ref}")
        merchant.send(rf"/merchant/sourcing/{ref}/quote$", {**PEN, "valid_until": until})
    with stage.story.step("the shopper takes the price, orders and pays with Alipay"):
        shopper.open(f"/sourcing/{ref}").send(rf"/sourcing/{ref}/accept-quote$")
        shopper.send(r"/quotes/[^/]+/order$")
        stage.keep("second order", "ORD", shopper.path)
        pay(shopper, "alipay")
        wait_paid(shopper, f"/orders/{stage.refs['second order']}")
        stage.keep("second item", "ITM", " ".join(node.html or "" for node in shopper.page.css("main")))


def purchase(stage: Stage) -> None:
    merchant = stage["merchant"]
    for name, amount in (("item", "18000"), ("second item", "6600")):
        with stage.story.step(f"the merchant records the purchase of the {name} with its receipt"):
            ref = stage.refs[name]
            form = {
                "supplier": "Mandarake Nakano",
                "paid": amount,
                "purchased_on": clock.today().isoformat(),
                "inbound_tracking": f"4711-{ref[-4:]}",
            }
            merchant.open(f"/merchant/orders/{ref}")
            merchant.send(rf"/merchant/orders/{ref}/purchase$", form, {"receipt": receipt(amount)})


def pay(shopper: Browser, outcome: str) -> None:
    """From the page with the bill to the provider's hosted page and back."""
    shopper.send(r"/bills/[^/]+/pay$")
    if "sandbox" not in shopper.text.lower():
        raise Astray(f"{shopper.who} is not on the sandbox's page but at {shopper.address}")
    shopper.send(r"/pay/cs_", {"outcome": outcome})
    if "/3ds/" in shopper.address:
        shopper.send(r"/3ds/", {"outcome": "authenticate"})
    if "/authorize/" in shopper.address:
        shopper.send(r"/authorize/", {"outcome": "approve"})


def wait_paid(shopper: Browser, address: str) -> None:
    """The webhook, not the redirect, makes it paid."""

    def paid() -> bool:
        shopper.open(address)
        return not shopper.has_form(r"/bills/[^/]+/pay$") and "held" in shopper.text

    wait_until(f"{address} is paid", paid)
