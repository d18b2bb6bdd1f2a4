"""Where a refund shall go that can't go back the way it was paid; and taking back what is not bought yet."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm

from blueprints.fields import Line
from blueprints.guard import actor, guarded
from daigou.core.errors import Refusal
from daigou.core.i18n import _, lazy
from daigou.orders import service as orders
from daigou.payments.refunds import ways

from . import bp


class BankForm(FlaskForm):
    holder = Line(lazy("Account holder"), 120, required=True)
    account = Line(lazy("IBAN or account number"), 60, required=True)
    bank = Line(lazy("Bank, or its BIC"), 120, required=True)


@bp.get("/refunds/<ref>/bank")
@guarded("refund.name_bank")
def refund_bank(ref: str) -> str:
    return _page(ref, BankForm(formdata=None))


@bp.post("/refunds/<ref>/bank")
@guarded("refund.name_bank")
def name_refund_bank(ref: str) -> ResponseReturnValue:
    form = BankForm()
    if not form.validate():
        return _page(ref, form), 422
    account = ways.BankAccount(form.holder.data or "", form.account.data or "", form.bank.data or "")
    ways.name_bank(actor(), ref, account)
    flash(_("Thank you. We send it to this account and tell you when it is done."), "success")
    return redirect(url_for("shopper.refund_bank", ref=ref), 303)


def _page(ref: str, form: BankForm) -> str:
    return render_template("shopper/refund_bank.html", form=form, row=ways.bank_form(actor(), ref))


@bp.post("/orders/items/<ref>/cancel")
@guarded("order.cancel")
def cancel_item(ref: str) -> ResponseReturnValue:
    way = "wallet" if request.form.get("way") == "wallet" else "original"
    try:
        ways.refuse_closed(way)
        item = orders.withdraw_item(actor(), ref, way)
    except Refusal as refusal:
        if refusal.code != "item.bought":
            raise
        flash(str(refusal.message), "error")
        return redirect(url_for("shopper.orders"), 303)
    flash(_("Cancelled. All that you paid for it is on its way back to you."), "success")
    return redirect(url_for("shopper.order", ref=item.order_ref), 303)
