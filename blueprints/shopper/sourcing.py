"""Wishes: a link, and what is wanted of it. The link is shown to merchants; this server never opens it."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm

from blueprints.fields import Line, OneOf, Passage, Whole, options
from blueprints.guard import actor, guarded
from blueprints.once import once
from blueprints.pages import fail, ui
from daigou.accounts.models import Merchant
from daigou.core.db import find
from daigou.core.errors import Impossible, Invalid, Refusal
from daigou.core.i18n import _, country_name, lazy
from daigou.orders import service as orders
from daigou.sourcing import service
from daigou.sourcing.rules import COUNTRIES

from . import bp

STATES = {
    "open": (lazy("Waits for a merchant"), "info"),
    "quoted": (lazy("Answered: look at the price"), "warning"),
    "ordered": (lazy("Ordered"), "success"),
    "withdrawn": (lazy("Withdrawn"), ""),
}


class WishForm(FlaskForm):
    url = Line(lazy("Link to the product"), 2000, required=True, render_kw={"type": "url", "inputmode": "url"})
    title = Line(lazy("What is it?"), 160, required=True)
    country = OneOf(lazy("Where is it sold?"), [])
    quantity = Whole(lazy("Pieces"), 1, 99)
    wishes = Passage(lazy("Colour, size, version, anything that matters"), 2000)

    def wish(self) -> service.Wish:
        return service.Wish(
            self.url.data, self.title.data, self.country.data, self.quantity.number or 1, self.wishes.data or ""
        )


def _form() -> WishForm:
    form = WishForm(url=request.args.get("url", "")[:2000], quantity="1")
    form.country.choices = options((code, country_name(code)) for code in COUNTRIES)
    return form


@bp.get("/sourcing")
@guarded("sourcing.ask")
def sourcing() -> ResponseReturnValue:
    return _list(_form())


@bp.post("/sourcing")
@guarded("sourcing.ask")
def ask_for_item() -> ResponseReturnValue:
    form = _form()
    if not form.validate_on_submit():
        return _list(form), 422
    try:
        return once(lambda: url_for("shopper.sourcing_request", ref=service.ask(actor(), form.wish()).ref))
    except (Invalid, Impossible) as refusal:
        fail(form, refusal)
        return _list(form), 422


@bp.get("/sourcing/<ref>")
@guarded("sourcing.ask")
def sourcing_request(ref: str) -> ResponseReturnValue:
    found = service.view(actor(), ref)
    merchant = find(Merchant, id=found.merchant_id) if found.merchant_id else None
    return render_template(
        "shopper/sourcing_request.html",
        wish=found,
        merchant=merchant,
        states=STATES,
        country=country_name(found.country),
    )


@bp.post("/sourcing/<ref>/accept-quote")
@guarded("order.place")
def accept_sourcing_quote(ref: str) -> ResponseReturnValue:
    """The merchant's answer as an itemised quote, with our fee and the locked rate; nothing is ordered yet."""
    try:
        return once(lambda: url_for("shopper.quote", ref=orders.quote_sourcing(actor(), ref, ui().currency).ref))
    except Refusal as refusal:
        if refusal.status == 404:
            raise
        return _back(refusal, ref)


@bp.post("/sourcing/<ref>/withdraw")
@guarded("sourcing.ask")
def withdraw_sourcing(ref: str) -> ResponseReturnValue:
    try:
        service.withdraw(actor(), ref)
    except Impossible as refusal:
        return _back(refusal, ref)
    flash(_("The request is withdrawn."), "success")
    return redirect(url_for("shopper.sourcing"), 303)


def _list(form: WishForm) -> str:
    page = service.mine(actor(), request.args.get("after"))
    return render_template("shopper/sourcing.html", form=form, page=page, states=STATES)


def _back(refusal: Refusal, ref: str) -> ResponseReturnValue:
    flash(str(refusal.message), "error")
    return redirect(url_for("shopper.sourcing_request", ref=ref), 303)
