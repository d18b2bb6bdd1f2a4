"""Claims under a warranty, as the repair partners report them: where it goes, what was found, how it ends."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from flask_wtf.file import FileField, FileRequired

from blueprints import warranty as ways
from blueprints.fields import Amount, Line, OneOf, Passage, options
from blueprints.guard import actor, guarded
from blueprints.once import once
from blueprints.pages import fail
from daigou.core.errors import Invalid
from daigou.core.i18n import _, country_name, lazy
from daigou.warranty import claiming, deciding, partners, words

from . import bp

TABS = {
    "reported": (lazy("To assign"), ("reported",)),
    "assigned": (lazy("On the way in"), ("assigned",)),
    "arrived": (lazy("To examine"), ("arrived",)),
    "covered": (lazy("To repair"), ("covered",)),
    "back": (lazy("To send back"), ("repaired", "dismissed")),
    "refused": (lazy("Refused"), ("not_covered", "appealed")),
    "over": (lazy("Over"), ("refunded", "sent_back", "withdrawn", "lapsed")),
}


class AssignForm(FlaskForm):
    partner = OneOf(lazy("Repair partner"))


class LabelForm(FlaskForm):
    label = FileField(lazy("Prepaid label (PDF)"), [FileRequired(lazy("This is needed."))])


class FindingForm(FlaskForm):
    words = Passage(lazy("What was found, as the shopper will read it"), 2000, required=True)


class RepairForm(FlaskForm):
    cost = Amount(lazy("What the partner charges us"), zero=True)


class BackForm(FlaskForm):
    tracking = Line(lazy("Tracking number of the way back"), 60, required=True)


@bp.get("/warranty")
@guarded("warranty.handle")
def repairs() -> ResponseReturnValue:
    return _page()


@bp.get("/warranty/<ref>")
@guarded("warranty.handle")
def repair_case(ref: str) -> ResponseReturnValue:
    return _page(ref)


@bp.post("/warranty/<ref>/assign")
@guarded("warranty.assign")
def assign_repair(ref: str) -> ResponseReturnValue:
    form = AssignForm()
    form.partner.choices = _partners(claiming.view(actor(), ref))
    try:
        if form.validate():
            deciding.assign(actor(), ref, form.partner.data)
            return _done(ref, _("The shopper has been told where to send it."))
    except Invalid as refusal:
        fail(form, refusal)
    return _page(ref, form), 422


@bp.post("/warranty/<ref>/label")
@guarded("warranty.handle")
def label_repair(ref: str) -> ResponseReturnValue:
    form = LabelForm()
    try:
        if form.validate():
            return once(lambda: _labelled(ref, form))
    except Invalid as refusal:
        fail(form, refusal)
    return _page(ref, form), 422


def _labelled(ref: str, form: LabelForm) -> str:
    deciding.attach_label(actor(), ref, form.label.data)
    flash(_("The shopper can print it now."), "success")
    return url_for("support.repair_case", ref=ref)


@bp.post("/warranty/<ref>/arrive")
@guarded("warranty.handle")
def repair_arrived(ref: str) -> ResponseReturnValue:
    deciding.arrive(actor(), ref)
    return _done(ref, _("The days for the diagnosis have begun."))


@bp.post("/warranty/<ref>/cover")
@guarded("warranty.handle")
def repair_covered(ref: str) -> ResponseReturnValue:
    return _found(ref, deciding.cover, _("Covered. The shopper has been told."))


@bp.post("/warranty/<ref>/refuse")
@guarded("warranty.handle")
def repair_refused(ref: str) -> ResponseReturnValue:
    return _found(ref, deciding.refuse, _("Not covered. The shopper reads the reason and may ask for a second look."))


@bp.post("/warranty/<ref>/uphold")
@guarded("warranty.rule")
def uphold_repair(ref: str) -> ResponseReturnValue:
    return _found(ref, deciding.uphold, _("The claim is covered after all. The shopper has been told."))


@bp.post("/warranty/<ref>/dismiss")
@guarded("warranty.rule")
def dismiss_repair(ref: str) -> ResponseReturnValue:
    return _found(ref, deciding.dismiss, _("The refusal stands. The shopper has been told."))


@bp.post("/warranty/<ref>/repair")
@guarded("warranty.handle")
def repaired(ref: str) -> ResponseReturnValue:
    form = RepairForm()
    partner = claiming.partner_of(claiming.view(actor(), ref))
    form.cost.currency = partner.currency if partner else "EUR"
    if not form.validate():
        return _page(ref, form), 422
    return once(lambda: _repaired(ref, form))


def _repaired(ref: str, form: RepairForm) -> str:
    deciding.repair(actor(), ref, form.cost.money)
    flash(_("Repaired. What the partner charges is booked, and the shopper has been told."), "success")
    return url_for("support.repair_case", ref=ref)


@bp.post("/warranty/<ref>/refund")
@guarded("warranty.handle")
def refund_repair(ref: str) -> ResponseReturnValue:
    return once(lambda: _refunded(ref))


def _refunded(ref: str) -> str:
    claim = deciding.refund(actor(), ref)
    flash(_("Refund %(ref)s is on its way.", ref=claim.refund_ref), "success")
    return url_for("support.repair_case", ref=ref)


@bp.post("/warranty/<ref>/send-back")
@guarded("warranty.handle")
def send_repair_back(ref: str) -> ResponseReturnValue:
    form = BackForm()
    if not form.validate():
        return _page(ref, form), 422
    deciding.send_back(actor(), ref, form.tracking.data or "")
    return _done(ref, _("On its way. The shopper sees the tracking number."))


def _found(ref: str, decision: Any, done: str) -> ResponseReturnValue:
    form = FindingForm()
    if not form.validate():
        return _page(ref, form), 422
    decision(actor(), ref, form.words.data or "")
    return _done(ref, done)


def _done(ref: str, said: str) -> ResponseReturnValue:
    flash(said, "success")
    return redirect(url_for("support.repair_case", ref=ref), 303)


def _partners(claim: Any) -> Any:
    return options((p.ref, f"{p.name} · {country_name(p.country)}") for p in partners.working(claim.category))


def _page(ref: str | None = None, form: FlaskForm | None = None) -> str:
    claim = claiming.view(actor(), ref) if ref else None
    here = next((name for name, (_l, states) in TABS.items() if claim and claim.state in states), "reported")
    state = request.args.get("state", here)
    state = state if state in TABS else "reported"
    page = deciding.queue(actor(), TABS[state][1], request.args.get("cursor"))
    return render_template(
        "support/repairs.html",
        console=True,
        state=state,
        page=page,
        tabs_of=[(label, url_for("support.repairs", state=name), name == state) for name, (label, _s) in TABS.items()],
        words=words,
        **(_matter(claim, form) if claim else {"claim": None}),
    )


def _matter(claim: Any, form: FlaskForm | None) -> dict[str, Any]:
    forms = {
        "assign": AssignForm, "label": LabelForm, "finding": FindingForm, "repair": RepairForm, "back": BackForm,
    }  # fmt: skip
    shown: dict[str, Any] = {
        name: form if isinstance(form, kind) else kind(formdata=None) for name, kind in forms.items()
    }
    shown["assign"].partner.choices = _partners(claim)
    return {
        "claim": claim,
        "cover": claiming.cover_of(claim),
        "partner": claiming.partner_of(claim),
        "photos": claiming.photos_of(claim),
        "label": claiming.label_of(claim),
        "owed": deciding.owed_for(claim),
        "steps_of": ways.steps(claim),
        "forms": shown,
        "wrong": form,
    }
