"""Payments that banks dispute: the queue by deadline, and each case with its evidence."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm

from blueprints.fields import Line, Passage
from blueprints.guard import actor, guarded
from blueprints.pages import fail
from daigou.core import clock
from daigou.core.errors import Refusal
from daigou.core.i18n import _
from daigou.disputes import rules, service

from . import bp
from . import money_words as words

SHORT = {"customer_name", "customer_email_address", "service_date", "shipping_carrier", "shipping_date"}
SHORT |= {"shipping_tracking_number"}


class EvidenceForm(FlaskForm):
    """One field for each thing that the provider takes as words; empty ones are not sent."""

    def texts(self) -> dict[str, str]:
        return {name: self[name].data or "" for name in rules.TEXTS}


for _name in rules.TEXTS:
    _field = Line(words.EVIDENCE[_name], 250) if _name in SHORT else Passage(words.EVIDENCE[_name], rules.LONGEST_TEXT)
    setattr(EvidenceForm, _name, _field)


class AcceptForm(FlaskForm):
    reason = Passage(words.lazy("Why nothing speaks for us"), 500, required=True)


@bp.get("/disputes")
@guarded("dispute.view")
def disputes() -> str:
    which = "decided" if request.args.get("state") == "decided" else "open"
    page = service.queue(actor(), which, request.args.get("cursor"))
    soon = clock.now() + rules.URGENT
    return render_template(
        "officer/disputes.html", console=True, page=page, which=which, counts=service.counts(), words=words, soon=soon
    )


@bp.get("/disputes/<ref>")
@guarded("dispute.view")
def dispute(ref: str) -> str:
    return _page(ref)


@bp.post("/disputes/<ref>/evidence")
@guarded("dispute.answer")
def edit_dispute(ref: str) -> ResponseReturnValue:
    """Keeps the words; the second button sends them as well."""
    form = EvidenceForm()
    if not form.validate():
        return _page(ref, form), 422
    service.edit(actor(), ref, form.texts())
    if request.form.get("then") == "submit":
        service.submit(actor(), ref)
        flash(_("The evidence is on its way to the bank. This page shows when it is there."), "success")
    else:
        flash(_("Kept. Nothing has been sent yet."), "info")
    return redirect(url_for("officer.dispute", ref=ref), 303)


@bp.post("/disputes/<ref>/accept")
@guarded("dispute.answer")
def accept_dispute(ref: str) -> ResponseReturnValue:
    form = AcceptForm()
    try:
        if form.validate():
            service.accept(actor(), ref, form.reason.data or "")
            flash(_("Accepted: the shopper keeps the money."), "info")
            return redirect(url_for("officer.dispute", ref=ref), 303)
    except Refusal as refusal:
        fail(form, refusal)
        return _page(ref, accepting=form), refusal.status
    return _page(ref, accepting=form), 422


def _page(ref: str, form: EvidenceForm | None = None, accepting: AcceptForm | None = None) -> str:
    case = service.case(actor(), ref)
    known = {name: (case.dispute.evidence or {}).get(name, "") for name in rules.TEXTS}
    return render_template(
        "officer/dispute.html",
        console=True,
        case=case,
        row=case.dispute,
        form=form or EvidenceForm(formdata=None, data=known),
        accepting=accepting or AcceptForm(formdata=None),
        words=words,
        short=SHORT,
        texts=rules.TEXTS,
        sends_at=case.dispute.due_at - rules.SUBMIT_BEFORE,
    )
