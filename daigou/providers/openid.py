"""OpenID Connect, the relying party's half: authorisation code with PKCE (RFC 7636), state and nonce.

Only issuers of the settings are spoken to. What discovery names must be https at a named host (beside the sandbox: the
issuer's own origin), no redirect is followed, and no answer may be large. The ID token's signature is checked with the
issuer's published keys, RS256 and ES256 alone.
"""

from __future__ import annotations

import base64
import hashlib
import ipaddress
import json
import threading
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, urlencode, urlsplit

from daigou.core.config import Config
from daigou.core.readers import OpenIdProvider

from . import outside

if TYPE_CHECKING:
    import jwt

PATIENCE, CONNECT = 8.0, 4.0  # seconds
LIMIT_BYTES = 256 * 1024
KEPT_SECONDS = 3600  # discovery and keys
RETRY_SECONDS = 60  # between looks for a key that was not there
LEEWAY = 60
ALGORITHMS = ("RS256", "ES256")
NEEDED = ("iss", "sub", "aud", "exp", "iat", "nonce")


class Untrusted(Exception):
    """What the provider said can't be believed; the message is for the log."""


class Silent(Exception):
    """The provider does not answer, or only that it can't now; the message is for the log."""


@dataclass(frozen=True, slots=True)
class Claims:
    """Who the provider says it is. ``email`` is empty unless the provider has verified it."""

    subject: str
    email: str
    name: str


class OpenId:
    """One provider of the settings."""

    def __init__(self, row: OpenIdProvider) -> None:
        self.name, self.label, self.issuer = row.name, row.label, row.issuer
        self._client_id, self._secret = row.client_id, row.client_secret
        self._lock = threading.Lock()
        self._about: tuple[float, dict[str, Any]] = (0.0, {})
        self._keys: tuple[float, dict[str, jwt.PyJWK]] = (0.0, {})

    def authorize_url(self, redirect_uri: str, state: str, nonce: str, verifier: str) -> str:
        """Where the browser goes. Untrusted or Silent when the provider can't be used."""
        query = {
            "response_type": "code",
            "client_id": self._client_id,
            "redirect_uri": redirect_uri,
            "scope": "openid email profile",
            "state": state,
            "nonce": nonce,
            "code_challenge": challenge(verifier),
            "code_challenge_method": "S256",
        }
        address = self._endpoint("authorization_endpoint")
        return f"{address}{'&' if urlsplit(address).query else '?'}{urlencode(query)}"

    def exchange(self, code: str, redirect_uri: str, nonce: str, verifier: str) -> Claims:
        """Turn the code into who it is. Untrusted when anything about it is wrong, Silent when it is away."""
        form = {
            "grant_type": "authorization_code",
            "code": code,
            "redirect_uri": redirect_uri,
            "code_verifier": verifier,
        }
        basic = base64.b64encode(f"{quote(self._client_id, safe='')}:{quote(self._secret, safe='')}".encode()).decode()
        answer = _ask("POST", self._endpoint("token_endpoint"), data=form, headers={"Authorization": f"Basic {basic}"})
        token = answer.get("id_token")
        if not isinstance(token, str):
            raise Untrusted(f"no ID token: {str(answer.get('error'))[:60]}")
        return _claims(self._verified(token, nonce))

    def _verified(self, token: str, nonce: str) -> dict[str, Any]:
        import jwt

        try:
            head = jwt.get_unverified_header(token)
            if head.get("alg") not in ALGORITHMS:
                raise Untrusted("the ID token's algorithm is not taken")
            claims: dict[str, Any] = jwt.decode(
                token,
                self._key(str(head.get("kid", ""))).key,
                algorithms=[str(head["alg"])],
                audience=self._client_id,
                issuer=self.issuer,
                leeway=LEEWAY,
                options={"require": list(NEEDED)},
            )
        except jwt.PyJWTError as error:
            raise Untrusted(f"the ID token: {error}") from error
        if claims["nonce"] != nonce:
            raise Untrusted("the ID token answers another request")
        several = isinstance(claims["aud"], list) and len(claims["aud"]) > 1
        if (several or "azp" in claims) and claims.get("azp") != self._client_id:
            raise Untrusted("the ID token is for another party")
        return claims

    def _key(self, kid: str) -> jwt.PyJWK:
        """The key of this id; asked anew when it is unknown (they rotate), but not for every forged token."""
        import jwt

        at, keys = self._keys
        age = time.monotonic() - at
        if not keys or age > KEPT_SECONDS or (kid not in keys and age > RETRY_SECONDS):
            found = _ask("GET", self._endpoint("jwks_uri"))
            try:
                keys = {str(key.key_id or ""): key for key in jwt.PyJWKSet.from_dict(found).keys}
            except jwt.PyJWTError as error:
                raise Untrusted(f"the keys: {error}") from error
            with self._lock:
                self._keys = (time.monotonic(), keys)
        if kid not in keys:
            raise Untrusted("the ID token names a key that is not published")
        return keys[kid]

    def _endpoint(self, name: str) -> str:
        at, about = self._about
        if not about or time.monotonic() - at > KEPT_SECONDS:
            about = _ask("GET", f"{self.issuer}/.well-known/openid-configuration")
            if about.get("issuer") != self.issuer:
                raise Untrusted("discovery names another issuer")
            with self._lock:
                self._about = (time.monotonic(), about)
        address = str(about.get(name, ""))
        if not self._may_be_asked(address):
            raise Untrusted(f"discovery's {name} may not be asked")
        return address

    def _may_be_asked(self, address: str) -> bool:
        there, home = urlsplit(address), urlsplit(self.issuer)
        if (there.scheme, there.netloc) == (home.scheme, home.netloc):
            return True
        return there.scheme == "https" and "@" not in there.netloc and _has_name(there.hostname or "")


def providers(config: Config) -> dict[str, OpenId]:
    """Those of OPENID_PROVIDERS, by name."""
    return {row.name: OpenId(row) for row in config.openid}


def challenge(verifier: str) -> str:
    """S256 of RFC 7636."""
    return base64.urlsafe_b64encode(hashlib.sha256(verifier.encode()).digest()).decode().rstrip("=")


def _ask(method: str, address: str, **more: Any) -> dict[str, Any]:
    import httpx

    try:
        body = _fetched(method, address, more)
    except httpx.HTTPError as error:
        raise Silent(f"{type(error).__name__}: {error}") from error
    try:
        found = json.loads(body)
    except (ValueError, RecursionError) as error:
        raise Untrusted("an answer of the provider is no JSON") from error
    if not isinstance(found, dict):
        raise Untrusted("an answer of the provider is no object")
    return found


def _fetched(method: str, address: str, more: dict[str, Any]) -> bytes:
    body = bytearray()
    with outside.client(PATIENCE, CONNECT) as client, client.stream(method, address, **more) as answer:
        for chunk in answer.iter_bytes():
            body += chunk
            if len(body) > LIMIT_BYTES:
                raise Untrusted("an answer of the provider is too large")
        if answer.status_code >= 500 or answer.is_redirect:
            answer.raise_for_status()
    return bytes(body)


def _claims(claims: dict[str, Any]) -> Claims:
    verified = claims.get("email_verified") in (True, "true")
    email = str(claims.get("email") or "")[:254] if verified else ""
    return Claims(str(claims["sub"])[:255], email, str(claims.get("name") or "")[:80])


def _has_name(host: str) -> bool:
    if "." not in host or host.endswith((".local", ".internal", ".localhost")):
        return False
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return True
    return False
