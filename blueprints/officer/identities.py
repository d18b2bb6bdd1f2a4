"""Who people are: photos to judge, wishes for the advanced tier, outside credit look-ups."""

from __future__ import annotations

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from wtforms import BooleanField

from blueprints import countries, fields
from blueprints.guard import actor, guarded
from blueprints.pages import fail
from compliance.identity import advancing, credit, judging, reading, words
from compliance.identity.judging import DocumentFacts
from compliance.identity.models import Identity
from daigou.core.errors import Invalid, Refusal
from daigou.core.i18n import _, lazy
from daigou.documents import service as documents

from . import bp


class DocumentForm(FlaskForm):
    country = fields.OneOf(lazy("Country of the document"))
    expires = fields.Day(lazy("Valid until"), future=True)
    name_matches = BooleanField(lazy("The document shows the claimed name, and the face is the person’s"))

    def __init__(self, **more: object) -> None:
        super().__init__(**more)
        self.country.choices = fields.options(countries.choices())


class ReasonForm(FlaskForm):
    reason = fields.Passage(lazy("Reason"), 1000, required=True)


class LookupForm(FlaskForm):
    source = fields.Line(lazy("Source"), 120, required=True)
    looked_on = fields.Day(lazy("Day of the look"))
    result = fields.OneOf(lazy("What it says"), words.RESULTS.items())
    expires_on = fields.Day(lazy("To be relied on until"), future=True)


@bp.get("/identities")
@guarded("identity.review")
def identities() -> str:
    return render_template(
        "officer/identities.html",
        console=True,
        page=judging.queue(actor(), request.args.get("cursor")),
        asked=judging.asked(actor()),
        tables={audience: reading.rows(audience) for audience in ("shopper", "merchant")},
        retention=reading.retention(),
        words=words,
    )


@bp.get("/identities/checks/<ref>")
@guarded("identity.review")
def identity_check(ref: str) -> str:
    return _check(ref)


@bp.get("/identities/checks/<ref>/images/<file_ref>.png")
@guarded("identity.review")
def identity_image(ref: str, file_ref: str) -> ResponseReturnValue:
    picture = documents.preview(judging.view_image(actor(), ref, file_ref))
    return Response(picture, mimetype="image/png", headers={"Cache-Control": "no-store"})


@bp.post("/identities/checks/<ref>/accept")
@guarded("identity.review")
def accept_check(ref: str) -> ResponseReturnValue:
    form = DocumentForm()
    if form.validate_on_submit():
        try:
            facts = DocumentFacts(form.country.data, form.expires.data, form.name_matches.data)
            judging.accept(actor(), ref, facts)
            flash(_("The name is verified, and the person is told."), "success")
            return redirect(url_for("officer.identities"), 303)
        except Invalid as refusal:
            fail(form, refusal)
    return _check(ref, form=form), 422


@bp.post("/identities/checks/<ref>/refuse")
@guarded("identity.review")
def refuse_check(ref: str) -> ResponseReturnValue:
    form = ReasonForm()
    if not form.validate_on_submit():
        return _check(ref, refusal=form), 422
    judging.refuse(actor(), ref, form.reason.data)
    flash(_("The photos are refused, and the person is told why."), "info")
    return redirect(url_for("officer.identities"), 303)


@bp.get("/identities/<subject>")
@guarded("identity.review")
def identity_of(subject: str) -> str:
    return _identity(judging.of_subject(actor(), subject))


@bp.post("/identities/<subject>/advance")
@guarded("identity.advance")
def propose_advanced(subject: str) -> ResponseReturnValue:
    form = ReasonForm()
    if form.validate_on_submit():
        try:
            advancing.propose(actor(), subject, form.reason.data)
            flash(_("A second officer must agree. It stands under “Approvals”."), "success")
            return redirect(url_for("officer.identity_of", subject=subject), 303)
        except Invalid as refusal:
            fail(form, refusal)
    return _identity(judging.of_subject(actor(), subject), reason=form), 422


@bp.post("/identities/<subject>/lower")
@guarded("identity.lower")
def lower_identity(subject: str) -> ResponseReturnValue:
    form = ReasonForm()
    if not form.validate_on_submit():
        return _identity(judging.of_subject(actor(), subject), reason=form), 422
    judging.lower(actor(), subject, form.reason.data)
    flash(_("The tier is basic again, and the person is told."), "info")
    return redirect(url_for("officer.identity_of", subject=subject), 303)


@bp.post("/identities/<subject>/credit")
@guarded("identity.review")
def note_credit(subject: str) -> ResponseReturnValue:
    form = LookupForm()
    if form.validate_on_submit():
        found = credit.Found(form.source.data, form.looked_on.data, form.result.data, form.expires_on.data)
        try:
            credit.note(actor(), subject, credit.ByHand(found))
            flash(_("The look-up is noted."), "success")
            return redirect(url_for("officer.identity_of", subject=subject), 303)
        except Refusal as refusal:
            fail(form, refusal)
    return _identity(judging.of_subject(actor(), subject), lookup=form), 422


def _check(ref: str, form: DocumentForm | None = None, refusal: ReasonForm | None = None) -> str:
    check = judging.find_check(actor(), ref)
    return render_template(
        "officer/identity_check.html",
        console=True,
        check=check,
        images=judging.images(check),
        own=check.account_id == actor().account_id,
        form=form or DocumentForm(formdata=None, country=check.document_country),
        refusal=refusal or ReasonForm(formdata=None),
        words=words,
    )


def _identity(found: Identity, reason: ReasonForm | None = None, lookup: LookupForm | None = None) -> str:
    return render_template(
        "officer/identity.html",
        console=True,
        identity=found,
        summary=advancing.summary(found),
        credit=credit.in_force(found.account_id) if found.account_id else None,
        reason=reason or ReasonForm(formdata=None),
        lookup=lookup or LookupForm(formdata=None),
        words=words,
    )
