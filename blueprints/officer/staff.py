"""Who works here: invited, suspended and restored by administrators."""

from __future__ import annotations

from flask import current_app, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale
from flask_wtf import FlaskForm

from blueprints import fields
from blueprints.guard import actor, guarded
from blueprints.once import once
from blueprints.pages import fail
from blueprints.stepped import stepped_up
from daigou.accounts import staff as service
from daigou.accounts.factors import service as factors
from daigou.core.errors import Refusal
from daigou.core.i18n import _, lazy

from . import bp

ROLES = {
    "inspector": lazy("Inspector: receives, inspects and packs"),
    "support": lazy("Support: answers people, decides returns"),
    "officer": lazy("Compliance officer: reviews applications, audits"),
    "admin": lazy("Administrator: manages staff"),
}


class InviteForm(FlaskForm):
    email = fields.Email(lazy("E-mail address"))
    role = fields.OneOf(lazy("Role"), ROLES.items())


@bp.get("/staff")
@guarded("staff.manage")
def staff() -> str:
    return _page(InviteForm())


@bp.post("/staff")
@guarded("staff.manage")
def invite() -> ResponseReturnValue:
    form = InviteForm()
    if form.validate_on_submit():
        try:
            return once(lambda: _invite(form))
        except Refusal as refusal:
            fail(form, refusal)
    return _page(form), 422


@bp.post("/staff/<subject>/suspend")
@guarded("staff.manage")
def suspend(subject: str) -> ResponseReturnValue:
    service.suspend(actor(), subject)
    flash(_("The account is suspended and signed out everywhere."), "success")
    return redirect(url_for("officer.staff"), 303)


@bp.post("/staff/<subject>/restore")
@guarded("staff.manage")
def restore(subject: str) -> ResponseReturnValue:
    service.restore(actor(), subject)
    flash(_("The account may be used again."), "success")
    return redirect(url_for("officer.staff"), 303)


@bp.post("/staff/<subject>/reset-factors")
@guarded("factor.reset")
@stepped_up
def reset_factors(subject: str) -> ResponseReturnValue:
    factors.reset(actor(), subject)
    flash(_("Their second factors are gone. They set new ones up when they sign in next."), "success")
    return redirect(url_for("officer.staff"), 303)


def _invite(form: InviteForm) -> str:
    country = current_app.extensions["config"].platform_country
    service.invite(actor(), form.email.data, form.role.data, str(get_locale() or "en"), country)
    flash(_("The invitation is on its way to %(email)s.", email=form.email.data), "success")
    return url_for("officer.staff")


def _page(form: InviteForm) -> str:
    page = service.everybody(actor(), request.args.get("cursor"))
    return render_template("officer/staff.html", page=page, form=form, roles=ROLES, console=True)
