"""What people ask of us about their data: the queue, the answers by hand, and legal holds."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm

from blueprints import fields
from blueprints.account.your_data import KINDS, STATES
from blueprints.guard import actor, guarded
from blueprints.once import once
from blueprints.pages import fail, moves
from compliance.privacy import holds
from compliance.privacy import requests as service
from compliance.privacy.models_requests import PrivacyRequest
from compliance.privacy.purposes import PURPOSES
from daigou.accounts.directory import names_of
from daigou.core import clock
from daigou.core.errors import Refusal
from daigou.core.i18n import _, lazy

from . import bp


class AnswerForm(FlaskForm):
    answer = fields.Passage(lazy("What the person reads"), 2000)


class HoldForm(FlaskForm):
    purpose = fields.OneOf(lazy("What must be kept"), [(name, row.name) for name, row in PURPOSES.items()])
    reason = fields.Passage(lazy("Which duty or claim"), 1000, required=True)


@bp.get("/privacy-requests")
@guarded("privacy.view")
def privacy_requests() -> str:
    return render_template(
        "officer/privacy_requests.html", console=True, page=service.queue(actor(), request.args.get("cursor")),
        closed=service.closed(actor()), kinds=KINDS, states=STATES, today=clock.today(),
    )  # fmt: skip


@bp.get("/privacy-requests/<ref>")
@guarded("privacy.view")
def privacy_request(ref: str) -> str:
    return _page(service.find(actor(), ref))


@bp.post("/privacy-requests/<ref>/take")
@guarded("privacy.keep")
def take_privacy_request(ref: str) -> ResponseReturnValue:
    service.take(actor(), ref)
    return _back(ref)


@bp.post("/privacy-requests/<ref>/answer")
@guarded("privacy.keep")
def answer_privacy_request(ref: str) -> ResponseReturnValue:
    return _decide(ref, service.answer)


@bp.post("/privacy-requests/<ref>/refuse")
@guarded("privacy.keep")
def refuse_privacy_request(ref: str) -> ResponseReturnValue:
    return _decide(ref, service.refuse)


@bp.post("/privacy-requests/<ref>/hold")
@guarded("privacy.keep")
def hold_privacy_request(ref: str) -> ResponseReturnValue:
    row, form = service.find(actor(), ref), HoldForm()
    try:
        if form.validate():
            return once(lambda: _held(row, form))
    except Refusal as refusal:
        fail(form, refusal)
    return _page(row, hold=form), 422


@bp.post("/privacy-requests/<ref>/holds/<hold_ref>/release")
@guarded("privacy.keep")
def release_hold(ref: str, hold_ref: str) -> ResponseReturnValue:
    holds.release(actor(), hold_ref)
    flash(_("Released. What has had its time goes tonight."), "success")
    return _back(ref)


def _held(row: PrivacyRequest, form: HoldForm) -> str:
    holds.place(actor(), row.subject, [form.purpose.data], form.reason.data or "")
    return url_for(".privacy_request", ref=row.ref)


def _decide(ref: str, decide) -> ResponseReturnValue:  # type: ignore[no-untyped-def]
    form = AnswerForm()
    try:
        if form.validate():
            decide(actor(), ref, form.answer.data or "")
            flash(_("Written down. The person is told."), "success")
            return _back(ref)
    except Refusal as refusal:
        fail(form, refusal)
    return _page(service.find(actor(), ref), answer=form), 422


def _back(ref: str) -> ResponseReturnValue:
    return redirect(url_for(".privacy_request", ref=ref), 303)


def _page(row: PrivacyRequest, answer: AnswerForm | None = None, hold: HoldForm | None = None) -> str:
    known = holds.all_of(row.subject)
    people = names_of({row.owner, *(hold.placed_by for hold in known)} - {None})
    return render_template(
        "officer/privacy_request.html", console=True, row=row, holds=known, people=people, purposes=PURPOSES,
        form=answer or AnswerForm(formdata=None), hold_form=hold or HoldForm(formdata=None), possible=moves(row),
        kind=KINDS[row.kind], label=STATES[row.state], today=clock.today(),
    )  # fmt: skip
