"""Signing in and out."""

from __future__ import annotations

from flask import current_app, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_login import login_user
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response
from wtforms import HiddenField

from blueprints import fields, guard
from blueprints.guard import guarded
from blueprints.limits import SIGN_IN_BY_ACCOUNT, SIGN_IN_BY_PLACE, by_account, here, limiter
from blueprints.local import local_path
from blueprints.pages import fail
from blueprints.visits import DEVICE, visit
from daigou.accounts import entering
from daigou.accounts.factors import passkeys
from daigou.accounts.models import Account
from daigou.core.access import Actor
from daigou.core.errors import Refusal
from daigou.core.i18n import lazy

from . import bp, pending

# Where each role's day begins.
HOMES = (
    ("enrolling", "account.enrol"),
    ("admin", "officer.staff"),
    ("officer", "officer.applications"),
    ("support", "support.returns"),
    ("inspector", "warehouse.arrivals"),
    ("merchant", "merchant.dashboard"),
)


class SignInForm(FlaskForm):
    email = fields.Email(lazy("E-mail address"))
    password = fields.Secret(lazy("Password"))
    next = HiddenField()


@bp.get("/sign-in")
@guarded("session.open")
def sign_in() -> str:
    form = SignInForm()
    form.next.data = local_path(request.args.get("next"), "")
    return page(form)


@bp.post("/sign-in")
@limiter.limit(SIGN_IN_BY_PLACE, exempt_when=here)
@limiter.limit(SIGN_IN_BY_ACCOUNT, key_func=by_account, exempt_when=here)
@guarded("session.open")
def send_sign_in() -> ResponseReturnValue:
    form = SignInForm()
    if form.validate_on_submit():
        try:
            account = entering.prove_password(form.email.data, form.password.data, visit())
            return proceed(account, "password", form.next.data)
        except Refusal as refusal:
            fail(form, refusal)
    return page(form), 422


@bp.post("/sign-out")
@guarded("session.open")
def sign_out() -> ResponseReturnValue:
    entering.sign_out(guard.actor())
    session.clear()
    return redirect("/", 303)


def page(form: SignInForm) -> str:
    providers = current_app.extensions["openid"].values()
    named = passkeys.place() is not None
    return render_template("account/sign_in.html", form=form, providers=providers, passkeys=named)


def proceed(account: Account, way: str, target: str | None) -> Response:
    """On to the second step where the account has one, else in."""
    if entering.second_step(account) is not None:
        _start_afresh()
        pending.put(account, way, local_path(target, ""))
        return redirect(url_for("account.second_step"), 303)
    return finish(account, way, "", target)


def finish(account: Account, way: str, factor: str, target: str | None) -> Response:
    """Everything is proved: a new session, in this browser. Invalid when the account may not be entered after all."""
    entered = entering.enter(account, visit(), way, factor)
    begin_session(entered)
    response = redirect(local_path(target, home(entered.user.actor)), 303)
    _set_cookie(response, DEVICE, entered.device, httponly=True)
    return remember(response, entered.account)


def begin_session(entered: entering.Entered) -> None:
    """A new session and a new CSRF token: nothing that was set before may count now, but whose cart it was."""
    _start_afresh()
    session["sid"] = entered.token
    session.permanent = True
    login_user(entered.user)


def _start_afresh() -> None:
    visitor = session.get("visitor")
    session.clear()
    if visitor:
        session["visitor"] = visitor


def remember(response: Response, account: Account) -> Response:
    """The account's language and currency become the browser's, unless it has its own already."""
    for name, value in (("locale", account.locale), ("currency", account.currency)):
        if name not in request.cookies:
            set_preference(response, name, value)
    return response


def set_preference(response: Response, name: str, value: str) -> None:
    _set_cookie(response, name, value)


def _set_cookie(response: Response, name: str, value: str, httponly: bool = False) -> None:
    secure = current_app.config["SESSION_COOKIE_SECURE"]
    response.set_cookie(name, value, max_age=365 * 24 * 3600, secure=secure, samesite="Lax", httponly=httponly)


def home(actor: Actor) -> str:
    """Where somebody starts who came from nowhere."""
    for role, endpoint in HOMES:
        if role in actor.roles and endpoint in current_app.view_functions:
            return url_for(endpoint)
    return "/"
