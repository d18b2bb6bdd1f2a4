"""What a merchant has to buy, and how it says that it has."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired

from blueprints.fields import Amount, Day, Line, OneOf
from blueprints.guard import actor, guarded
from blueprints.once import once
from blueprints.pages import fail
from blueprints.shopper.order_words import ITEM
from daigou.core import clock
from daigou.core.errors import Impossible, Invalid
from daigou.core.i18n import _, lazy
from daigou.orders import buying, reading, repricing, service
from daigou.orders.models import OrderItem

from . import bp

QUEUES = {
    "buy": (lazy("To buy"), ("paid", "balance_due")),
    "sent": (lazy("Sent to the warehouse"), ("purchased",)),
    "warehouse": (lazy("In the warehouse"), ("received", "inspected", "in_stock", "in_parcel", "return_requested")),
    "done": (lazy("On its way and done"), ("shipped", "delivered", "completed")),
    "over": (lazy("Did not happen"), ("invalid", "withdrawn", "returned", "refunded")),
}
WHY_NOT = (
    ("sold_out", lazy("It is sold out")),
    ("price_rose", lazy("Its price has risen")),
    ("not_allowed", lazy("It may not be exported")),
    ("not_found", lazy("It can’t be found")),
)


WHY_PRICE = (
    ("supplier", lazy("The supplier raised or lowered it")),
    ("variant", lazy("Another size, colour or edition")),
    ("sale", lazy("A sale began or ended")),
    ("mistake", lazy("The listing was wrong")),
)


class PurchaseForm(FlaskForm):
    supplier = Line(lazy("Bought from"), 120, required=True)
    paid = Amount(lazy("What you paid"))
    purchased_on = Day(lazy("Bought on"))
    receipt = FileField(lazy("Receipt"), [FileRequired(lazy("Choose the receipt: a PDF, PNG or JPEG up to 10 MB."))])
    inbound_tracking = Line(lazy("Tracking number to our warehouse"), 60, required=True)
    serial = Line(lazy("Serial number"), 80)

    def purchase(self) -> buying.Purchase:
        return buying.Purchase(
            self.supplier.data,
            self.paid.money,
            self.purchased_on.data,
            self.receipt.data,
            self.inbound_tracking.data,
            self.serial.data or "",
        )


class PriceForm(FlaskForm):
    goods = Amount(lazy("What the goods cost now, all pieces"))
    reason = OneOf(lazy("Why"), WHY_PRICE)


@bp.get("/orders")
@guarded("merchant.work")
def orders() -> ResponseReturnValue:
    return _show(None, None)


@bp.get("/orders/<ref>")
@guarded("merchant.work")
def order_item(ref: str) -> ResponseReturnValue:
    item = reading.item_of_merchant(actor(), ref)
    return _show(item, _form(item))


@bp.post("/orders/<ref>/purchase")
@guarded("item.purchase")
def purchase_item(ref: str) -> ResponseReturnValue:
    item = reading.item_of_merchant(actor(), ref)
    form = _form(item)
    if not form.validate_on_submit():
        return _show(item, form), 422

    def work() -> str:
        service.record_purchase(actor(), ref, form.purchase())
        flash(_("Recorded. The shopper has been told."), "success")
        return url_for("merchant.orders")

    try:
        return once(work)
    except (Invalid, Impossible) as refusal:
        fail(form, refusal)
        return _show(item, form), 422


@bp.post("/orders/<ref>/price")
@guarded("item.purchase")
def price_item(ref: str) -> ResponseReturnValue:
    """Before buying: the goods cost something else now."""
    item = reading.item_of_merchant(actor(), ref)
    price = _price_form(item)
    if not price.validate_on_submit():
        return _show(item, _form(item), price), 422

    def work() -> str:
        service.report_price(actor(), ref, price.goods.money, price.reason.data)
        flash(_("Reported. The shopper has been told."), "success")
        return url_for("merchant.order_item", ref=ref)

    try:
        return once(work)
    except (Invalid, Impossible) as refusal:
        fail(price, refusal)
        return _show(item, _form(item), price), 422


@bp.post("/orders/<ref>/fail")
@guarded("item.purchase")
def fail_item(ref: str) -> ResponseReturnValue:
    try:
        service.fail_purchase(actor(), ref, request.form.get("reason", ""))
        flash(_("The shopper has been told and gets the money back."), "success")
    except (Invalid, Impossible) as refusal:
        flash(str(next(iter(getattr(refusal, "fields", {}).values()), refusal.message)), "error")
        return redirect(url_for("merchant.order_item", ref=ref), 303)
    return redirect(url_for("merchant.orders"), 303)


def _form(item: OrderItem) -> PurchaseForm:
    form = PurchaseForm(purchased_on=clock.today())
    form.paid.currency = item.merchant_currency
    return form


def _price_form(item: OrderItem) -> PriceForm:
    form = PriceForm(prefix="price-")
    form.goods.currency = item.merchant_currency
    return form


def _show(item: OrderItem | None, form: PurchaseForm | None, price: PriceForm | None = None) -> str:
    chosen = request.args.get("queue", "")
    name = chosen if chosen in QUEUES else _queue_of(item)
    return render_template(
        "merchant/orders.html",
        console=True,
        queues=QUEUES,
        name=name,
        page=reading.purchases(actor(), QUEUES[name][1], request.args.get("after")),
        item=item,
        form=form,
        price=price or (_price_form(item) if item else None),
        change=repricing.waiting_for(item.id) if item and item.is_("balance_due") else None,
        receipt=buying.receipt_of(item) if item else None,
        words=ITEM,
        why_not=WHY_NOT,
    )


def _queue_of(item: OrderItem | None) -> str:
    return next((name for name, (_label, states) in QUEUES.items() if item and item.state in states), "buy")
