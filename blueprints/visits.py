"""Who knocks: what a request tells of the browser behind it, as far as its proxy may be believed."""

from __future__ import annotations

import ipaddress
from datetime import datetime
from urllib.parse import unquote

from flask import current_app, request

from daigou.accounts.sessions.rules import Visit
from daigou.core.config import Config

DEVICE = "device"  # the cookie by which a browser is known again
_LARGEST = 16_000


def visit() -> Visit:
    """This request's browser."""
    return Visit(
        ip=request.remote_addr or "",
        agent=(request.user_agent.string or "")[:400],
        country=_country(),
        device=request.cookies.get(DEVICE, "")[:100],
        certificate=certificate()[0],
    )


def certificate() -> tuple[str, datetime | None]:
    """(SHA-256 fingerprint, end of validity) of the client certificate that the proxy has checked; ("", None) else."""
    config: Config = current_app.extensions["config"]
    text = request.headers.get(config.certificate_header, "") if config.certificate_header else ""
    if not text or len(text) > _LARGEST or not _is_from_proxy(config):
        return "", None
    from cryptography import x509
    from cryptography.hazmat.primitives.hashes import SHA256

    try:
        found = x509.load_pem_x509_certificate(unquote(text).encode())
    except ValueError:
        return "", None
    return found.fingerprint(SHA256()).hex(), found.not_valid_after_utc


def _country() -> str:
    config: Config = current_app.extensions["config"]
    text = request.headers.get(config.country_header, "") if config.country_header and _is_from_proxy(config) else ""
    return text if len(text) == 2 and text.isascii() and text.isalpha() and text.isupper() and text != "XX" else ""


def _is_from_proxy(config: Config) -> bool:
    """Whether the connection itself, before any X-Forwarded-For, came from a proxy that is named in the settings."""
    orig = request.environ.get("werkzeug.proxy_fix.orig", {})
    peer = orig.get("REMOTE_ADDR") or request.environ.get("REMOTE_ADDR") or ""
    try:
        address = ipaddress.ip_address(peer)
    except ValueError:
        return False
    return config.trusted_proxies > 0 and any(address in net for net in config.proxy_networks)
