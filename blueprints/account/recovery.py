"""Choosing a new password by mail, and accepting an invitation."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm

from blueprints import fields
from blueprints.guard import guarded
from blueprints.limits import MAIL_BY_ACCOUNT, MAIL_BY_PLACE, SIGN_IN_BY_PLACE, by_account, here, limiter
from blueprints.pages import fail
from daigou.accounts import keeping, staff
from daigou.core.errors import Invalid
from daigou.core.i18n import _, lazy

from . import bp
from .joining import ResendForm


class NewPasswordForm(FlaskForm):
    new = fields.Secret(lazy("New password"))


class InvitationForm(FlaskForm):
    name = fields.Line(lazy("Your name"), 80, required=True)
    password = fields.Secret(lazy("Password"))


@bp.get("/account/password")
@guarded("session.open")
def forgotten() -> str:
    return render_template("account/forgotten.html", form=ResendForm())


@bp.post("/account/password")
@limiter.limit(MAIL_BY_PLACE, exempt_when=here)
@limiter.limit(MAIL_BY_ACCOUNT, key_func=by_account, exempt_when=here)
@guarded("session.open")
def send_forgotten() -> ResponseReturnValue:
    form = ResendForm()
    if not form.validate_on_submit():
        return render_template("account/forgotten.html", form=form), 422
    keeping.ask_reset(form.email.data)
    flash(_("If there is an account with this address, a link to choose a new password is on its way."), "success")
    return redirect(url_for("account.forgotten"), 303)


@bp.get("/account/password/<token>")
@guarded("session.open")
def new_password(token: str) -> str:
    keeping.awaits_password(token)
    return render_template("account/new_password.html", form=NewPasswordForm())


@bp.post("/account/password/<token>")
@limiter.limit(SIGN_IN_BY_PLACE, exempt_when=here)
@guarded("session.open")
def send_new_password(token: str) -> ResponseReturnValue:
    form = NewPasswordForm()
    if form.validate_on_submit():
        try:
            keeping.reset(token, form.new.data)
        except Invalid as refusal:
            fail(form, refusal)
        else:
            flash(_("Your new password is set. Sign in with it."), "success")
            return redirect(url_for("account.sign_in"), 303)
    return render_template("account/new_password.html", form=form), 422


@bp.get("/account/invite/<token>")
@guarded("session.open")
def invitation(token: str) -> str:
    return render_template("account/invitation.html", form=InvitationForm(), account=staff.invited(token))


@bp.post("/account/invite/<token>")
@limiter.limit(SIGN_IN_BY_PLACE, exempt_when=here)
@guarded("session.open")
def accept_invitation(token: str) -> ResponseReturnValue:
    form = InvitationForm()
    if form.validate_on_submit():
        try:
            staff.accept(token, form.name.data, form.password.data)
        except Invalid as refusal:
            fail(form, refusal)
        else:
            flash(_("Welcome. Sign in with your new password."), "success")
            return redirect(url_for("account.sign_in"), 303)
    return render_template("account/invitation.html", form=form, account=staff.invited(token)), 422
