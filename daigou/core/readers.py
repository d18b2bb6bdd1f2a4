"""How a setting is read from its text. Whatever a reader raises means: malformed."""

from __future__ import annotations

import ipaddress
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import urlsplit

IPNetwork = ipaddress.IPv4Network | ipaddress.IPv6Network


def url(*schemes: str) -> Callable[[str], str]:
    def parse(text: str) -> str:
        parts = urlsplit(text)
        if parts.scheme not in schemes:
            raise ValueError
        return text

    return parse


def origin(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in ("http", "https") or not parts.netloc or parts.query or parts.fragment:
        raise ValueError
    return text.rstrip("/")


def prefixed(*prefixes: str) -> Callable[[str], str]:
    def parse(text: str) -> str:
        if not text.startswith(prefixes):
            raise ValueError
        return text

    return parse


def secret(text: str) -> str:
    if len(text) < 32:
        raise ValueError
    return text


def boolean(text: str) -> bool:
    return {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False, "": False}[text.lower()]


def country(text: str) -> str:
    if len(text) != 2 or not text.isalpha() or not text.isupper():
        raise ValueError
    return text


def networks(text: str) -> tuple[IPNetwork, ...]:
    return tuple(ipaddress.ip_network(part) for part in text.replace(",", " ").split())


def openid_providers(text: str) -> tuple[OpenIdProvider, ...]:
    """A JSON list of objects with the fields of OpenIdProvider."""
    rows = tuple(OpenIdProvider(**{str(k): str(v) for k, v in row.items()}) for row in json.loads(text))
    names = [row.name for row in rows]
    if len(set(names)) != len(names) or not all(re.fullmatch(r"[a-z0-9-]{2,20}", name) for name in names):
        raise ValueError
    for row in rows:
        origin(row.issuer)
    return rows


@dataclass(frozen=True)
class OpenIdProvider:
    """Somebody through whom people may sign in. ``name`` stands in addresses, ``label`` on the button."""

    name: str
    label: str
    issuer: str
    client_id: str
    client_secret: str = field(repr=False)


def witnesses(text: str) -> tuple[tuple[str, str], ...]:
    """``(address, verifier key)`` a line or comma; only a witness that is spoken to over HTTP has a key."""
    found = []
    for line in text.replace(",", "\n").splitlines():
        address, _, vkey = line.strip().partition(" ")
        if not address:
            continue
        scheme = urlsplit(address).scheme
        if scheme not in ("file", "mailto", "http", "https") or scheme.startswith("http") != bool(vkey.strip()):
            raise ValueError
        found.append((address, vkey.strip()))
    return tuple(found)


def pem(text: str) -> str:
    if "-----BEGIN CERTIFICATE-----" not in text:
        raise ValueError
    return text
