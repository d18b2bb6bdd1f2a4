"""Refunds by bank transfer: one officer proposes, a second one agrees, and then it is sent."""

from __future__ import annotations

from flask import Response, flash, make_response, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm

from blueprints.fields import Line, Passage
from blueprints.guard import actor, guarded
from blueprints.once import once
from blueprints.pages import shown_on
from blueprints.stepped import stepped_up
from compliance.audit import proposals
from daigou.core.i18n import _, lazy
from daigou.payments.refunds import ways

from . import bp


class ProposeForm(FlaskForm):
    reason = Passage(lazy("Reason, for whoever decides"), proposals.LONGEST, required=True)


class PaidForm(FlaskForm):
    reference = Line(lazy("The bank’s reference of the transfer"), 80, required=True)


@bp.get("/books/refunds/<ref>/account")
@guarded("refund.retry")
def refund_account(ref: str) -> ResponseReturnValue:
    return _page(ref)


@bp.post("/books/refunds/<ref>/propose")
@guarded("refund.propose_bank")
@stepped_up
def propose_refund(ref: str) -> ResponseReturnValue:
    form = ProposeForm()
    with shown_on(form) as shown:
        if form.validate():
            return once(lambda: _proposed(ref, form))
    return _page(ref, propose=form), shown.status


def _proposed(ref: str, form: ProposeForm) -> str:
    row = ways.propose_by_bank(actor(), ref, form.reason.data or "")
    flash(_("Refund %(ref)s waits for a second officer.", ref=ref), "success")
    return url_for("officer.proposal", ref=row.ref)


@bp.post("/books/refunds/<ref>/paid")
@guarded("refund.retry")
@stepped_up
def paid_refund(ref: str) -> ResponseReturnValue:
    form = PaidForm()
    with shown_on(form) as shown:
        if form.validate():
            ways.pay_by_bank(actor(), ref, form.reference.data or "")
            flash(_("Refund %(ref)s is done. The shopper has been told.", ref=ref), "success")
            return redirect(url_for("officer.books"), 303)
    return _page(ref, paid=form), shown.status


@bp.post("/books/refunds/<ref>/give-up-bank")
@guarded("refund.retry")
def give_up_bank(ref: str) -> ResponseReturnValue:
    ways.give_up_bank(actor(), ref)
    flash(_("The money is held again. Choose another way for it."), "info")
    return redirect(url_for("officer.books"), 303)


def _page(ref: str, *, propose: ProposeForm | None = None, paid: PaidForm | None = None) -> Response:
    row = ways.look(actor(), ref)
    page = render_template(
        "officer/refund_account.html",
        console=True,
        row=row,
        waiting=ways.waiting(row),
        propose=propose or ProposeForm(formdata=None),
        paid=paid or PaidForm(formdata=None),
    )
    response = make_response(page)
    response.headers["Cache-Control"] = "no-store"
    return response
