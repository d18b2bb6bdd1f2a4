"""Setting second factors up and taking them away."""

from __future__ import annotations

import base64
import io
from uuid import UUID

import segno
from flask import flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm

from blueprints import fields
from blueprints.guard import actor, guarded
from blueprints.pages import fail
from blueprints.stepped import stepped_up
from blueprints.visits import visit
from daigou.accounts import directory
from daigou.accounts.factors import passkeys, service, totp
from daigou.accounts.factors.models import Totp
from daigou.accounts.sessions import rules
from daigou.core.errors import Refusal
from daigou.core.i18n import _, lazy

from . import bp
from .second_step import CHALLENGE, CodeForm, CredentialForm, as_options


class PasskeyForm(CredentialForm):
    name = fields.Line(lazy("Name of this passkey"), 60)


@bp.get("/account/enrol")
@guarded("factor.enrol")
def enrol() -> str:
    """Where those are led who need a second factor before anything else."""
    return render_template("account/enrol.html", passkeys=passkeys.place() is not None, form=_passkey_form())


@bp.get("/account/authenticator")
@guarded("factor.enrol")
@stepped_up
def authenticator() -> str:
    return _page(service.prepare_totp(actor()), CodeForm())


@bp.post("/account/authenticator")
@guarded("factor.enrol")
@stepped_up
def confirm_authenticator() -> ResponseReturnValue:
    form = CodeForm()
    if form.validate_on_submit():
        try:
            return _done(service.confirm_totp(actor(), form.code.data), _("The authenticator app is set up."))
        except Refusal as refusal:
            fail(form, refusal)
    return _page(service.prepare_totp(actor()), form), 422


@bp.post("/account/authenticator/remove")
@guarded("account.use")
@stepped_up
def remove_authenticator() -> ResponseReturnValue:
    service.remove_totp(actor())
    flash(_("The authenticator app is removed. You are signed out everywhere else."), "success")
    return redirect(url_for("account.security"), 303)


@bp.post("/account/recovery-codes")
@guarded("account.use")
@stepped_up
def recovery_codes() -> ResponseReturnValue:
    return _done(service.new_codes(actor()), _("Your old codes don’t work any more."))


@bp.get("/account/passkeys/new")
@guarded("factor.enrol")
@stepped_up
def new_passkey() -> str:
    return render_template("account/passkey.html", form=_passkey_form(), named=passkeys.place() is not None)


@bp.post("/account/passkeys/options")
@guarded("factor.enrol")
def passkey_options() -> ResponseReturnValue:
    """For a new passkey, or to show one again."""
    again = request.form.get("for") == "step-up"
    return as_options(passkeys.request(directory.own(actor())) if again else passkeys.creation(actor()))


@bp.post("/account/passkeys")
@guarded("factor.enrol")
@stepped_up
def add_passkey() -> ResponseReturnValue:
    form = PasskeyForm()
    if form.validate_on_submit():
        try:
            name = form.name.data or rules.family(visit().agent) or _("Passkey")
            codes = passkeys.register(actor(), session.pop(CHALLENGE, ""), form.credential.data or "", name)
            return _done(codes, _("The passkey is set up."))
        except Refusal as refusal:
            fail(form, refusal)
    return render_template("account/passkey.html", form=form, named=passkeys.place() is not None), 422


@bp.post("/account/passkeys/<uuid:passkey_id>/remove")
@guarded("account.use")
@stepped_up
def remove_passkey(passkey_id: UUID) -> ResponseReturnValue:
    service.remove_passkey(actor(), passkey_id)
    flash(_("The passkey is removed. You are signed out everywhere else."), "success")
    return redirect(url_for("account.security"), 303)


def _done(codes: list[str], words: str) -> ResponseReturnValue:
    """Recovery codes are on this one page and nowhere else: the database keeps only hashes."""
    if codes:
        return render_template("account/recovery_codes.html", codes=codes, words=words, file=_file(codes))
    flash(words, "success")
    return redirect(url_for("account.security"), 303)


def _file(codes: list[str]) -> str:
    return "data:text/plain;base64," + base64.b64encode("\n".join([*codes, ""]).encode()).decode()


def _passkey_form() -> PasskeyForm:
    return PasskeyForm(formdata=None, name=rules.family(visit().agent))


def _page(row: Totp, form: FlaskForm) -> str:
    address = totp.address(row, directory.own(actor()))
    return render_template("account/authenticator.html", form=form, secret=row.secret, qr=_qr(address), address=address)


def _qr(text: str) -> str:
    """The code as a picture's address: an SVG, black on white in every theme."""
    out = io.BytesIO()
    segno.make(text, error="m").save(out, kind="svg", scale=5, border=4, dark="#000", light="#fff")
    return "data:image/svg+xml;base64," + base64.b64encode(out.getvalue()).decode()
