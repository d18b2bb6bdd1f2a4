"""What staff have a stake in, declared by themselves; and the tax authority's yearly figures."""

from __future__ import annotations

from flask import Response, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm

from blueprints import fields
from blueprints.guard import actor, guarded
from blueprints.once import once
from blueprints.pages import fail
from blueprints.stepped import stepped_up
from compliance.qualification import conflicts
from daigou.core import clock
from daigou.core.errors import NotFound, Refusal
from daigou.core.i18n import _, lazy
from daigou.payments.reporting import dac7

from . import bp


class InterestForm(FlaskForm):
    kind = fields.OneOf(lazy("What"), conflicts.KINDS.items())
    value = fields.Line(lazy("Which"), 240, required=True)


class YearForm(FlaskForm):
    year = fields.Whole(lazy("Year"), dac7.FIRST_YEAR, 2100)
    reason = fields.Passage(lazy("Reason"), 1000, required=True)


@bp.get("/interests")
@guarded("interest.declare")
def interests() -> str:
    return _interests(InterestForm(formdata=None))


@bp.post("/interests")
@guarded("interest.declare")
def declare_interest() -> ResponseReturnValue:
    form = InterestForm()
    if form.validate_on_submit():
        try:
            return once(lambda: (conflicts.declare(actor(), form.kind.data, form.value.data), _here())[1])
        except Refusal as refusal:
            fail(form, refusal)
    return _interests(form), 422


@bp.post("/interests/<ref>/end")
@guarded("interest.declare")
def end_interest(ref: str) -> ResponseReturnValue:
    conflicts.end(actor(), ref)
    flash(_("It does not count any more."), "success")
    return redirect(_here(), 303)


def _here() -> str:
    return url_for("officer.interests")


def _interests(form: InterestForm) -> str:
    rows = [(row, str(row.value).partition(":")[2]) for row in conflicts.declared(actor())]
    return render_template("officer/interests.html", console=True, rows=rows, form=form, kinds=conflicts.KINDS)


@bp.get("/dac7")
@guarded("dac7.fetch")
def seller_figures() -> str:
    return _figures(YearForm(formdata=None, year=str(clock.today().year - 1)))


@bp.post("/dac7")
@guarded("dac7.propose")
def propose_figures() -> ResponseReturnValue:
    form = YearForm()
    if form.validate_on_submit():
        try:
            return once(lambda: url_for("officer.proposal", ref=dac7.propose(
                actor(), form.year.number, form.reason.data).ref))  # fmt: skip
        except Refusal as refusal:
            fail(form, refusal)
    return _figures(form), 422


@bp.get("/dac7/<ref>.<form>")
@guarded("dac7.fetch")
@stepped_up
def fetch_figures(ref: str, form: str) -> Response:
    if form not in ("csv", "xml"):
        raise NotFound("dac7.form", lazy("There is no such page."))
    content = dac7.fetch(actor(), ref, form)
    answer = Response(content, mimetype="text/csv" if form == "csv" else "application/xml")
    answer.headers.set("Content-Disposition", "attachment", filename=f"dac7-{ref}.{form}")
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _figures(form: YearForm) -> str:
    return render_template("officer/dac7.html", console=True, form=form, agreed=dac7.agreed(actor()))
