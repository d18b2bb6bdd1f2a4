"""One's phone number: typed, confirmed by the code sent to it, removed."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm

from blueprints import fields
from blueprints.guard import actor, guarded
from blueprints.limits import MAIL_BY_PLACE, here, limiter
from blueprints.pages import fail
from blueprints.stepped import stepped_up
from daigou.accounts import directory
from daigou.accounts import phones as service
from daigou.core.errors import Refusal
from daigou.core.i18n import _, lazy

from . import bp
from .second_step import CodeForm


class PhoneForm(FlaskForm):
    phone = fields.Line(lazy("Phone number"), 40, required=True)


@bp.get("/account/phone")
@guarded("account.use")
@stepped_up
def phone() -> str:
    return _page(PhoneForm(formdata=None), CodeForm(formdata=None))


@bp.post("/account/phone")
@limiter.limit(MAIL_BY_PLACE, exempt_when=here)
@guarded("account.use")
@stepped_up
def ask_phone() -> ResponseReturnValue:
    form = PhoneForm()
    if form.validate_on_submit():
        try:
            service.ask(actor(), form.phone.data, directory.own(actor()).country)
        except Refusal as refusal:
            fail(form, refusal)
        else:
            flash(_("A code is on its way to this number."), "success")
            return redirect(url_for("account.phone"), 303)
    return _page(form, CodeForm(formdata=None)), 422


@bp.post("/account/phone/confirm")
@guarded("account.use")
@stepped_up
def confirm_phone() -> ResponseReturnValue:
    form = CodeForm()
    if form.validate_on_submit():
        try:
            service.confirm(actor(), form.code.data)
        except Refusal as refusal:
            fail(form, refusal)
        else:
            flash(_("Your phone number is confirmed."), "success")
            return redirect(url_for("account.security"), 303)
    return _page(PhoneForm(formdata=None), form), 422


@bp.post("/account/phone/remove")
@guarded("account.use")
@stepped_up
def remove_phone() -> ResponseReturnValue:
    service.remove(actor())
    flash(_("Your phone number is removed."), "success")
    return redirect(url_for("account.security"), 303)


def _page(form: FlaskForm, code: FlaskForm) -> str:
    return render_template("account/phone.html", form=form, code=code, account=directory.own(actor()))
