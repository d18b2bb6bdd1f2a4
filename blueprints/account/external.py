"""Signing in through another provider, and linking one: both leave by a POST and come back to one address."""

from __future__ import annotations

import logging
import secrets

from flask import abort, current_app, flash, redirect, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import get_locale
from werkzeug.wrappers import Response

from blueprints.guard import actor, guarded
from blueprints.limits import SIGN_IN_BY_PLACE, here, limiter
from blueprints.pages import choose_currency
from blueprints.stepped import stepped_up
from daigou.accounts import stepup
from daigou.accounts.external import service
from daigou.core import clock
from daigou.core.errors import Refusal
from daigou.core.i18n import _
from daigou.providers.openid import Claims, OpenId, Silent, Untrusted

from . import bp
from .entering import proceed

log = logging.getLogger(__name__)

SECONDS = 600
REFUSED = {"access_denied", "user_cancelled_login", "login_required", "interaction_required", "consent_required"}


@bp.post("/sign-in/with/<name>")
@limiter.limit(SIGN_IN_BY_PLACE, exempt_when=here)
@guarded("session.open")
def sign_in_with(name: str) -> ResponseReturnValue:
    return _leave(_provider(name), "sign_in")


@bp.post("/account/linked/<name>")
@guarded("account.use")
@stepped_up
def link_provider(name: str) -> ResponseReturnValue:
    return _leave(_provider(name), "link")


@bp.post("/account/linked/<name>/remove")
@guarded("account.use")
@stepped_up
def unlink_provider(name: str) -> ResponseReturnValue:
    service.unlink(actor(), name)
    flash(_("That way in is closed. You are signed out everywhere else."), "success")
    return redirect(url_for("account.security"), 303)


@bp.get("/sign-in/with/<name>/return")
@limiter.limit(SIGN_IN_BY_PLACE, exempt_when=here)
@guarded("session.open")
def come_back(name: str) -> ResponseReturnValue:
    """The provider sends the browser here. Whatever is wrong, one is back at the page one came from, with words."""
    provider, held = _provider(name), session.pop("openid", None)
    purpose = held["purpose"] if held else "sign_in"
    try:
        claims = _claims(provider, held)
        return _link(provider, claims) if purpose == "link" else _enter(provider, claims)
    except Refusal as refusal:
        said = [*getattr(refusal, "fields", {}).values()] or [refusal.message]
        return _back(purpose, str(said[0]))
    except (Untrusted, Silent) as error:
        log.warning("sign-in through %s failed: %s", provider.name, error)
        return _back(purpose, _("%(provider)s did not confirm who you are. Try again.", provider=provider.label))


def _leave(provider: OpenId, purpose: str) -> ResponseReturnValue:
    state, nonce, verifier = (secrets.token_urlsafe(32) for _n in range(3))
    try:
        address = provider.authorize_url(_redirect_uri(provider), state, nonce, verifier)
    except (Untrusted, Silent) as error:
        log.warning("%s can't be used: %s", provider.name, error)
        return _back(purpose, _("%(provider)s does not answer now. Try again later.", provider=provider.label))
    now = int(clock.now().timestamp())
    session["openid"] = {
        "provider": provider.name, "state": state, "nonce": nonce, "verifier": verifier, "purpose": purpose, "at": now,
    }  # fmt: skip
    return redirect(address, 303)


def _claims(provider: OpenId, held: dict[str, object] | None) -> Claims:
    """Untrusted unless this browser began it here, a short while ago, with this provider."""
    now = clock.now().timestamp()
    if not held or held["provider"] != provider.name or not 0 <= now - float(str(held["at"])) < SECONDS:
        raise Untrusted("nobody waits for this answer here")
    if not secrets.compare_digest(request.args.get("state", "").encode(), str(held["state"]).encode()):
        raise Untrusted("the state is another")
    if request.args.get("iss") not in (None, provider.issuer):
        raise Untrusted("another issuer answers (RFC 9207)")
    if error := request.args.get("error"):
        raise Untrusted(error if error in REFUSED else "an error of the provider")
    code = request.args.get("code", "")[:2000]
    return provider.exchange(code, _redirect_uri(provider), str(held["nonce"]), str(held["verifier"]))


def _enter(provider: OpenId, claims: Claims) -> ResponseReturnValue:
    account = service.owner(provider, claims)
    if account is None:
        country = current_app.extensions["config"].platform_country
        locale = str(get_locale() or "en")
        account = service.join(provider, claims, country, choose_currency(), locale)
    if account is None:
        words = _("Your address has an account here. Sign in with its password first, then link %(provider)s under "
                  "Security.", provider=provider.label)  # fmt: skip
        return _back("sign_in", words, "info")
    return proceed(account, "external", "")


def _link(provider: OpenId, claims: Claims) -> Response:
    """Whoever comes back must be the one who left, and have proved it lately."""
    stepup.require_fresh(actor())
    service.link(actor(), provider, claims)
    flash(_("You can sign in through %(provider)s from now on.", provider=provider.label), "success")
    return redirect(url_for("account.security"), 303)


def _back(purpose: str, words: str, kind: str = "error") -> Response:
    flash(words, kind)
    return redirect(url_for("account.security" if purpose == "link" else "account.sign_in"), 303)


def _provider(name: str) -> OpenId:
    found: OpenId | None = current_app.extensions["openid"].get(name)
    return found or abort(404)


def _redirect_uri(provider: OpenId) -> str:
    base: str = current_app.extensions["config"].base_url
    return base + url_for("account.come_back", name=provider.name)
