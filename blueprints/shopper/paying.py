"""A bill, the way to the provider's page, and the way back from it."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from blueprints.guard import actor, guarded
from daigou.core.errors import Impossible, Unavailable
from daigou.orders.models import Bill
from daigou.payments import reading, service, settling, words

from . import bp


@bp.get("/bills/<ref>")
@guarded("bill.pay")
def bill(ref: str) -> ResponseReturnValue:
    return _page(reading.bill_for(actor(), ref))


@bp.post("/bills/<ref>/pay")
@guarded("bill.pay")
def pay_bill(ref: str) -> ResponseReturnValue:
    """To the hosted page. Sent twice, it is the same page: the open attempt is what a second click finds."""
    try:
        return redirect(service.start(actor(), ref), 303)
    except (Impossible, Unavailable) as refusal:
        flash(str(refusal.message), "error")
        return _page(reading.bill_for(actor(), ref)), refusal.status


@bp.get("/payments/<ref>/return")
@guarded("bill.pay")
def payment_return(ref: str) -> ResponseReturnValue:
    """Being led here proves nothing: the provider is asked, and the page follows what it says."""
    found = reading.bill_for(actor(), ref)
    if found.is_("due", "processing"):
        settling.ask_soon(found)
    return render_template("shopper/payment.html", **_state(found))


@bp.get("/payments/<ref>/status")
@guarded("bill.pay")
def payment_status(ref: str) -> ResponseReturnValue:
    return render_template("shopper/payment_state.html", **_state(reading.bill_for(actor(), ref)))


def _page(found: Bill) -> str:
    return render_template("shopper/bill.html", **_state(found))


def _state(found: Bill) -> dict[str, object]:
    attempt = reading.latest_attempt(found)
    return {
        "bill": found,
        "attempt": attempt,
        "refusal": words.declined(attempt.refusal) if attempt and found.is_("due") else None,
        "about_url": f"/parcels/{found.about_ref}" if found.kind == "freight" else f"/orders/{found.about_ref}",
        "return_url": url_for("shopper.payment_status", ref=found.ref),
    }
