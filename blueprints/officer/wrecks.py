"""Parcels that were lost, damaged, seized or came back: one decision each, and the money follows."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm

from blueprints.fields import Amount, OneOf, Passage
from blueprints.guard import actor, guarded
from blueprints.once import once
from blueprints.pages import shown_on
from blueprints.shopper import parcel_words
from blueprints.stepped import stepped_up
from compliance.audit import proposals
from daigou.aftersales import insurance
from daigou.aftersales import parcels as service
from daigou.core.i18n import _, lazy

from . import bp

GOODS = (
    ("refund", lazy("Refund the goods; the merchant is not paid for them")),
    ("insurance", lazy("Insured: refund the goods, pay the merchant, and claim them from the insurer")),
    ("back_in_stock", lazy("They are back in our warehouse, undamaged: put them into stock")),
)
FREIGHT = (("refund", lazy("Refund the freight")), ("carrier", lazy("The carrier has earned it")))


class RulingForm(FlaskForm):
    goods = OneOf(lazy("The goods"), GOODS)
    freight = OneOf(lazy("The freight"), FREIGHT)
    reason = Passage(lazy("Why"), proposals.LONGEST, required=True)


class ReceiptForm(FlaskForm):
    paid = Amount(lazy("What the insurer has paid"), zero=True)
    reason = Passage(lazy("The insurer’s reference, and why, for whoever decides"), proposals.LONGEST, required=True)


@bp.get("/parcels")
@guarded("parcel.settle")
def wrecks() -> str:
    page = service.queue(actor(), request.args.get("cursor"))
    claims = insurance.claims(actor())
    return render_template("officer/wrecks.html", console=True, page=page, states=parcel_words.STATES, claims=claims)


@bp.get("/parcels/<ref>")
@guarded("parcel.settle")
def wreck(ref: str) -> str:
    return _page(ref)


@bp.post("/parcels/<ref>/settle")
@guarded("parcel.settle")
@stepped_up
def settle_wreck(ref: str) -> ResponseReturnValue:
    form = RulingForm()
    with shown_on(form) as shown:
        if form.validate():
            service.settle(actor(), ref, service.Ruling(form.goods.data, form.freight.data, form.reason.data or ""))
            flash(_("Settled. Refunds are on their way; the shopper hears of each."), "success")
            return redirect(url_for("officer.wrecks"), 303)
    return _page(ref, form), shown.status


@bp.post("/parcels/<ref>/insurer")
@guarded("parcel.settle")
@stepped_up
def insurer_paid(ref: str) -> ResponseReturnValue:
    form = ReceiptForm()
    form.paid.currency = service.view(actor(), ref).parcel.currency
    with shown_on(form) as shown:
        if form.validate():
            return once(lambda: _proposed(ref, form))
    return _page(ref, receipt=form), shown.status


def _proposed(ref: str, form: ReceiptForm) -> str:
    row = insurance.propose_receipt(actor(), ref, form.paid.money, form.reason.data or "")
    flash(_("It waits for a second officer."), "success")
    return url_for("officer.proposal", ref=row.ref)


def _page(ref: str, form: RulingForm | None = None, receipt: ReceiptForm | None = None) -> str:
    found = service.view(actor(), ref)
    return render_template(
        "officer/wreck.html",
        console=True,
        found=found,
        form=form or RulingForm(formdata=None),
        receipt=receipt or ReceiptForm(formdata=None),
        claimed=insurance.claimed(found.parcel),
        states=parcel_words.STATES,
    )
