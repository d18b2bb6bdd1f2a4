"""Reports of suspicion to a country's financial intelligence unit. Only officers, each behind a step-up."""

from __future__ import annotations

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm

from blueprints.fields import Day, Line, OneOf, Passage
from blueprints.guard import actor, guarded
from blueprints.once import once
from blueprints.pages import fail
from blueprints.stepped import stepped_up
from compliance.audit import proposals
from daigou.casework.suspicions import rules, service
from daigou.core.errors import Refusal
from daigou.core.i18n import _, lazy

from . import bp

STATES = {
    "draft": (lazy("Draft"), "info"),
    "agreed": (lazy("To be filed"), "warning"),
    "filed": (lazy("Filed"), "success"),
    "dropped": (lazy("Not reported"), ""),
}


class DraftForm(FlaskForm):
    about = Line(lazy("Reference of the person"), 40, required=True)
    case_ref = Line(lazy("Case (RSK-…)"), 20, required=False)
    country = OneOf(lazy("Unit"))
    kind = OneOf(lazy("What is suspected"), rules.KINDS.items())
    registration = Line(lazy("Our own number at the unit"), 60, required=False)
    grounds = Passage(lazy("Facts and grounds"), rules.MOST, required=True)

    def __init__(self, **more: object) -> None:
        super().__init__(**more)
        self.country.choices = [(row.country, f"{row.country}: {row.unit}") for row in service.units()]

    def draft(self) -> service.Draft:
        plain = (self.about, self.case_ref, self.country, self.kind, self.grounds, self.registration)
        return service.Draft(*(field.data or "" for field in plain))


class ReasonForm(FlaskForm):
    reason = Passage(lazy("Reason"), proposals.LONGEST, required=True)


class FiledForm(FlaskForm):
    reference = Line(lazy("The unit’s reference"), 80, required=True)
    filed_on = Day(lazy("Filed on"))


@bp.get("/suspicions")
@guarded("suspicion.report")
@stepped_up
def suspicions() -> str:
    return _register(DraftForm(formdata=None, about=request.args.get("about"), case_ref=request.args.get("case")))


@bp.post("/suspicions")
@guarded("suspicion.report")
@stepped_up
def draft_suspicion() -> ResponseReturnValue:
    form, status = DraftForm(), 422
    if form.validate():
        try:
            return once(lambda: url_for("officer.suspicion", ref=service.draft(actor(), form.draft()).ref))
        except Refusal as refusal:
            fail(form, refusal)
            status = refusal.status
    return _register(form), status


@bp.get("/suspicions/<ref>")
@guarded("suspicion.report")
@stepped_up
def suspicion(ref: str) -> str:
    return _page(ref)


@bp.post("/suspicions/<ref>/propose")
@guarded("suspicion.report")
@stepped_up
def propose_suspicion(ref: str) -> ResponseReturnValue:
    form = ReasonForm(prefix="propose")
    return _said(ref, form, lambda: service.propose(actor(), ref, form.reason.data), _("A second officer must agree."))


@bp.post("/suspicions/<ref>/drop")
@guarded("suspicion.report")
@stepped_up
def drop_suspicion(ref: str) -> ResponseReturnValue:
    form = ReasonForm(prefix="drop")
    return _said(ref, form, lambda: service.drop(actor(), ref, form.reason.data), _("Kept as not reported."))


@bp.post("/suspicions/<ref>/filed")
@guarded("suspicion.report")
@stepped_up
def file_suspicion(ref: str) -> ResponseReturnValue:
    form = FiledForm()
    return _said(
        ref, form, lambda: service.file(actor(), ref, form.reference.data, form.filed_on.data), _("Kept as filed.")
    )


@bp.post("/suspicions/<ref>/file")
@guarded("suspicion.report")
@stepped_up
def take_suspicion(ref: str) -> Response:
    """The file for the portal. A POST: each taking is a deed, and stands in the log."""
    found = service.take_out(actor(), ref)
    answer = Response(found.content, mimetype=found.kind, headers={"Cache-Control": "no-store"})
    answer.headers.set("Content-Disposition", "attachment", filename=found.name)
    return answer


def _said(ref: str, form: FlaskForm, work: object, done: str) -> ResponseReturnValue:
    if not form.validate():
        return _page(ref, form), 422
    try:
        work()  # type: ignore[operator]
    except Refusal as refusal:
        fail(form, refusal)
        return _page(ref, form), refusal.status
    flash(done, "success")
    return redirect(url_for("officer.suspicion", ref=ref), 303)


def _register(form: DraftForm) -> str:
    page = service.register(actor(), request.args.get("cursor"))
    return render_template(
        "officer/suspicions.html", console=True, page=page, form=form, states=STATES, units=service.units()
    )


def _page(ref: str, sent: FlaskForm | None = None) -> str:
    row = service.read(actor(), ref, again=sent is not None)
    forms = {"propose": ReasonForm(formdata=None, prefix="propose"), "drop": ReasonForm(formdata=None, prefix="drop")}
    forms["filed"] = FiledForm(formdata=None)
    if sent is not None:
        forms["filed" if isinstance(sent, FiledForm) else sent._prefix.rstrip("-")] = sent
    return render_template(
        "officer/suspicion.html",
        console=True,
        report=row,
        unit=service.unit_of(row.country),
        waiting=service.waiting(row),
        forms=forms,
        sent=sent,
        states=STATES,
        kinds=rules.KINDS,
    )
