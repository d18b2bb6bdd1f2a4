"""An officer reports a changed price for a merchant who can't."""

from __future__ import annotations

from flask import flash, render_template, url_for
from flask.typing import ResponseReturnValue

from blueprints.guard import actor, guarded
from blueprints.merchant.orders import PriceForm
from blueprints.once import once
from blueprints.pages import fail
from daigou.core.errors import Impossible, Invalid
from daigou.core.i18n import _
from daigou.orders import repricing, service
from daigou.orders.models import OrderItem

from . import bp


@bp.get("/items/<ref>/price")
@guarded("item.reprice")
def item_price(ref: str) -> ResponseReturnValue:
    item = repricing.item_of(actor(), ref)
    return _page(item, _form(item))


@bp.post("/items/<ref>/price")
@guarded("item.reprice")
def report_item_price(ref: str) -> ResponseReturnValue:
    item = repricing.item_of(actor(), ref)
    form = _form(item)
    if not form.validate_on_submit():
        return _page(item, form), 422

    def work() -> str:
        service.report_price(actor(), ref, form.goods.money, form.reason.data)
        flash(_("Reported. The shopper has been told."), "success")
        return url_for("shopper.order", ref=item.order_ref)

    try:
        return once(work)
    except (Invalid, Impossible) as refusal:
        fail(form, refusal)
        return _page(item, form), 422


def _form(item: OrderItem) -> PriceForm:
    form = PriceForm()
    form.goods.currency = item.merchant_currency
    return form


def _page(item: OrderItem, form: PriceForm) -> str:
    return render_template("officer/item_price.html", console=True, item=item, form=form)
