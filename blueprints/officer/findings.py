"""Findings: what is not as it should be, whose it is, and until when."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from werkzeug.exceptions import NotFound

from blueprints import fields
from blueprints.guard import actor, guarded
from blueprints.once import once
from blueprints.pages import fail, moves
from compliance.oversight import findings as service
from compliance.oversight.models import Finding
from daigou.accounts.directory import names_of
from daigou.core import clock
from daigou.core.errors import Refusal
from daigou.core.i18n import _, lazy

from . import bp
from .audits import SEVERITIES, chosen_from

STATES = {
    "open": (lazy("Open"), "warning"),
    "mended": (lazy("Mended, to be verified"), "info"),
    "verified": (lazy("Verified"), "success"),
    "accepted": (lazy("Risk accepted"), ""),
}

SAID = {"mend": service.mend, "accept": service.accept, "reopen": service.reopen}


class FindingForm(FlaskForm):
    what = fields.Passage(lazy("What is wrong"), 2000)
    severity = fields.OneOf(lazy("How grave"), chosen_from(SEVERITIES))


class WordsForm(FlaskForm):
    words = fields.Passage(lazy("How it was mended, or why"), 2000)


@bp.get("/findings")
@guarded("oversight.view")
def findings() -> str:
    return _list(FindingForm())


@bp.post("/findings")
@guarded("oversight.keep")
def report_finding() -> ResponseReturnValue:
    form = FindingForm()
    if form.validate():
        try:
            return once(
                lambda: url_for(".finding", ref=service.report(actor(), form.severity.data, form.what.data or "").ref)
            )
        except Refusal as refusal:
            fail(form, refusal)
    return _list(form), 422


@bp.get("/findings/<ref>")
@guarded("oversight.view")
def finding(ref: str) -> str:
    return _page(service.find(actor(), ref), WordsForm())


@bp.post("/findings/<ref>/<move>")
@guarded("oversight.keep")
def move_finding(ref: str, move: str) -> ResponseReturnValue:
    form = WordsForm()
    try:
        if form.validate():
            _moved(ref, move, form.words.data or "")
            flash(_("Written down."), "success")
            return redirect(url_for(".finding", ref=ref), 303)
    except Refusal as refusal:
        fail(form, refusal)
        return _page(service.find(actor(), ref), form), refusal.status
    return _page(service.find(actor(), ref), form), 422


def _moved(ref: str, move: str, words: str) -> None:
    if move == "verify":
        service.verify(actor(), ref)
    elif move in SAID:
        SAID[move](actor(), ref, words)
    else:
        raise NotFound


def _list(form: FindingForm) -> str:
    closed = request.args.get("state") == "closed"
    page = service.everything(actor(), request.args.get("cursor"), closed)
    return render_template(
        "officer/findings.html", console=True, page=page, form=form, closed=closed, states=STATES,
        severities=SEVERITIES, today=clock.today(),
    )  # fmt: skip


def _page(row: Finding, form: WordsForm) -> str:
    people = names_of({row.owner, row.mended_by} - {None})
    return render_template(
        "officer/finding.html", console=True, row=row, form=form, people=people, possible=moves(row),
        label=STATES[row.state], severity=SEVERITIES[row.severity], today=clock.today(),
    )  # fmt: skip
