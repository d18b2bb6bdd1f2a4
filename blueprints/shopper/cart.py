"""The cart: what is in it, what it comes to, and from there to a quote. Signed out it belongs to the session."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from blueprints.guard import actor, guarded
from blueprints.once import once, visitor_key
from blueprints.pages import ui
from daigou.core.errors import Refusal, Unavailable
from daigou.core.i18n import _, lazy
from daigou.core.money import Money, total
from daigou.orders import cart as carts
from daigou.orders import quotes, service

from . import bp

PROBLEMS = {
    "gone": lazy("Not for sale any more. Take it out to go on."),
    "sold_out": lazy("Sold out. Take it out to go on."),
    "too_many": lazy("There are fewer pieces left than you want. Choose fewer."),
}


def owner() -> str:
    """The key of this visitor's cart."""
    return carts.owner_of(actor(), None if actor().is_signed_in else visitor_key())


@bp.get("/cart")
@guarded("cart.use")
def cart() -> ResponseReturnValue:
    lines = carts.lines(owner())
    session["cart_count"] = len(lines)
    buyable = [line.offer for line in lines if not line.problem]
    try:
        priced = {line.offer.listing_id: line for line in quotes.price(buyable, ui().currency)} if buyable else {}
        refusal = None
    except Unavailable as unavailable:
        priced, refusal = {}, unavailable
    return render_template(
        "shopper/cart.html",
        lines=lines,
        priced=priced,
        refusal=refusal,
        problems=PROBLEMS,
        zero=Money.zero(ui().currency),
        total=total((line.total for line in priced.values()), ui().currency),
        ready=bool(priced) and len(priced) == len(lines),
    )


@bp.post("/cart/add")
@guarded("cart.use")
def add_to_cart() -> ResponseReturnValue:
    listing, quantity = request.form.get("listing", "")[:20], _quantity()
    key = owner()

    def work() -> str:
        session["cart_count"] = carts.add(key, listing, quantity)
        flash(_("It is in your cart."), "success")
        return url_for("shopper.cart")

    try:
        return once(work)
    except Refusal as refusal:
        if refusal.status == 404:
            raise
        return _back(refusal, url_for("public.item", ref=listing))


@bp.post("/cart/update")
@guarded("cart.use")
def update_cart() -> ResponseReturnValue:
    try:
        session["cart_count"] = carts.change(owner(), request.form.get("listing", "")[:20], _quantity())
    except Refusal as refusal:
        return _back(refusal, url_for("shopper.cart"))
    return redirect(url_for("shopper.cart"), 303)


@bp.post("/cart/remove")
@guarded("cart.use")
def remove_from_cart() -> ResponseReturnValue:
    session["cart_count"] = carts.remove(owner(), request.form.get("listing", "")[:20])
    return redirect(url_for("shopper.cart"), 303)


@bp.post("/cart/quote")
@guarded("order.place")
def quote_cart() -> ResponseReturnValue:
    try:
        return once(lambda: url_for("shopper.quote", ref=service.quote_cart(actor(), ui().currency).ref))
    except Refusal as refusal:
        return _back(refusal, url_for("shopper.cart"))


def _quantity() -> int:
    """What was typed as a number; anything else is refused with the words for a wrong number."""
    text = request.form.get("quantity", "1").strip()
    return int(text) if text.isdecimal() and len(text) <= 4 else -1


def _back(refusal: Refusal, address: str) -> ResponseReturnValue:
    flash(str(refusal.message or _("This page is too old. Send the form again.")), "error")
    return redirect(address, 303)
