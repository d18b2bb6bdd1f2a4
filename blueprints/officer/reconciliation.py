"""Both books beside each other, day by day; money that is late or in transit; differences and their explanation."""

from __future__ import annotations

from datetime import date

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm

from blueprints.fields import Passage
from blueprints.guard import actor, guarded
from blueprints.pages import fail
from compliance.audit import proposals
from daigou.core.errors import Refusal
from daigou.core.i18n import _, lazy
from daigou.reconciliation import service

from . import bp
from . import money_words as words


class ReasonForm(FlaskForm):
    reason = Passage(lazy("What explains it"), proposals.LONGEST, required=True)


@bp.get("/reconciliation")
@guarded("books.view")
def reconciliation() -> str:
    return render_template(
        "officer/reconciliation.html",
        console=True,
        page=service.runs(actor(), request.args.get("cursor")),
        findings=service.open_findings(request.args.get("findings")),
        pending=service.pending(),
        delayed=service.delayed(),
        moving=service.moving(),
        words=words,
    )


@bp.get("/reconciliation/<day>")
@guarded("books.view")
def reconciliation_day(day: str) -> str:
    run = service.run_of(actor(), _day(day))
    page = service.findings_of(run.day, request.args.get("cursor"))
    return render_template("officer/reconciliation_day.html", console=True, run=run, page=page, words=words)


@bp.get("/differences/<ref>")
@guarded("books.view")
def difference(ref: str) -> str:
    return _page(ref, ReasonForm(formdata=None))


@bp.post("/differences/<ref>/resolve")
@guarded("difference.settle")
def resolve_difference(ref: str) -> ResponseReturnValue:
    form = ReasonForm()
    try:
        if form.validate():
            service.resolve(actor(), ref, form.reason.data or "")
            flash(_("Explained. It stays in its day’s run, with your reason."), "success")
            return redirect(url_for("officer.reconciliation"), 303)
    except Refusal as refusal:
        fail(form, refusal)
        return _page(ref, form), refusal.status
    return _page(ref, form), 422


def _page(ref: str, form: ReasonForm) -> str:
    return render_template(
        "officer/difference.html", console=True, row=service.finding(actor(), ref), form=form, words=words
    )


def _day(text: str) -> date:
    try:
        return date.fromisoformat(text)
    except ValueError:
        abort(404)
