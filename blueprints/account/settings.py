"""One's own settings: three small forms on one page, each sent by itself."""

from __future__ import annotations

from typing import Any

from flask import flash, g, redirect, render_template, session, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm

from blueprints import fields
from blueprints.guard import actor, guarded
from blueprints.pages import fail
from daigou.accounts import keeping
from daigou.core.errors import Refusal
from daigou.core.i18n import LOCALES, _, currency_name, lazy
from daigou.pricing.rules import CURRENCIES

from . import bp
from .entering import set_preference


class ProfileForm(FlaskForm):
    name = fields.Line(lazy("Your name"), 80, required=True)
    language = fields.OneOf(lazy("Language of pages and mails"), LOCALES.items())
    currency = fields.OneOf(lazy("Show prices in"), [(code, code) for code in CURRENCIES])


class PasswordForm(FlaskForm):
    old = fields.Secret(lazy("Present password"))
    new = fields.Secret(lazy("New password"))


@bp.get("/account")
@guarded("account.use")
def settings() -> str:
    return _page()


@bp.post("/account")
@guarded("account.use")
def change_profile() -> ResponseReturnValue:
    form = ProfileForm()
    if not form.validate_on_submit():
        return _page(profile=form), 422
    account = keeping.change_profile(actor(), form.name.data, form.language.data, form.currency.data)
    flash(_("Your settings are saved."), "success")
    response = redirect(url_for("account.settings"), 303)
    set_preference(response, "locale", account.locale)
    set_preference(response, "currency", account.currency)
    return response


@bp.post("/account/change-password")
@guarded("account.use")
def change_password() -> ResponseReturnValue:
    form = PasswordForm()
    if form.validate_on_submit():
        try:
            account = keeping.change_password(actor(), form.old.data, form.new.data)
        except Refusal as refusal:
            fail(form, refusal)
        else:
            session["epoch"] = account.session_epoch
            flash(_("Your password is changed. You are signed out everywhere else."), "success")
            return redirect(url_for("account.settings"), 303)
    return _page(password=form), 422


@bp.post("/account/sign-out-everywhere")
@guarded("account.use")
def sign_out_everywhere() -> ResponseReturnValue:
    keeping.end_sessions(actor())
    session.clear()
    flash(_("You are signed out on every device."), "success")
    return redirect(url_for("account.sign_in"), 303)


def _page(**sent: Any) -> str:
    account = g.account
    profile = sent.get("profile") or ProfileForm(
        formdata=None, name=account.name, language=account.locale, currency=account.currency
    )
    profile.currency.choices = fields.options((code, currency_name(code)) for code in CURRENCIES)
    password = sent.get("password") or PasswordForm(formdata=None)
    return render_template("account/settings.html", account=account, profile=profile, password=password)
