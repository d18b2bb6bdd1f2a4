"""The second step of signing in: a code of the app, a recovery code, a passkey. And signing in with a passkey alone."""

from __future__ import annotations

import json

from flask import Response, redirect, render_template, session, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from wtforms import HiddenField

from blueprints import fields
from blueprints.guard import guarded
from blueprints.limits import SIGN_IN_BY_PLACE, here, limiter
from blueprints.pages import fail
from daigou.accounts import entering
from daigou.accounts.factors import passkeys, service
from daigou.core.errors import Invalid, Refusal
from daigou.core.i18n import lazy

from . import bp, pending
from .entering import SignInForm, finish, page

CHALLENGE = "challenge"


class CodeForm(FlaskForm):
    code = fields.Line(lazy("Code"), 40, required=True)


class CredentialForm(FlaskForm):
    credential = HiddenField()
    next = HiddenField()


@bp.get("/sign-in/second-step")
@guarded("session.open")
def second_step() -> ResponseReturnValue:
    held = pending.get()
    return _page(CodeForm(), held) if held else redirect(url_for("account.sign_in"), 303)


@bp.post("/sign-in/second-step")
@limiter.limit(SIGN_IN_BY_PLACE, exempt_when=here)
@guarded("session.open")
def send_second_step() -> ResponseReturnValue:
    held, form = pending.get(), CodeForm()
    if held is None:
        return redirect(url_for("account.sign_in"), 303)
    if form.validate_on_submit():
        try:
            return finish(held.account, held.way, _shown(held, form.code.data), held.target)
        except Refusal as refusal:
            fail(form, refusal)
    return _page(form, held), 422


def _shown(held: pending.Pending, code: str) -> str:
    try:
        return service.show(held.account, code)
    except Invalid:
        entering.note_failure(held.account)
        raise


@bp.post("/sign-in/passkey/options")
@limiter.limit(SIGN_IN_BY_PLACE, exempt_when=here)
@guarded("session.open")
def passkey_request() -> ResponseReturnValue:
    held = pending.get()
    return as_options(passkeys.request(held.account if held else None))


@bp.post("/sign-in/passkey")
@limiter.limit(SIGN_IN_BY_PLACE, exempt_when=here)
@guarded("session.open")
def send_passkey() -> ResponseReturnValue:
    """The second step of somebody who waits for it, else a whole sign-in: device and finger are two factors."""
    held, form = pending.get(), CredentialForm()
    try:
        name, sent = session.pop(CHALLENGE, ""), form.credential.data or ""
        account = passkeys.prove(name, sent, held.account if held else None)
        target = held.target if held else form.next.data
        return finish(account, held.way if held else "passkey", "passkey", target)
    except Refusal as refusal:
        shown: FlaskForm = CodeForm(formdata=None) if held else SignInForm(formdata=None)
        fail(shown, refusal)
        return (_page(shown, held) if held else page(shown)), 422


def as_options(made: tuple[str, str]) -> Response:
    """Options for the browser's WebAuthn call; the challenge's name stays in its session."""
    options, session[CHALLENGE] = made
    return Response(json.dumps(json.loads(options)), mimetype="application/json")


def _page(form: FlaskForm, held: pending.Pending) -> str:
    ways = entering.second_step(held.account)
    named = passkeys.place() is not None
    return render_template("account/second_step.html", form=form, ways=ways, passkeys=named)
