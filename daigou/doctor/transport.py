"""Which of the settings let something travel unencrypted. On this machine (a socket, loopback) that is no matter."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import parse_qs, urlsplit

from daigou.core.config import Config

LOCAL = ("", "localhost", "127.0.0.1", "::1")
ENCRYPTED = ("require", "verify-ca", "verify-full")


def in_clear(config: Config) -> Iterator[tuple[str, str]]:
    """The setting's name, and what it should say."""
    if not config.is_secure and not config.is_sandbox:
        yield "BASE_URL", "It must begin with https://."
    for name, url in (("DATABASE_URL", config.database_url), ("KEYSTORE_URL", config.keystore_url)):
        if not _is_local(url) and parse_qs(urlsplit(url).query).get("sslmode", [""])[0] not in ENCRYPTED:
            yield name, "Add ?sslmode=verify-full."
    if urlsplit(config.redis_url).scheme == "redis" and not _is_local(config.redis_url):
        yield "REDIS_URL", "It should begin with rediss://."
    if urlsplit(config.mail_url).scheme == "smtp" and not _is_local(config.mail_url):
        yield "MAIL_URL", "It should begin with smtps://."
    endpoint = parse_qs(urlsplit(config.storage_url).query).get("endpoint", ["https:"])[0]
    if endpoint.startswith("http:") and not _is_local(endpoint):
        yield "STORAGE_URL", "Its endpoint should begin with https://."


def _is_local(url: str) -> bool:
    parts = urlsplit(url)
    socket = parse_qs(parts.query).get("host", [""])[0]
    return (parts.hostname or "") in LOCAL and (not socket or socket.startswith("/"))
