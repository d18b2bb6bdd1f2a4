"""How the connection to our own address is encrypted: versions that are taken, and the certificate's last day."""

from __future__ import annotations

import socket
import ssl
import warnings
from datetime import UTC, datetime, timedelta
from urllib.parse import urlsplit

from .form import NotScanned, Result, Weakness

SOON = timedelta(days=21)
TIMEOUT = 10.0  # seconds
OLD = (ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1)


def scan(base_url: str, now: datetime, context: ssl.SSLContext | None = None) -> Result:
    """NotScanned for an address without TLS, or one that does not answer. ``context`` trusts what a test signed."""
    parts = urlsplit(base_url)
    if parts.scheme != "https" or parts.hostname is None:
        raise NotScanned("BASE_URL has no TLS: this is right beside the sandbox on one machine, and nowhere else")
    place = (parts.hostname, parts.port or 443)
    return Result(f"{place[0]}:{place[1]}", [*_certificate(place, now, context), *_old_versions(place)])


def _certificate(place: tuple[str, int], now: datetime, context: ssl.SSLContext | None) -> list[Weakness]:
    from cryptography import x509

    where = f"{place[0]}:{place[1]}"
    try:
        with (context or ssl.create_default_context()).wrap_socket(_connected(place), server_hostname=place[0]) as tls:
            certificate = x509.load_der_x509_certificate(tls.getpeercert(binary_form=True) or b"")
    except ssl.SSLError as error:
        return [Weakness(where, f"the certificate is not trusted: {error.reason}", "Renew it, with its whole chain.")]
    if certificate.not_valid_after_utc < now + SOON:
        last = certificate.not_valid_after_utc.astimezone(UTC).date().isoformat()
        return [
            Weakness(where, f"the certificate ends on {last}", "Renew it, and look why that did not happen by itself.")
        ]
    return []


def _old_versions(place: tuple[str, int]) -> list[Weakness]:
    return [
        Weakness(f"{place[0]}:{place[1]}", f"{version.name} is still accepted", "Allow TLS 1.2 and 1.3 only.")
        for version in OLD
        if _accepts(place, version)
    ]


def _accepts(place: tuple[str, int], version: ssl.TLSVersion) -> bool:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # asking for what is deprecated is the point
        context.minimum_version = context.maximum_version = version
    context.set_ciphers("ALL:@SECLEVEL=0")
    try:
        with context.wrap_socket(_connected(place), server_hostname=place[0]):
            return True
    except (ssl.SSLError, ConnectionError, OSError):
        return False


def _connected(place: tuple[str, int]) -> socket.socket:
    try:
        return socket.create_connection(place, timeout=TIMEOUT)
    except OSError as error:
        raise NotScanned(f"{place[0]}:{place[1]} does not answer: {error}") from error
