"""Headers that browsers enforce for us.

They are the same on every answer but for one random word, so they are put together once, when the application starts.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from functools import partial
from typing import Any, Final, TypeVar
from urllib.parse import urlsplit

from flask import Flask, Response, current_app, g, redirect, request, session
from flask.typing import ResponseReturnValue

from daigou.core.config import Config

V = TypeVar("V", bound=Callable[..., Any])

HEADERS: Final = {
    "X-Frame-Options": "DENY",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "Permissions-Policy": "geolocation=(), microphone=(), camera=(self), payment=(), "
    "publickey-credentials-get=(self), publickey-credentials-create=(self)",
}
TRANSPORT: Final = "max-age=31556926; includeSubDomains"  # a year
POLICY: Final = (
    "default-src 'self'; script-src 'self'{nonce}; style-src 'self'; img-src 'self' data:; object-src 'none'; "
    "base-uri 'none'; frame-ancestors 'none'; form-action 'self' {forms}"
)


def install(app: Flask, config: Config) -> None:
    """CSP without inline script or style; outside the sandbox HSTS, and redirects to https."""
    app.jinja_env.globals["csp_nonce"] = nonce
    if config.is_secure:
        app.before_request(_to_https)
        app.after_request(_stay_on_https)
    app.after_request(partial(_dress, POLICY.replace("{forms}", " ".join(_form_targets(config)))))
    app.after_request(_keep_private)


def nonce() -> str:
    """This page's random word. Only scripts that carry it are run, and an answer without scripts allows none by it."""
    if "csp_nonce" not in g:
        g.csp_nonce = secrets.token_urlsafe(16)
    word: str = g.csp_nonce
    return word


def policy(text: str) -> Callable[[V], V]:
    """Mark a view whose answers carry this Content-Security-Policy in the place of the pages'."""

    def mark(view: V) -> V:
        view.policy = text  # type: ignore[attr-defined]
        return view

    return mark


def over_http(view: V) -> V:
    """Mark a view that is answered without TLS too: load balancers ask it from inside."""
    view.over_http = True  # type: ignore[attr-defined]
    return view


def _form_targets(config: Config) -> list[str]:
    """After a form the browser goes on to the provider's hosted page: form-action covers redirects too."""
    pay = {"https://checkout.stripe.com", "https://connect.stripe.com", "https://verify.stripe.com"}
    if config.stripe_api_url:
        pay = {_origin(config.stripe_api_url)}
    return sorted(pay | {_origin(row.issuer) for row in config.openid})


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def _is_over_tls() -> bool:
    """By the connection or by the word of the proxy in front. To lie about it gains a browser nothing."""
    return request.is_secure or request.headers.get("X-Forwarded-Proto") == "https"


def _to_https() -> ResponseReturnValue | None:
    if _is_over_tls() or hasattr(_view(), "over_http"):
        return None
    return redirect(request.url.replace("http://", "https://", 1))


def _stay_on_https(response: Response) -> Response:
    if _is_over_tls():  # over plain HTTP anybody could have written it
        response.headers["Strict-Transport-Security"] = TRANSPORT
    return response


def _dress(pages: str, response: Response) -> Response:
    for name, value in HEADERS.items():
        response.headers[name] = value
    own: str | None = getattr(_view(), "policy", None)
    word = f" 'nonce-{g.csp_nonce}'" if "csp_nonce" in g else ""
    response.headers["Content-Security-Policy"] = own or pages.replace("{nonce}", word)
    return response


def _view() -> Any:
    return current_app.view_functions.get(request.endpoint or "")


def _keep_private(response: Response) -> Response:
    """What names no caching of its own is for this browser alone, and not even kept by it for those who signed in."""
    if request.endpoint != "static" and "Cache-Control" not in response.headers:
        response.headers["Cache-Control"] = "private, no-store" if "_user_id" in session else "private, no-cache"
    return response
