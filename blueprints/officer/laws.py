"""The register of law changes: what is coming, what it means, and which dated rows carry it out."""

from __future__ import annotations

from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from werkzeug.exceptions import NotFound

from blueprints import fields
from blueprints.guard import actor, guarded
from blueprints.once import once
from blueprints.pages import fail, moves
from compliance.oversight import laws as service
from compliance.oversight.laws import News
from compliance.oversight.models import LawChange
from daigou.accounts.directory import names_of
from daigou.core.errors import Invalid, Refusal
from daigou.core.i18n import _, lazy

from . import bp

STATES = {
    "noticed": (lazy("Noticed"), "warning"),
    "assessed": (lazy("Assessed"), "info"),
    "applied": (lazy("Carried out"), "success"),
    "no_action": (lazy("Nothing to do"), ""),
}

JUDGED = {"assess": service.assess, "dismiss": service.dismiss}


class LawForm(FlaskForm):
    jurisdiction = fields.Line(lazy("Country, union or scheme"), 20, required=True)
    title = fields.Line(lazy("What changes"), 200, required=True)
    source = fields.Line(lazy("Where it is published"), 500, required=True)
    in_force_on = fields.Day(lazy("In force on"), future=True)


class WordsForm(FlaskForm):
    words = fields.Passage(lazy("What it means for us"), 4000)


@bp.get("/laws")
@guarded("oversight.view")
def laws() -> str:
    return _list(LawForm())


@bp.post("/laws")
@guarded("oversight.keep")
def notice_law() -> ResponseReturnValue:
    form = LawForm()
    if form.validate():
        news = News(form.jurisdiction.data, form.title.data, form.source.data, form.in_force_on.data)
        try:
            return once(lambda: url_for(".law", ref=service.notice(actor(), news).ref))
        except Refusal as refusal:
            fail(form, refusal)
    return _list(form), 422


@bp.get("/laws/<ref>")
@guarded("oversight.view")
def law(ref: str) -> str:
    return _page(service.find(actor(), ref), WordsForm())


@bp.post("/laws/<ref>/<move>")
@guarded("oversight.keep")
def judge_law(ref: str, move: str) -> ResponseReturnValue:
    if move not in JUDGED:
        raise NotFound
    form = WordsForm()
    try:
        if form.validate():
            JUDGED[move](actor(), ref, form.words.data or "")
            return redirect(url_for(".law", ref=ref), 303)
    except Refusal as refusal:
        fail(form, refusal)
        return _page(service.find(actor(), ref), form), refusal.status
    return _page(service.find(actor(), ref), form), 422


@bp.post("/laws/<ref>/rows")
@guarded("oversight.keep")
def tie_law(ref: str) -> ResponseReturnValue:
    table, _sep, key = request.form.get("row", "").partition(":")
    try:
        service.tie(actor(), ref, table, UUID(key))
    except ValueError as error:
        raise Invalid({"row": lazy("Choose one of the rows.")}) from error
    return redirect(url_for(".law", ref=ref), 303)


@bp.post("/laws/<ref>/apply")
@guarded("oversight.keep")
def apply_law(ref: str) -> ResponseReturnValue:
    service.apply(actor(), ref)
    flash(_("The change is carried out: the rows below stand for it."), "success")
    return redirect(url_for(".law", ref=ref), 303)


def _list(form: LawForm) -> str:
    page = service.everything(actor(), request.args.get("cursor"))
    return render_template("officer/laws.html", console=True, page=page, form=form, states=STATES)


def _page(row: LawChange, form: WordsForm) -> str:
    tables = list(service.dated_tables())
    chosen = request.args.get("table", "")
    rows = service.rows_of(actor(), chosen) if chosen in tables else []
    return render_template(
        "officer/law.html", console=True, row=row, form=form, label=STATES[row.state], tied=service.tied(row),
        tables=tables, chosen=chosen, rows=rows, possible=moves(row), people=names_of({row.noticed_by}),
    )  # fmt: skip
