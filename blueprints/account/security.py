"""The security page: how one gets in, where one is signed in, what one proves oneself with."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from flask import current_app, flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm

from blueprints import fields
from blueprints.guard import actor, guarded
from blueprints.local import local_path
from blueprints.pages import fail
from blueprints.stepped import StepUpForm, stepped_up
from blueprints.visits import certificate
from daigou.accounts import directory, freezing, keeping, stepup
from daigou.accounts.external import service as external
from daigou.accounts.factors import certificates, passkeys
from daigou.accounts.factors import service as factors
from daigou.accounts.sessions import service as sessions
from daigou.core.errors import Refusal
from daigou.core.i18n import _, lazy

from . import bp
from .second_step import CHALLENGE, CredentialForm


class PasswordForm(FlaskForm):
    old = fields.Secret(lazy("Present password"))
    new = fields.Secret(lazy("New password"))


@bp.get("/account/security")
@guarded("account.use")
def security() -> str:
    return page()


def page(**sent: Any) -> str:
    account, config = directory.own(actor()), current_app.extensions["config"]
    return render_template(
        "account/security.html",
        account=account,
        password=sent.get("password") or PasswordForm(formdata=None),
        ways=factors.ways(account),
        sessions=sessions.mine(actor()),
        providers=current_app.extensions["openid"].values(),
        linked=external.linked(account),
        certificates=certificates.of(account) if config.certificate_header else None,
        shown_certificate=certificate()[0],
        phones=current_app.extensions["sms"] is not None,
    )


@bp.post("/account/change-password")
@guarded("account.use")
def change_password() -> ResponseReturnValue:
    form = PasswordForm()
    if form.validate_on_submit():
        try:
            keeping.change_password(actor(), form.old.data, form.new.data)
        except Refusal as refusal:
            fail(form, refusal)
        else:
            flash(_("Your password is changed. You are signed out everywhere else."), "success")
            return _back()
    return page(password=form), 422


@bp.post("/account/sessions/<uuid:session_id>/end")
@guarded("account.use")
def end_session(session_id: UUID) -> ResponseReturnValue:
    sessions.end(actor(), session_id)
    flash(_("That device is signed out."), "success")
    return _back()


@bp.post("/account/sign-out-everywhere")
@guarded("account.use")
def sign_out_everywhere() -> ResponseReturnValue:
    keeping.end_sessions(actor())
    session.clear()
    flash(_("You are signed out on every device."), "success")
    return redirect(url_for("account.sign_in"), 303)


@bp.get("/account/alarm/<token>")
@guarded("session.open")
def alarm(token: str) -> str:
    freezing.alarmed(token)
    return render_template("account/alarm.html", form=FlaskForm())


@bp.post("/account/alarm/<token>")
@guarded("session.open")
def raise_alarm(token: str) -> ResponseReturnValue:
    freezing.raise_alarm(token)
    session.clear()
    flash(_("Every session has ended, and nobody can sign in. Look into your mailbox for a new password."), "success")
    return redirect(url_for("account.forgotten"), 303)


@bp.get("/account/step-up")
@guarded("account.step_up")
def step_up() -> str:
    return _step_up(StepUpForm())


@bp.post("/account/step-up")
@guarded("account.step_up")
def send_step_up() -> ResponseReturnValue:
    form = StepUpForm()
    if form.validate_on_submit():
        try:
            stepup.confirm(actor(), form.proof.data)
            return redirect(_next(), 303)
        except Refusal as refusal:
            fail(form, refusal)
    return _step_up(form), 422


@bp.post("/account/step-up/passkey")
@guarded("account.step_up")
def step_up_by_passkey() -> ResponseReturnValue:
    form = StepUpForm()
    try:
        passkeys.prove(session.pop(CHALLENGE, ""), CredentialForm().credential.data or "", directory.own(actor()))
        stepup.passed(actor())
        return redirect(_next(), 303)
    except Refusal as refusal:
        fail(form, refusal)
    return _step_up(form), 422


@bp.post("/account/certificates")
@guarded("certificate.bind")
@stepped_up
def bind_certificate() -> ResponseReturnValue:
    certificates.bind(actor(), *certificate())
    flash(_("The certificate is bound. From now on you can’t sign in without it."), "success")
    return _back()


@bp.post("/account/certificates/<uuid:certificate_id>/unbind")
@guarded("certificate.bind")
@stepped_up
def unbind_certificate(certificate_id: UUID) -> ResponseReturnValue:
    certificates.unbind(actor(), certificate_id)
    flash(_("The certificate is not bound any more."), "success")
    return _back()


def _step_up(form: StepUpForm) -> str:
    keys = bool(factors.ways(directory.own(actor())).passkeys)
    return render_template("account/step_up.html", form=form, carried=[("next", _next())], keys=keys)


def _next() -> str:
    return local_path(request.values.get("next"), url_for("account.security"))


def _back() -> ResponseReturnValue:
    return redirect(url_for("account.security"), 303)
