"""Reviewing applications: the queue on the left, claims, papers and checks on the right."""

from __future__ import annotations

from typing import Any

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm

from blueprints import countries, fields, qualification
from blueprints.guard import actor, guarded
from blueprints.once import once
from blueprints.pages import fail
from compliance.qualification import checks, noting, papers, requirements, reviewing, rules
from compliance.qualification.models import Application
from daigou.accounts import directory
from daigou.accounts.models import Account
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


class RefuseForm(FlaskForm):
    code = fields.OneOf(
        lazy("Reason, in the applicant’s language"), qualification.REASONS.items(), required=False, default="other"
    )
    reason = fields.Passage(lazy("Words of your own"), 1000)


class NoteForm(FlaskForm):
    words = fields.Passage(lazy("Note for other officers"), noting.LONGEST, required=True)


class ProposeForm(FlaskForm):
    why = fields.Passage(lazy("Why it may be approved, for the second officer"), 1000, required=True)


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
    form = RefuseForm()
    if form.validate_on_submit():
        try:
            return _refuse(ref, paper_ref, form)
        except Invalid as refusal:
            fail(form, refusal)
    return _matter(reviewing.find(actor(), ref), refused=paper_ref, refuse=form), 422


def _refuse(ref: str, paper_ref: str, form: RefuseForm) -> ResponseReturnValue:
    """Refuse a paper, or also give the application back for another one: by the button that was pressed."""
    code, words = form.code.data or "other", form.reason.data or ""
    if "again" in request.form:
        reviewing.ask_again(actor(), ref, paper_ref, code, words)
        flash(_("The applicant is asked for another one, and gets your words by mail."), "success")
    else:
        reviewing.refuse_paper(actor(), ref, paper_ref, words, code)
        flash(_("The paper is refused. Ask the applicant for another one, or reject the application."), "info")
    return _back(ref)


@bp.post("/applications/<ref>/release")
@guarded("application.review")
def release_application(ref: str) -> ResponseReturnValue:
    reviewing.release(actor(), ref)
    flash(_("It is back in the queue."), "info")
    return redirect(url_for("officer.applications"), 303)


@bp.post("/applications/<ref>/hand-over")
@guarded("application.review")
def hand_over_application(ref: str) -> ResponseReturnValue:
    reviewing.hand_over(actor(), ref, request.form.get("officer", ""))
    flash(_("It is handed over, and your colleague is told."), "success")
    return _back(ref)


@bp.post("/applications/<ref>/notes")
@guarded("application.review")
def note_application(ref: str) -> ResponseReturnValue:
    form = NoteForm()
    if not form.validate_on_submit():
        return _matter(reviewing.find(actor(), ref), note=form), 422
    noting.write(actor(), ref, form.words.data)
    return _back(ref)


@bp.post("/applications/<ref>/points")
@guarded("application.review")
def tick_application(ref: str) -> ResponseReturnValue:
    noting.tick(actor(), ref, request.form.getlist("point"))
    return _back(ref)


@bp.post("/applications/<ref>/propose")
@guarded("application.review")
def propose_application(ref: str) -> ResponseReturnValue:
    form = ProposeForm()
    if form.validate_on_submit():
        try:
            return once(lambda: url_for("officer.proposal", ref=reviewing.propose(actor(), ref, form.why.data).ref))
        except Invalid as refusal:
            form.why.errors = list(refusal.fields.values())
    return _matter(reviewing.find(actor(), ref), propose=form), 422


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


def _colleagues(found: Application) -> list[Account]:
    """Who it can be handed to, while somebody reviews it."""
    return reviewing.officers(actor()) if found.is_("in_review") else []


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
    required, notes, points = requirements.of(found), noting.notes(found), noting.points(found)
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
        accepted=rules.all_accepted(required, papers.facts(sent), clock.today()),
        unticked=[qualification.POINTS[point.name] for point in points if not point.done],
        missing=[qualification.PAPERS[kind] for kind in lacking],
        own=found.account_id == actor().account_id,
        risks=qualification.RISKS,
        points=points,
        notes=notes,
        people=directory.names_of(
            {*(note.author_id for note in notes), *(point.officer_id for point in points), found.reviewer_id} - {None}
        ),
        officers=[(row.subject, str(row.name or row.email)) for row in _colleagues(found)],
        two=reviewing.needs_two(found),
        proposed=reviewing.proposed(found),
        shown={
            "form": ReasonForm(formdata=None), "refuse": RefuseForm(formdata=None), "note": NoteForm(formdata=None),
            "propose": ProposeForm(formdata=None), **shown,
        },
        **_queue(found.state),
    )
