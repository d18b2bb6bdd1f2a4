"""Requests of authorities and their deadlines."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm

from blueprints import fields
from blueprints.guard import actor, guarded
from blueprints.once import once
from blueprints.pages import fail, moves
from compliance.privacy import regulators as service
from compliance.privacy.models import RegulatorRequest
from compliance.privacy.regulators import Letter
from daigou.accounts.directory import names_of
from daigou.core import clock
from daigou.core.errors import Refusal
from daigou.core.i18n import _, lazy

from . import bp

STATES = {
    "received": (lazy("Received"), "warning"),
    "running": (lazy("Being answered"), "info"),
    "answered": (lazy("Answered"), "success"),
}


class LetterForm(FlaskForm):
    authority = fields.Line(lazy("Authority"), 200, required=True)
    reference = fields.Line(lazy("Their reference"), 100)
    about = fields.Passage(lazy("What they ask"), 4000, required=True)
    received_on = fields.Day(lazy("Received on"))
    due_on = fields.Day(lazy("Answer by"), required=False, future=True)


class AnswerForm(FlaskForm):
    answer = fields.Passage(lazy("What was answered, and how"), 4000)


@bp.get("/regulators")
@guarded("privacy.view")
def regulators() -> str:
    return _list(LetterForm())


@bp.post("/regulators")
@guarded("privacy.keep")
def enter_regulator() -> ResponseReturnValue:
    form = LetterForm()
    if form.validate():
        letter = Letter(form.authority.data, form.reference.data or "", form.about.data, form.received_on.data,
                        form.due_on.data)  # fmt: skip
        try:
            return once(lambda: url_for(".regulator", ref=service.enter(actor(), letter).ref))
        except Refusal as refusal:
            fail(form, refusal)
    return _list(form), 422


@bp.get("/regulators/<ref>")
@guarded("privacy.view")
def regulator(ref: str) -> str:
    return _page(service.find(actor(), ref), AnswerForm())


@bp.post("/regulators/<ref>/take")
@guarded("privacy.keep")
def take_regulator(ref: str) -> ResponseReturnValue:
    service.take(actor(), ref)
    return redirect(url_for(".regulator", ref=ref), 303)


@bp.post("/regulators/<ref>/answer")
@guarded("privacy.keep")
def answer_regulator(ref: str) -> ResponseReturnValue:
    form = AnswerForm()
    try:
        if form.validate():
            service.answer(actor(), ref, form.answer.data or "")
            flash(_("Written down."), "success")
            return redirect(url_for(".regulator", ref=ref), 303)
    except Refusal as refusal:
        fail(form, refusal)
    return _page(service.find(actor(), ref), form), 422


def _list(form: LetterForm) -> str:
    page = service.register(actor(), request.args.get("cursor"))
    return render_template(
        "officer/regulators.html", console=True, page=page, form=form, states=STATES, today=clock.today()
    )


def _page(row: RegulatorRequest, form: AnswerForm) -> str:
    people = names_of({row.entered_by, row.owner} - {None})
    return render_template(
        "officer/regulator.html", console=True, row=row, form=form, label=STATES[row.state], people=people,
        possible=moves(row), today=clock.today(),
    )  # fmt: skip
