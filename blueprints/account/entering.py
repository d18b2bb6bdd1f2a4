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
from daigou.accounts import entering
from daigou.accounts.identity import User
from daigou.accounts.models import Account
from daigou.core.access import Actor
from daigou.core.errors import Refusal
from daigou.core.i18n import lazy

from . import bp

# Where each role's day begins.
HOMES = (
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
    return render_template("account/sign_in.html", form=form)


@bp.post("/sign-in")
@limiter.limit(SIGN_IN_BY_PLACE, exempt_when=here)
@limiter.limit(SIGN_IN_BY_ACCOUNT, key_func=by_account, exempt_when=here)
@guarded("session.open")
def send_sign_in() -> ResponseReturnValue:
    form = SignInForm()
    if form.validate_on_submit():
        try:
            user = entering.sign_in(form.email.data, form.password.data)
        except Refusal as refusal:
            fail(form, refusal)
        else:
            begin_session(user)
            return remember(redirect(local_path(form.next.data, home(user.actor)), 303), user.account)
    return render_template("account/sign_in.html", form=form), 422


@bp.post("/sign-out")
@guarded("session.open")
def sign_out() -> ResponseReturnValue:
    entering.sign_out(guard.actor())
    session.clear()
    return redirect("/", 303)


def begin_session(user: User) -> None:
    """A new session and a new CSRF token: nothing that was set before may count now, but whose cart it was."""
    visitor = session.get("visitor")
    session.clear()
    if visitor:
        session["visitor"] = visitor
    login_user(user)
    session["epoch"] = user.account.session_epoch
    session.permanent = True


def remember(response: Response, account: Account) -> Response:
    """The account's language and currency become the browser's, unless it has its own already."""
    for name, value in (("locale", account.locale), ("currency", account.currency)):
        if name not in request.cookies:
            set_preference(response, name, value)
    return response


def set_preference(response: Response, name: str, value: str) -> None:
    secure = current_app.config["SESSION_COOKIE_SECURE"]
    response.set_cookie(name, value, max_age=365 * 24 * 3600, secure=secure, samesite="Lax")


def home(actor: Actor) -> str:
    """Where somebody starts who came from nowhere."""
    for role, endpoint in HOMES:
        if role in actor.roles and endpoint in current_app.view_functions:
            return url_for(endpoint)
    return "/"
