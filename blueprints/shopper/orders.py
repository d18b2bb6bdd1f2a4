"""A shopper's orders."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from blueprints.guard import actor, guarded
from daigou.core.errors import Impossible
from daigou.core.i18n import _
from daigou.orders import reading, repricing, service
from daigou.payments.escrow import rulebook
from daigou.payments.paying import wallet
from daigou.reputation import service as reputation
from daigou.warranty import covering
from daigou.warranty import words as cover_words

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
        asked=repricing.waiting_in(whole.order.id) if any(i.is_("balance_due") for i in whole.items) else {},
        panel=order_words.next_step(whole),
        events=order_words.timeline(list(whole.history), len(whole.items) > 1),
        words=order_words,
        reviewed=reputation.of_items([i.id for i in whole.items if i.is_("completed")]),
        settled=rulebook.of_order(ref) if whole.order.state != "placed" else (),
        why=rulebook.WHY,
        wallet=wallet.is_on(),
        covers=covering.of_items([i.id for i in whole.items]) if whole.order.state != "placed" else {},
        cover_words=cover_words,
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


@bp.post("/orders/items/<ref>/decline-price")
@guarded("item.decline")
def decline_price(ref: str) -> ResponseReturnValue:
    """The shopper does not want it at its new price: everything for it goes back."""
    item = service.decline_price(actor(), ref)
    flash(_("It is not bought. All that you paid for it goes back to you."), "success")
    return redirect(url_for("shopper.order", ref=item.order_ref), 303)
