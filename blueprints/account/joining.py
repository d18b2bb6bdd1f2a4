"""Signing up, and the link that confirms the address."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale
from flask_wtf import FlaskForm

from blueprints import countries, fields
from blueprints.guard import guarded
from blueprints.limits import (
    MAIL_BY_ACCOUNT,
    MAIL_BY_PLACE,
    SIGN_IN_BY_ACCOUNT,
    SIGN_IN_BY_PLACE,
    by_account,
    here,
    limiter,
)
from blueprints.once import once
from blueprints.pages import choose_currency, fail
from daigou.accounts import joining
from daigou.core.errors import Refusal
from daigou.core.i18n import LOCALES, _, lazy

from . import bp


class SignUpForm(FlaskForm):
    name = fields.Line(lazy("Your name"), 80, required=True)
    email = fields.Email(lazy("E-mail address"))
    password = fields.Secret(lazy("Password"))
    country = fields.OneOf(lazy("Country you live in"))
    language = fields.OneOf(lazy("Language"), LOCALES.items())

    def __init__(self) -> None:
        super().__init__()
        self.country.choices = fields.options(countries.choices())

    def wish(self) -> joining.SignUp:
        return joining.SignUp(
            email=self.email.data,
            name=self.name.data,
            password=self.password.data,
            country=self.country.data,
            currency=choose_currency(),
            locale=self.language.data,
        )


class ResendForm(FlaskForm):
    email = fields.Email(lazy("E-mail address"))


class ConfirmForm(FlaskForm):
    email = fields.Email(lazy("E-mail address"), id="code-email")
    code = fields.Line(lazy("Code of the mail"), 20, required=True)


@bp.get("/sign-up")
@guarded("session.open")
def sign_up() -> str:
    form = SignUpForm()
    form.language.data, form.country.data = str(get_locale() or "en"), "DE"
    return render_template("account/sign_up.html", form=form)


@bp.post("/sign-up")
@limiter.limit(MAIL_BY_PLACE, exempt_when=here)
@limiter.limit(MAIL_BY_ACCOUNT, key_func=by_account, exempt_when=here)
@guarded("session.open")
def send_sign_up() -> ResponseReturnValue:
    form = SignUpForm()
    if form.validate_on_submit():
        try:
            return once(lambda: _sign_up(form))
        except Refusal as refusal:
            fail(form, refusal)
    return render_template("account/sign_up.html", form=form), 422


def _sign_up(form: SignUpForm) -> str:
    joining.sign_up(form.wish())
    return url_for("account.sign_up_sent")


@bp.get("/sign-up/sent")
@guarded("session.open")
def sign_up_sent() -> str:
    return _sent(ResendForm())


@bp.post("/sign-up/resend")
@limiter.limit(MAIL_BY_PLACE, exempt_when=here)
@limiter.limit(MAIL_BY_ACCOUNT, key_func=by_account, exempt_when=here)
@guarded("session.open")
def resend() -> ResponseReturnValue:
    form = ResendForm()
    if not form.validate_on_submit():
        return _sent(form), 422
    joining.resend(form.email.data)
    flash(_("If this address waits for its confirmation, a new link is on its way."), "success")
    return redirect(url_for("account.sign_up_sent"), 303)


@bp.get("/account/confirm/<token>")
@guarded("session.open")
def confirm(token: str) -> str:
    account = joining.awaits_confirmation(token)
    return render_template("account/confirm.html", form=FlaskForm(), account=account, token=token)


@bp.post("/account/confirm/<token>")
@guarded("session.open")
def send_confirm(token: str) -> ResponseReturnValue:
    joining.confirm(token)
    flash(_("Your address is confirmed. Sign in to go on."), "success")
    return redirect(url_for("account.sign_in"), 303)


@bp.post("/sign-up/code")
@limiter.limit(SIGN_IN_BY_PLACE, exempt_when=here)
@limiter.limit(SIGN_IN_BY_ACCOUNT, key_func=by_account, exempt_when=here)
@guarded("session.open")
def confirm_by_code() -> ResponseReturnValue:
    """The six digits of the mail, typed on whatever device the person signed up with."""
    form = ConfirmForm()
    if form.validate_on_submit():
        try:
            joining.confirm_by_code(form.email.data, form.code.data)
        except Refusal as refusal:
            fail(form, refusal)
        else:
            flash(_("Your address is confirmed. Sign in to go on."), "success")
            return redirect(url_for("account.sign_in"), 303)
    return _sent(ResendForm(formdata=None), form), 422


def _sent(form: ResendForm, code: ConfirmForm | None = None) -> str:
    code = code or ConfirmForm(formdata=None)
    return render_template("account/sign_up_sent.html", form=form, code=code)
