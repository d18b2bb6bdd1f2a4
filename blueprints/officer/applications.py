"""Reviewing applications: the queue on the left, claims, papers and checks on the right."""

from __future__ import annotations

from typing import Any

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm

from blueprints import countries, fields, qualification
from blueprints.guard import actor, guarded
from blueprints.once import once
from compliance.qualification import checks, papers, requirements, reviewing, rules
from compliance.qualification.models import Application
from daigou.core import clock
from daigou.core.errors import Invalid
from daigou.core.i18n import _, lazy
from daigou.documents import service as documents

from . import bp

TABS = (
    ("submitted", lazy("Waiting")),
    ("in_review", lazy("In review")),
    ("more_information", lazy("Asked back")),
    ("approved", lazy("Approved")),
    ("rejected", lazy("Rejected")),
)


class ReasonForm(FlaskForm):
    reason = fields.Passage(lazy("Reason, as the applicant will read it"), 1000, required=True)


@bp.get("/applications")
@guarded("application.review")
def applications() -> str:
    state = request.args.get("state", "submitted")
    return render_template(
        "officer/applications.html", console=True, **_queue(state if state in dict(TABS) else "submitted")
    )


@bp.get("/applications/<ref>")
@guarded("application.review")
def application(ref: str) -> str:
    return _matter(reviewing.find(actor(), ref))


@bp.post("/applications/<ref>/take")
@guarded("application.review")
def take_application(ref: str) -> ResponseReturnValue:
    reviewing.take(actor(), ref)
    return _back(ref)


@bp.post("/applications/<ref>/papers/<paper_ref>/accept")
@guarded("application.review")
def accept_paper(ref: str, paper_ref: str) -> ResponseReturnValue:
    reviewing.accept_paper(actor(), ref, paper_ref)
    flash(_("The paper is accepted."), "success")
    return _back(ref)


@bp.post("/applications/<ref>/papers/<paper_ref>/refuse")
@guarded("application.review")
def refuse_paper(ref: str, paper_ref: str) -> ResponseReturnValue:
    form = ReasonForm()
    if not form.validate_on_submit():
        return _matter(reviewing.find(actor(), ref), refused=paper_ref, form=form), 422
    reviewing.refuse_paper(actor(), ref, paper_ref, form.reason.data)
    flash(_("The paper is refused. Ask the applicant for another one, or reject the application."), "info")
    return _back(ref)


@bp.post("/applications/<ref>/ask")
@guarded("application.review")
def ask_applicant(ref: str) -> ResponseReturnValue:
    form = ReasonForm()
    if not form.validate_on_submit():
        return _matter(reviewing.find(actor(), ref), asking="ask", form=form), 422
    reviewing.ask(actor(), ref, form.reason.data)
    flash(_("The applicant is asked, and gets your words by mail."), "success")
    return _back(ref)


@bp.post("/applications/<ref>/reject")
@guarded("application.review")
def reject_application(ref: str) -> ResponseReturnValue:
    form = ReasonForm()
    if not form.validate_on_submit():
        return _matter(reviewing.find(actor(), ref), asking="reject", form=form), 422
    reviewing.reject(actor(), ref, form.reason.data)
    flash(_("The application is rejected, and the applicant gets your reason by mail."), "success")
    return _back(ref)


@bp.post("/applications/<ref>/approve")
@guarded("application.review")
def approve_application(ref: str) -> ResponseReturnValue:
    def approve() -> str:
        merchant = reviewing.approve(actor(), ref)
        flash(_("%(name)s is a verified merchant now.", name=merchant.name), "success")
        return url_for("officer.application", ref=ref)

    try:
        return once(approve)
    except Invalid as refusal:
        flash(" ".join(str(words) for words in refusal.fields.values()), "error")
        return _back(ref)


@bp.get("/applications/<ref>/papers/<paper_ref>/preview.png")
@guarded("application.review")
def preview_paper(ref: str, paper_ref: str) -> ResponseReturnValue:
    """One page, large or as a thumbnail."""
    page, width = request.args.get("page", 1, int), 240 if "thumbnail" in request.args else 1200
    picture = documents.preview(reviewing.view_file(actor(), ref, paper_ref), page, width)
    return Response(picture, mimetype="image/png", headers={"Cache-Control": "no-store"})


def _back(ref: str) -> ResponseReturnValue:
    return redirect(url_for("officer.application", ref=ref), 303)


def _queue(state: str) -> dict[str, Any]:
    state = state if state in dict(TABS) else "submitted"
    page = reviewing.queue(actor(), state, request.args.get("cursor"))
    tabs = [(words, url_for("officer.applications", state=name), name == state) for name, words in TABS]
    return {
        "page": page,
        "state": state,
        "tabs": tabs,
        "words": qualification,
        "late": clock.now() - reviewing.PATIENCE,
    }


def _matter(found: Application, **shown: Any) -> str:
    """``shown`` says which small form was sent with a fault, and carries it."""
    sent = papers.of(found)
    files = papers.files(sent)
    required = requirements.needed(found.kind, found.country)
    lacking = rules.lacking(required, papers.facts(sent), clock.today())
    return render_template(
        "officer/application.html",
        console=True,
        application=found,
        country=countries.name(found.country),
        papers=[paper for paper in sent if not paper.is_("replaced")],
        replaced=[paper for paper in sent if paper.is_("replaced")],
        files=files,
        claim_checks=checks.of_claims(found),
        paper_checks=checks.of_papers(sent, files, found.subject),
        ready=rules.all_accepted(required, papers.facts(sent), clock.today()),
        missing=[qualification.PAPERS[kind] for kind in lacking],
        own=found.account_id == actor().account_id,
        shown={"form": ReasonForm(formdata=None), **shown},
        **_queue(found.state),
    )
