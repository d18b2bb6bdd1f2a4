"""The four-eyes inbox: what one person proposed and another must agree to."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm

from blueprints.fields import Passage
from blueprints.guard import actor, guarded
from blueprints.pages import fail
from blueprints.stepped import stepped_up
from compliance.audit import proposals as service
from compliance.audit.models import Proposal
from daigou.accounts.directory import names_of
from daigou.core.errors import Refusal
from daigou.core.i18n import _, lazy

from . import bp

STATES = {
    "proposed": (lazy("Waiting for a second person"), "info"),
    "approved": (lazy("Approved"), "success"),
    "declined": (lazy("Declined"), "error"),
    "withdrawn": (lazy("Withdrawn"), ""),
    "expired": (lazy("Expired"), ""),
}


class DecisionForm(FlaskForm):
    note = Passage(lazy("Remark or reason"), service.LONGEST)


@bp.get("/proposals")
@guarded("proposal.view")
def proposals() -> str:
    old = request.args.get("state") == "decided"
    kind, cursor = request.args.get("kind"), request.args.get("cursor")
    page = service.decided(actor(), cursor) if old else service.waiting(actor(), cursor, kind)
    people = names_of({row.proposed_by for row in page.rows})
    return render_template(
        "officer/proposals.html", console=True, page=page, old=old, people=people, kinds=service.kinds(), states=STATES,
        counts={} if old else service.counts(actor()), chosen=kind,
    )  # fmt: skip


@bp.get("/proposals/<ref>")
@guarded("proposal.view")
def proposal(ref: str) -> str:
    return _page(service.find(actor(), ref), DecisionForm())


@bp.post("/proposals/<ref>/approve")
@guarded("proposal.decide")
@stepped_up
def approve_proposal(ref: str) -> ResponseReturnValue:
    return _decide(ref, lambda form: service.approve(actor(), ref, form.note.data or ""), _("Approved and done."))


@bp.post("/proposals/<ref>/decline")
@guarded("proposal.decide")
def decline_proposal(ref: str) -> ResponseReturnValue:
    return _decide(
        ref, lambda form: service.decline(actor(), ref, form.note.data or ""), _("Declined. Nothing was changed.")
    )


@bp.post("/proposals/<ref>/withdraw")
@guarded("proposal.withdraw")
def withdraw_proposal(ref: str) -> ResponseReturnValue:
    service.withdraw(actor(), ref)
    flash(_("Withdrawn. Nothing was changed."), "info")
    return redirect(url_for("officer.proposals"), 303)


def _decide(ref: str, decision, done: str) -> ResponseReturnValue:  # type: ignore[no-untyped-def]
    form = DecisionForm()
    try:
        if form.validate():
            decision(form)
            flash(done, "success")
            return redirect(url_for("officer.proposals"), 303)
    except Refusal as refusal:
        fields = getattr(refusal, "fields", {})
        if "reason" in fields:  # the one field of this form
            fields["note"] = fields.pop("reason")
        fail(form, refusal)
        return _page(service.find(actor(), ref), form), refusal.status
    return _page(service.find(actor(), ref), form), 422


def _page(row: Proposal, form: DecisionForm) -> str:
    label, tone = STATES[row.state]
    people = names_of({row.proposed_by, row.decided_by} - {None})
    return render_template(
        "officer/proposal.html", console=True, row=row, form=form, label=label, tone=tone, people=people,
        title=service.kind_of(row).title, may_decide=service.may_decide(actor(), row),
    )  # fmt: skip
