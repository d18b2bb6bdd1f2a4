"""Headers that browsers enforce for us."""

from __future__ import annotations

from urllib.parse import urlsplit

from flask import Flask, Response, request, session
from flask_talisman import Talisman

from daigou.core.config import Config


def install(app: Flask, config: Config) -> None:
    """CSP without inline script or style, HSTS and secure redirects outside the sandbox."""
    # After a form the browser goes on to the provider's hosted page: form-action covers redirects too.
    pay = {"https://checkout.stripe.com", "https://connect.stripe.com", "https://verify.stripe.com"}
    if config.stripe_api_url:
        pay = {_origin(config.stripe_api_url)}
    others = {_origin(row.issuer) for row in config.openid}
    Talisman(
        app,
        force_https=config.is_secure,
        strict_transport_security=config.is_secure,
        strict_transport_security_preload=False,
        session_cookie_secure=config.is_secure,
        session_cookie_samesite="Lax",
        frame_options="DENY",
        referrer_policy="same-origin",
        content_security_policy={
            "default-src": "'self'",
            "script-src": "'self'",
            "style-src": "'self'",
            "img-src": ["'self'", "data:"],
            "object-src": "'none'",
            "base-uri": "'none'",
            "frame-ancestors": "'none'",
            "form-action": ["'self'", *sorted(pay | others)],
        },
        content_security_policy_nonce_in=["script-src"],
        permissions_policy={
            "geolocation": "()", "microphone": "()", "camera": "(self)", "payment": "()",
            "publickey-credentials-get": "(self)", "publickey-credentials-create": "(self)",
        },
    )
    app.after_request(_keep_private)


def _origin(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.scheme}://{parts.netloc}"


def _keep_private(response: Response) -> Response:
    """What names no caching of its own is for this browser alone, and not even kept by it for those who signed in."""
    if request.endpoint != "static" and "Cache-Control" not in response.headers:
        response.headers["Cache-Control"] = "private, no-store" if "_user_id" in session else "private, no-cache"
    return response
