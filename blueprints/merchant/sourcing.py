"""Wishes of shoppers for the merchant's country: the queue, the matter, and a price for it."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm

from blueprints.fields import Amount, Day, Passage
from blueprints.guard import actor, guarded
from blueprints.pages import fail
from daigou.catalog.service import merchant_of
from daigou.core.errors import Impossible, Invalid
from daigou.core.i18n import _, lazy
from daigou.sourcing import service
from daigou.sourcing.models import SourcingRequest

from . import bp
from .goods import Goods, countries, suggestions


class AnswerForm(Goods, FlaskForm):
    price = Amount(lazy("Price of one piece"))
    domestic_freight = Amount(lazy("Freight to our warehouse"), zero=True)
    valid_until = Day(lazy("Your price holds until"), future=True)
    answer = Passage(lazy("What the shopper should know"), 2000)

    def answered(self) -> service.Answer:
        return service.Answer(
            price=self.price.money,
            domestic_freight=self.domestic_freight.money,
            category=self.category.data,
            origin=self.origin.data,
            hs_code=self.hs_code.code,
            weight_g=self.weight_g.number,
            length_mm=self.length_mm.number,
            width_mm=self.width_mm.number,
            height_mm=self.height_mm.number,
            valid_until=self.valid_until.data,
            answer=self.answer.data or "",
        )


@bp.get("/sourcing")
@guarded("sourcing.quote")
def sourcing() -> ResponseReturnValue:
    return _show(None, None)


@bp.get("/sourcing/<ref>")
@guarded("sourcing.quote")
def sourcing_request(ref: str) -> ResponseReturnValue:
    return _show(service.view_as_merchant(actor(), ref), _form())


@bp.post("/sourcing/<ref>/quote")
@guarded("sourcing.quote")
def quote_request(ref: str) -> ResponseReturnValue:
    wish, form = service.view_as_merchant(actor(), ref), _form()
    if not form.validate_on_submit():
        return _show(wish, form), 422
    try:
        service.quote(actor(), ref, form.answered())
    except (Invalid, Impossible) as refusal:
        fail(form, refusal)
        return _show(wish, form), 422
    flash(_("Your price is with the shopper."), "success")
    return redirect(url_for("merchant.sourcing"), 303)


def _form() -> AnswerForm:
    form, shop = AnswerForm(), merchant_of(actor())
    form.origin.choices = countries()
    if not form.is_submitted():
        form.origin.data = shop.country
    for field in (form.price, form.domestic_freight):
        field.currency = shop.currency
    return form


def _show(wish: SourcingRequest | None, form: AnswerForm | None) -> str:
    return render_template(
        "merchant/sourcing.html",
        console=True,
        page=service.queue(actor(), request.args.get("after")),
        wish=wish,
        form=form,
        codes=suggestions(),
        currency=form.price.currency if form else "",
    )
