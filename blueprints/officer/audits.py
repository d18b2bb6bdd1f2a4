"""Audits of ourselves: the calendar, walking one point by point, and its report."""

from __future__ import annotations

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm

from blueprints import fields
from blueprints.guard import actor, guarded
from blueprints.once import once
from blueprints.pages import fail
from compliance.oversight import auditing as service
from compliance.oversight import evidence, report, rules
from compliance.oversight import findings as faults
from compliance.oversight.auditing import Answer
from compliance.oversight.models import AuditPoint, ComplianceAudit
from compliance.oversight.standards import ALL
from daigou.accounts.directory import names_of
from daigou.core.errors import Refusal
from daigou.core.i18n import _, lazy

from . import bp, home

STATES = {
    "planned": (lazy("Planned"), ""),
    "running": (lazy("Under way"), "info"),
    "closed": (lazy("Closed"), "success"),
    "dropped": (lazy("Dropped"), ""),
}
VERDICTS = {
    "met": (lazy("Met"), "success"),
    "partly": (lazy("Partly met"), "warning"),
    "not_met": (lazy("Not met"), "error"),
    "not_applicable": (lazy("Does not apply"), ""),
}
SEVERITIES = {
    "low": (lazy("Low"), ""),
    "medium": (lazy("Medium"), "info"),
    "high": (lazy("High"), "warning"),
    "critical": (lazy("Critical"), "error"),
}


def chosen_from(table: dict[str, tuple[object, str]]) -> list[tuple[str, object]]:
    """Choices that begin with none, so that nothing is answered by not looking."""
    return [("", lazy("Choose")), *((key, words) for key, (words, _tone) in table.items())]


class PlanForm(FlaskForm):
    standard = fields.OneOf(lazy("Standard"), [(code, s.title) for code, s in ALL.items()])
    due_on = fields.Day(lazy("Day"), future=True)


class AnswerForm(FlaskForm):
    verdict = fields.OneOf(lazy("Answer"), chosen_from(VERDICTS))
    severity = fields.OneOf(lazy("How grave, if not met"), chosen_from(SEVERITIES), required=False)
    remark = fields.Passage(lazy("Remark"), service.LONGEST)


class CloseForm(FlaskForm):
    conclusion = fields.Passage(lazy("Conclusion"), service.LONGEST)


@bp.get("/audits")
@guarded("oversight.view")
def audits() -> str:
    return _list(PlanForm())


@bp.post("/audits")
@guarded("oversight.keep")
def plan_audit() -> ResponseReturnValue:
    form = PlanForm()
    if form.validate():
        try:
            return once(
                lambda: url_for(".audit_of", ref=service.plan(actor(), form.standard.data, form.due_on.data).ref)
            )
        except Refusal as refusal:
            fail(form, refusal)
    return _list(form), 422


@bp.get("/audits/<ref>")
@guarded("oversight.view")
def audit_of(ref: str) -> str:
    return _page(service.find(actor(), ref), CloseForm())


@bp.post("/audits/<ref>/start")
@guarded("oversight.keep")
def start_audit(ref: str) -> ResponseReturnValue:
    service.start(actor(), ref)
    return redirect(url_for(".audit_of", ref=ref), 303)


@bp.post("/audits/<ref>/drop")
@guarded("oversight.keep")
def drop_audit(ref: str) -> ResponseReturnValue:
    service.drop(actor(), ref)
    return redirect(url_for(".audits"), 303)


@bp.get("/audits/<ref>/points/<code>")
@guarded("oversight.view")
def audit_point(ref: str, code: str) -> str:
    audit, point = service.find_point(actor(), ref, code)
    form = AnswerForm(data={"verdict": "" if point.verdict == rules.OPEN else point.verdict, "remark": point.remark})
    return _point(audit, point, form)


@bp.post("/audits/<ref>/points/<code>")
@guarded("oversight.keep")
def answer_point(ref: str, code: str) -> ResponseReturnValue:
    form = AnswerForm()
    audit, point = service.find_point(actor(), ref, code)
    if form.validate():
        try:
            given = Answer(form.verdict.data, form.remark.data or "", form.severity.data or "")
            service.answer(actor(), ref, code, given)
            return redirect(_next(audit, point), 303)
        except Refusal as refusal:
            fail(form, refusal)
    return _point(audit, point, form), 422


@bp.post("/audits/<ref>/close")
@guarded("oversight.keep")
def close_audit(ref: str) -> ResponseReturnValue:
    form = CloseForm()
    try:
        if form.validate():
            service.close(actor(), ref, form.conclusion.data or "")
            flash(_("The audit is closed. Its report can be printed."), "success")
            return redirect(url_for(".audit_of", ref=ref), 303)
    except Refusal as refusal:
        fail(form, refusal)
    return _page(service.find(actor(), ref), form), 422


@bp.get("/audits/<ref>/report.pdf")
@guarded("oversight.view")
def audit_report(ref: str) -> Response:
    audit = service.find(actor(), ref)
    response = Response(report.pdf(actor(), ref, names_of({audit.owner} - {None})), mimetype="application/pdf")
    response.headers.set("Content-Disposition", "attachment", filename=f"{ref}.pdf")
    response.headers["Cache-Control"] = "no-store"
    return response


def _next(audit: ComplianceAudit, point: AuditPoint) -> str:
    """The next point without an answer, or the audit once there is none."""
    points = service.points_of(audit)
    after = [p for p in points if p.position > point.position] + [p for p in points if p.position < point.position]
    waiting = next((p for p in after if p.verdict == rules.OPEN), None)
    return url_for(".audit_point", ref=audit.ref, code=waiting.code) if waiting else url_for(".audit_of", ref=audit.ref)


def _list(form: PlanForm) -> str:
    page = service.everything(actor(), request.args.get("cursor"))
    return render_template("officer/audits.html", console=True, page=page, form=form, states=STATES, standards=ALL)


def _page(audit: ComplianceAudit, form: CloseForm) -> str:
    points = service.points_of(audit)
    verdicts = [point.verdict for point in points]
    return render_template(
        "officer/audit_of.html", console=True, audit=audit, points=points, standard=ALL[audit.standard], form=form,
        states=STATES, verdicts=VERDICTS, severities=SEVERITIES, findings=faults.of_audit(audit),
        score=rules.score(verdicts), left=rules.unanswered(verdicts), people=names_of({audit.owner} - {None}),
    )  # fmt: skip


def _point(audit: ComplianceAudit, point: AuditPoint, form: AnswerForm) -> str:
    known = ALL[audit.standard].point(point.code)
    said = evidence.answers(known.evidence if known else ())
    rows = [(evidence.label(name), said.get(name, ""), _place(name)) for name in (known.evidence if known else ())]
    return render_template(
        "officer/audit_point.html", console=True, audit=audit, point=point, known=known, rows=rows, form=form,
        standard=ALL[audit.standard], states=STATES,
    )  # fmt: skip


def _place(name: str) -> str:
    where = evidence.endpoint(name)
    return home.address(where) if where else ""
