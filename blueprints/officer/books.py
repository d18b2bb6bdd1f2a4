"""The books, the last check of them, and what money needs a person."""

from __future__ import annotations

from flask import flash, make_response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm

from blueprints.fields import Line, OneOf
from blueprints.guard import actor, guarded
from blueprints.pages import fail
from blueprints.stepped import stepped_up
from daigou.core.errors import Refusal
from daigou.core.i18n import _, lazy
from daigou.ledger.rules import KINDS
from daigou.payments import books as room
from daigou.payments import payouts, refunding, releasing, wallet, ways
from daigou.payments.models import Refund, Release

from . import bp

WAYS = {
    "original": lazy("The way it was paid"),
    "wallet": lazy("To the shopper’s balance"),
    "bank": lazy("By bank: ask the shopper for an account"),
}


class WayForm(FlaskForm):
    way = OneOf(lazy("Way"), WAYS.items(), required=False)


class PaidForm(FlaskForm):
    reference = Line(lazy("The bank’s reference of the transfer"), 80, required=True)


@bp.get("/books")
@guarded("books.view")
def books() -> ResponseReturnValue:
    return _page()


@bp.post("/refunds/<ref>/retry")
@guarded("refund.retry")
@stepped_up
def retry_refund(ref: str) -> ResponseReturnValue:
    form = WayForm()
    if not form.validate():
        return _page(), 422
    refunding.retry(actor(), ref, form.way.data or "original")
    flash(_("Refund %(ref)s is under way again. This page shows how it ends.", ref=ref), "info")
    return redirect(url_for("officer.books"), 303)


@bp.get("/refunds/<ref>/account")
@guarded("refund.retry")
def refund_account(ref: str) -> ResponseReturnValue:
    response = make_response(render_template("officer/refund_account.html", console=True, row=ways.look(actor(), ref)))
    response.headers["Cache-Control"] = "no-store"
    return response


@bp.post("/refunds/<ref>/paid")
@guarded("refund.retry")
@stepped_up
def paid_refund(ref: str) -> ResponseReturnValue:
    form, status = PaidForm(), 422
    try:
        if form.validate():
            ways.pay_by_bank(actor(), ref, form.reference.data or "")
            flash(_("Refund %(ref)s is done. The shopper has been told.", ref=ref), "success")
            return redirect(url_for("officer.books"), 303)
    except Refusal as refusal:
        fail(form, refusal)
        status = refusal.status
    return _page(form), status


@bp.post("/refunds/<ref>/give-up-bank")
@guarded("refund.retry")
def give_up_bank(ref: str) -> ResponseReturnValue:
    ways.give_up_bank(actor(), ref)
    flash(_("The money is held again. Choose another way for it."), "info")
    return redirect(url_for("officer.books"), 303)


@bp.post("/releases/<ref>/retry")
@guarded("release.decide")
@stepped_up
def retry_release(ref: str) -> ResponseReturnValue:
    releasing.retry(actor(), ref)
    flash(_("Payout %(ref)s is tried again. This page shows how it ends.", ref=ref), "info")
    return redirect(url_for("officer.books"), 303)


def _page(paid: PaidForm | None = None) -> str:
    return render_template(
        "officer/books.html",
        console=True,
        balances=room.balances(),
        kinds=KINDS,
        last=room.last_check(),
        refunds=payouts.troubled(Refund),
        by_bank=payouts.by_bank(),
        releases=payouts.troubled(Release),
        choices={name: words for name, words in WAYS.items() if name != "wallet" or wallet.is_on()},
        paid=paid or PaidForm(formdata=None),
    )
