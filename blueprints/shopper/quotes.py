"""A quote: every figure, the locked rate and until when; from there to the order."""

from __future__ import annotations

from flask import flash, redirect, render_template, session, url_for
from flask.typing import ResponseReturnValue

from blueprints.guard import actor, guarded
from blueprints.once import once
from blueprints.pages import ui
from daigou.core.errors import Impossible, Refusal
from daigou.core.money import total
from daigou.orders import quotes, service
from daigou.warranty import offering

from . import bp


@bp.get("/quotes/<ref>")
@guarded("quote.view")
def quote(ref: str, refusal: Refusal | None = None) -> ResponseReturnValue:
    found = quotes.view_quote(actor(), ref)
    lines = quotes.lines_of(found)
    refusal = refusal or (None if found.is_("accepted") else quotes.why_not(found))
    rates = {line.rate.base: line.rate for line in lines if line.rate.base != line.rate.target}
    page = render_template(
        "shopper/quote.html",
        quote=found,
        lines=lines,
        rates=rates.values(),
        covers=offering.for_lines(lines),
        refusal=refusal,
        goods=total((line.goods for line in lines), found.currency),
        freight=total((line.freight for line in lines), found.currency),
        fee=total((line.fee for line in lines), found.currency),
    )
    return page, refusal.status if refusal else 200


@bp.post("/quotes/<ref>/order")
@guarded("order.place")
def order_quote(ref: str) -> ResponseReturnValue:
    def work() -> str:
        order = service.place(actor(), ref)
        session.pop("cart_count", None)
        return url_for("shopper.order", ref=order.ref)

    try:
        return once(work)
    except Impossible as refusal:
        return quote(ref, refusal)


@bp.post("/quotes/<ref>/renew")
@guarded("order.place")
def renew_quote(ref: str) -> ResponseReturnValue:
    try:
        return once(lambda: url_for("shopper.quote", ref=service.renew_quote(actor(), ref, ui().currency).ref))
    except Impossible as refusal:
        flash(str(refusal.message), "error")
        return redirect(url_for("shopper.cart"), 303)
