"""One's own settings: name, language, currency."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm

from blueprints import fields
from blueprints.guard import actor, guarded
from daigou.accounts import directory, keeping
from daigou.core import zones
from daigou.core.i18n import LOCALES, _, currency_name, lazy
from daigou.pricing.rules import CURRENCIES

from . import bp
from .entering import set_preference


class ProfileForm(FlaskForm):
    name = fields.Line(lazy("Your name"), 80, required=True)
    language = fields.OneOf(lazy("Language of pages and mails"), LOCALES.items())
    currency = fields.OneOf(lazy("Show prices in"), [(code, code) for code in CURRENCIES])
    time_zone = fields.OneOf(lazy("Time zone"), [("", ""), *((name, name) for name in zones.known())], required=False)


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
    chosen = (form[name].data or "" for name in ("name", "language", "currency", "time_zone"))
    account = keeping.change_profile(actor(), *chosen)
    flash(_("Your settings are saved."), "success")
    response = redirect(url_for("account.settings"), 303)
    set_preference(response, "locale", account.locale)
    set_preference(response, "currency", account.currency)
    return response


def zone_words(name: str) -> str:
    """Names of the tz database as people read them; they are the same in every language."""
    return name.replace("_", " ")


def _page(**sent: Any) -> str:
    account = directory.own(actor())
    profile = sent.get("profile") or ProfileForm(
        formdata=None, name=account.name, language=account.locale, currency=account.currency,
        time_zone=account.time_zone or "",
    )  # fmt: skip
    by_country = _("That of my country: %(zone)s", zone=zone_words(zones.of_country(account.country)))
    named = ((name, zone_words(name)) for name in zones.known())
    profile.time_zone.choices = fields.options([("", by_country), *named])
    profile.currency.choices = fields.options((code, currency_name(code)) for code in CURRENCIES)
    return render_template("account/settings.html", account=account, profile=profile)
