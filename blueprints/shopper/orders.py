"""A shopper's orders."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from blueprints.guard import actor, guarded
from daigou.core.errors import Impossible
from daigou.core.i18n import _
from daigou.orders import reading, service
from daigou.payments import ways

from . import bp, order_words


@bp.get("/orders")
@guarded("order.place")
def orders() -> ResponseReturnValue:
    page, items = reading.orders(actor(), request.args.get("after"))
    return render_template("shopper/orders.html", page=page, items=items, words=order_words)


@bp.get("/orders/<ref>")
@guarded("order.view")
def order(ref: str) -> ResponseReturnValue:
    """Also what the page asks for every few seconds: it takes the changed part out of the answer."""
    whole = reading.whole(actor(), ref)
    mine = whole.order.account_id == actor().account_id
    return render_template(
        "shopper/order.html",
        whole=whole,
        order=whole.order,
        mine=mine,
        panel=order_words.next_step(whole),
        events=order_words.timeline(list(whole.history), len(whole.items) > 1),
        words=order_words,
        wallet=ways.wallet_is_on(),
    )


@bp.post("/orders/<ref>/cancel")
@guarded("order.cancel")
def cancel_order(ref: str) -> ResponseReturnValue:
    try:
        service.cancel(actor(), ref)
        flash(_("The order is cancelled. Nothing is owed."), "success")
    except Impossible as refusal:
        flash(str(refusal.message), "error")
    return redirect(url_for("shopper.order", ref=ref), 303)
