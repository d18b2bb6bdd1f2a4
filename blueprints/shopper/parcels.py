"""Parcels: built from what is in stock, compared line by line, submitted, followed, confirmed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from wtforms import BooleanField, StringField

from blueprints import checking
from blueprints.guard import actor, guarded
from blueprints.once import once
from compliance.customs import service as duties
from daigou.core.errors import Invalid, Unavailable
from daigou.core.i18n import _, country_name, lazy
from daigou.core.money import BadAmount, Money
from daigou.documents import service as documents
from daigou.shipping import service
from daigou.shipping.models import Parcel

from . import bp, parcel_words


@dataclass(frozen=True, slots=True)
class Submission:
    """What a submitted parcel form says: the choice, and what the page had shown."""

    choice: service.Choice
    announced: int | None
    declared: Money | None


class SubmitForm(FlaskForm):
    line = StringField(lazy("Line"))
    incoterm = StringField(lazy("Duty and tax"))
    insured = BooleanField(lazy("Insurance"))
    total = StringField(lazy("Total"))
    declared = StringField(lazy("Declared value"))

    def read(self, currency: str) -> Submission:
        """Invalid at a field that is no amount. Without ``total`` or ``declared`` nothing is compared with the page."""
        choice = service.Choice(self.line.data or "", self.incoterm.data or "", bool(self.insured.data))
        try:
            total = Money.parse(self.total.data, currency) if self.total.data else None
            declared = Money.parse(self.declared.data, currency) if self.declared.data else None
        except BadAmount as bad:
            words = lazy("The declared value is what you paid, no less and no more. Customs fines false values.")
            raise Invalid({"declared": words}) from bad
        return Submission(choice, total.minor if total else None, declared)


@bp.get("/parcels")
@guarded("parcel.build")
def parcels() -> ResponseReturnValue:
    page = service.mine(actor(), request.args.get("after"))
    return render_template(
        "shopper/parcels.html",
        page=page,
        ready=len(service.packable(actor())),
        states=parcel_words.STATES,
        country=country_name,
    )


@bp.get("/parcels/new")
@guarded("parcel.build")
def new_parcel() -> ResponseReturnValue:
    return _new_page({}, set(request.args.getlist("item")), "")


@bp.post("/parcels/new")
@guarded("parcel.build")
def build_parcel() -> ResponseReturnValue:
    chosen, address = request.form.getlist("items"), request.form.get("address", "")
    try:
        return once(lambda: url_for(".parcel", ref=service.build(actor(), address, chosen).ref))
    except Invalid as refusal:
        return _new_page(refusal.fields, set(chosen), address), 422


def _new_page(errors: Mapping[str, Any], chosen: set[str], address: str) -> str:
    return render_template(
        "shopper/parcel_new.html",
        items=service.packable(actor()),
        addresses=service.addresses(actor()),
        chosen=chosen,
        address=address,
        country=country_name,
        errors={k: str(v) for k, v in errors.items()},
    )


@bp.get("/parcels/<ref>")
@guarded("parcel.view")
def parcel(ref: str) -> ResponseReturnValue:
    row = service.view(actor(), ref)
    return _draft_page(row, request.args) if row.is_("draft") else _parcel_page(row)


@bp.post("/parcels/<ref>/submit")
@guarded("parcel.edit")
def submit_parcel(ref: str) -> ResponseReturnValue:
    row, form = service.view(actor(), ref), SubmitForm()
    try:
        return once(lambda: _submit(row, form))
    except Invalid as refusal:
        if not row.is_("draft"):
            raise
        return _draft_page(row, request.form, refusal.fields), 422


def _submit(row: Parcel, form: SubmitForm) -> str:
    sent = form.read(row.currency)
    service.submit(actor(), row.ref, sent.choice, announced=sent.announced, declared=sent.declared)
    flash(_("Submitted. Pay the freight, and the parcel is packed."), "success")
    return url_for(".parcel", ref=row.ref)


@bp.post("/parcels/<ref>/reopen")
@guarded("parcel.edit")
def reopen_parcel(ref: str) -> ResponseReturnValue:
    service.reopen(actor(), ref)
    flash(_("The parcel is a draft again. Nothing was charged."), "success")
    return redirect(url_for(".parcel", ref=ref), 303)


@bp.post("/parcels/<ref>/cancel")
@guarded("parcel.cancel")
def cancel_parcel(ref: str) -> ResponseReturnValue:
    service.cancel(actor(), ref)
    flash(_("The parcel is cancelled. Its items are in stock again."), "success")
    return redirect(url_for(".parcels"), 303)


@bp.post("/parcels/<ref>/confirm")
@guarded("parcel.confirm")
def confirm_parcel(ref: str) -> ResponseReturnValue:
    return once(lambda: _confirm(ref))


def _confirm(ref: str) -> str:
    service.confirm(actor(), ref)
    flash(_("Thank you. The merchants are being paid now."), "success")
    return url_for(".parcel", ref=ref)


def _draft_page(row: Parcel, given: Mapping[str, str], errors: Mapping[str, Any] | None = None) -> str:
    contents = service.contents_of(service.items_of(row))
    faults = {k: str(v) for k, v in (errors or {}).items()}
    offers, chosen = [], None
    lines = service.lines_to(parcel_words.ORIGIN, row.country)
    try:
        offers = service.offers(contents, row.country, lines)
        chosen = _chosen(contents, row, given, offers, faults)
    except Unavailable as refusal:
        flash(str(refusal.message), "error")
    return render_template(
        "shopper/parcel_draft.html",
        parcel=row,
        contents=contents,
        offers=offers,
        refusing=service.refusing(contents, lines),
        chosen=chosen,
        insurable=chosen is not None and service.is_insurable(chosen.line, contents.declared),
        premium=service.premium(contents.declared),
        charges=parcel_words.charges(chosen.assessment) if chosen and chosen.assessment else [],
        left_out=parcel_words.left_out(chosen.assessment) if chosen and chosen.assessment else [],
        exclusions=parcel_words.exclusions(chosen.line) if chosen else [],
        panel=parcel_words.panel(row, None),
        errors=faults,
    )


def _chosen(contents: Any, row: Parcel, given: Mapping[str, str], offers: Any, faults: dict[str, str]) -> Any:
    """The exact offer of what was chosen so far; the cheapest with duty paid when nothing was."""
    if not offers:
        return None
    first = next((o for o in offers if o.choice.incoterm == "DDP"), offers[0])
    choice = service.Choice(
        given.get("line") or first.line.code, given.get("incoterm") or first.choice.incoterm, bool(given.get("insured"))
    )
    try:
        return service.chosen(contents, row, choice)
    except Invalid as refusal:
        faults.update({k: str(v) for k, v in refusal.fields.items() if k not in faults})
        return first


def _parcel_page(row: Parcel) -> str:
    events = service.events_of(row)
    bill = service.bill_of(row)
    waits = checking.panel(row.ref) if row.is_("freight_pending", "freight_paid", "packed") else None
    papers = [f for kind in ("customs_form", "invoice") for f in documents.files_about(row.stream, kind)]
    assessment = duties.kept_for(row.stream)
    return render_template(
        "shopper/parcel.html",
        parcel=row,
        items=service.items_of(row),
        line=service.line_of(row),
        bill=bill,
        papers=papers,
        timeline=parcel_words.timeline(row, events),
        steps=parcel_words.steps(row),
        panel=waits or parcel_words.panel(row, bill, events),
        checking=waits,
        assessment=assessment,
        charges=parcel_words.kept_charges(assessment) if assessment else [],
        left_out=parcel_words.kept_left_out(assessment) if assessment else [],
        live=row.is_(*parcel_words.LIVE),
        state=parcel_words.STATES[row.state],
    )
