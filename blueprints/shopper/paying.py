"""A bill, the way to the provider's page, and the way back from it."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm

from blueprints import checking
from blueprints.guard import actor, guarded
from daigou.accounts.addresses import service as addresses
from daigou.core.errors import Impossible, Unavailable
from daigou.methods import service as methods
from daigou.methods import words as way_words
from daigou.orders.models import Bill
from daigou.payments import service, settling
from daigou.payments.paying import reading, wallet, words
from daigou.payments.paying.watching.judging import ASKS_WHO

from . import bp, by_phone, held_payments


@bp.get("/bills/<ref>")
@guarded("bill.pay")
def bill(ref: str) -> ResponseReturnValue:
    return page(reading.bill_for(actor(), ref))


@bp.post("/bills/<ref>/pay")
@guarded("bill.pay")
def pay_bill(ref: str) -> ResponseReturnValue:
    """To the hosted page. Sent twice, it is the same page: the open attempt is what a second click finds."""
    try:
        where, balance = request.form.get("address", ""), "balance" in request.form
        return redirect(service.start(actor(), ref, from_balance=balance, address_ref=where), 303)
    except (Impossible, Unavailable) as refusal:
        if refusal.code == ASKS_WHO:
            flash(str(refusal.message), "info")
            return redirect(url_for("account.step_up", next=url_for("shopper.bill", ref=ref)), 303)
        flash(str(refusal.message), "error")
        return page(reading.bill_for(actor(), ref)), refusal.status


@bp.get("/payments/<ref>/return")
@guarded("public.view")
def payment_return(ref: str) -> ResponseReturnValue:
    """Being led here proves nothing: the provider is asked, and the page follows what it says. Who paid by phone
    without signing in is thanked, and shown nothing."""
    if not actor().is_signed_in:
        return render_template("shopper/payment_done.html")
    found = reading.bill_for(actor(), ref)
    if found.is_("due", "processing"):
        settling.ask_soon(found)
    return render_template("shopper/payment.html", **_state(found))


@bp.get("/payments/<ref>/status")
@guarded("bill.pay")
def payment_status(ref: str) -> ResponseReturnValue:
    return render_template("shopper/payment_state.html", **_state(reading.bill_for(actor(), ref)))


def page(found: Bill, story: FlaskForm | None = None) -> str:
    """The bill; with ``story`` a form about it that could not be taken."""
    due = found.is_("due")
    need = reading.need_of(found)
    ways = methods.ways(need) if due else []
    lenders = [way.method for way in ways if way.method.wants_address]
    return render_template(
        "shopper/bill.html",
        **_state(found),
        ways=ways,
        no_way=methods.refusal(need).message if due and not ways else None,
        lenders=lenders,
        addresses=addresses.mine(actor()) if lenders else [],
        way_words=way_words,
        balance=wallet.usable(found) if due else None,
        code=by_phone.code(found) if due else None,
        watched=held_payments.panel(found, story) if due else None,
    )


def _state(found: Bill) -> dict[str, object]:
    attempt = reading.latest_attempt(found)
    refused = attempt is not None and attempt.refusal and found.is_("due")
    return {
        "bill": found,
        "checking": checking.panel(found.about_ref) if found.is_("due") else None,
        "attempt": attempt,
        "refusal": words.declined(attempt.refusal, attempt.method) if attempt and refused else None,
        "about_url": f"/parcels/{found.about_ref}" if found.kind == "freight" else f"/orders/{found.about_ref}",
        "return_url": url_for("shopper.payment_status", ref=found.ref),
    }
