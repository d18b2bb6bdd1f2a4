"""The register of leaks, and the clock of each."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from wtforms import DateTimeLocalField, IntegerField, SelectMultipleField
from wtforms.validators import NumberRange, Optional
from wtforms.widgets import CheckboxInput, ListWidget

from blueprints import fields
from blueprints.guard import actor, guarded
from blueprints.once import once
from blueprints.pages import fail, moves
from compliance.privacy import breaches as service
from compliance.privacy import rules
from compliance.privacy.breaches import Assessment, Notice
from compliance.privacy.models import Breach
from compliance.privacy.purposes import PURPOSES
from daigou.accounts.directory import names_of
from daigou.core import clock
from daigou.core.errors import Refusal
from daigou.core.i18n import _, lazy

from . import bp

STATES = {
    "noticed": (lazy("Noticed"), "error"),
    "assessed": (lazy("Assessed"), "warning"),
    "reported": (lazy("Authority told"), "info"),
    "closed": (lazy("Closed"), "success"),
}
RISKS = {
    "none": lazy("Unlikely to harm anybody: the authority need not be told"),
    "some": lazy("Some risk: the authority must be told"),
    "high": lazy("High risk: the authority and the people must be told"),
}


class BreachForm(FlaskForm):
    noticed_at = DateTimeLocalField(lazy("Noticed at (UTC)"), [fields.needed()])
    what = fields.Passage(lazy("What happened"), 4000, required=True)
    kinds = SelectMultipleField(
        lazy("Which data"), choices=fields.options((k, p.name) for k, p in PURPOSES.items()),
        widget=ListWidget(prefix_label=False), option_widget=CheckboxInput(),
    )  # fmt: skip
    people = IntegerField(lazy("About how many people"), [Optional(), NumberRange(0, 10**9)])


class AssessForm(FlaskForm):
    risk = fields.OneOf(lazy("Risk for people"), [("", lazy("Choose")), *RISKS.items()])
    consequences = fields.Passage(lazy("What it may lead to"), 4000)
    measures = fields.Passage(lazy("What was done"), 4000)


class ReportForm(FlaskForm):
    authority = fields.Passage(lazy("Which authority, and its reference"), 400)
    why_late = fields.Passage(lazy("Why later than 72 hours"), 2000)


@bp.get("/breaches")
@guarded("privacy.view")
def breaches() -> str:
    return _list(BreachForm(data={"noticed_at": clock.now().replace(tzinfo=None)}))


@bp.post("/breaches")
@guarded("privacy.keep")
def notice_breach() -> ResponseReturnValue:
    form = BreachForm()
    if form.validate():
        try:
            return once(lambda: url_for(".breach", ref=service.notice(actor(), _noticed(form)).ref))
        except Refusal as refusal:
            fail(form, refusal)
    return _list(form), 422


@bp.get("/breaches/<ref>")
@guarded("privacy.view")
def breach(ref: str) -> str:
    row = service.find(actor(), ref)
    known = {"risk": row.risk, "consequences": row.consequences, "measures": row.measures}
    return _page(row, AssessForm(data=known), ReportForm())


@bp.post("/breaches/<ref>/assess")
@guarded("privacy.keep")
def assess_breach(ref: str) -> ResponseReturnValue:
    form = AssessForm()
    given = lambda: Assessment(form.risk.data, form.consequences.data or "", form.measures.data or "")  # noqa: E731
    return _do(ref, form, None, lambda: service.assess(actor(), ref, given()))


@bp.post("/breaches/<ref>/report")
@guarded("privacy.keep")
def report_breach(ref: str) -> ResponseReturnValue:
    form = ReportForm()
    return _do(
        ref, None, form, lambda: service.report(actor(), ref, form.authority.data or "", form.why_late.data or "")
    )


@bp.post("/breaches/<ref>/told")
@guarded("privacy.keep")
def told_of_breach(ref: str) -> ResponseReturnValue:
    return _do(ref, None, None, lambda: service.tell_people(actor(), ref))


@bp.post("/breaches/<ref>/close")
@guarded("privacy.keep")
def close_breach(ref: str) -> ResponseReturnValue:
    return _do(ref, None, None, lambda: service.close(actor(), ref))


def _do(
    ref: str, assess: AssessForm | None, report: ReportForm | None, work: Callable[[], None]
) -> ResponseReturnValue:
    form = assess or report
    try:
        if form is None or form.validate():
            work()
            flash(_("Written down."), "success")
            return redirect(url_for(".breach", ref=ref), 303)
    except Refusal as refusal:
        if form is None:
            raise
        fail(form, refusal)
    return _page(
        service.find(actor(), ref), assess or AssessForm(formdata=None), report or ReportForm(formdata=None)
    ), 422


def _noticed(form: BreachForm) -> Notice:
    at: datetime = form.noticed_at.data
    return Notice(at.replace(tzinfo=UTC), form.what.data, form.kinds.data or [], form.people.data)


def _list(form: BreachForm) -> str:
    page = service.register(actor(), request.args.get("cursor"))
    return render_template(
        "officer/breaches.html", console=True, page=page, form=form, states=STATES, due=rules.authority_due
    )


def _page(row: Breach, assess: AssessForm, report: ReportForm) -> str:
    due = rules.authority_due(row.noticed_at)
    return render_template(
        "officer/breach.html", console=True, row=row, assess=assess, report=report, label=STATES[row.state], due=due,
        late=clock.now() > due, risks=RISKS, purposes=PURPOSES, possible=moves(row), people=names_of({row.noticed_by}),
    )  # fmt: skip
