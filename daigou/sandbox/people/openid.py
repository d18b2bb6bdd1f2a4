"""An OpenID provider at `/openid`: discovery, keys, a page that asks, and a token endpoint as strict as real ones.

The page's form has `outcome`: approve, deny, or a way to answer wrongly, so that a relying party is seen refusing it.
"""

import base64
import hashlib
import hmac
import json
import secrets
import threading
from collections.abc import Mapping
from functools import cache
from typing import Any
from urllib.parse import unquote, urlencode

from daigou.sandbox.pages.draw import draw, message
from daigou.sandbox.store import Json, Store
from daigou.sandbox.wire import Request, Response, Route, as_json, redirect

CODE_SECONDS = 60
TOKEN_SECONDS = 300
OUTCOMES = (
    ("approve", "Yes, sign in"),
    ("unverified", "Sign in, but the address was never confirmed here"),
    ("deny", "No"),
    ("wrong_nonce", "Answer another request's nonce"),
    ("wrong_audience", "Answer for another client"),
    ("wrong_issuer", "Answer as another issuer"),
    ("expired", "Answer with an expired token"),
    ("forged", "Sign with a key that is not published"),
    ("unsigned", "Do not sign (alg none)"),
    ("confused", "Sign with the public key as an HMAC secret"),
)
_codes: dict[str, Json] = {}  # they live for a minute: no journal
_lock = threading.Lock()


def discovery(_store: Store, request: Request) -> Response:
    issuer = _issuer(request)
    return as_json(
        {
            "issuer": issuer,
            "authorization_endpoint": f"{issuer}/authorize",
            "token_endpoint": f"{issuer}/token",
            "jwks_uri": f"{issuer}/keys",
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "code_challenge_methods_supported": ["S256"],
            "authorization_response_iss_parameter_supported": True,
        }
    )


def keys(_store: Store, _request: Request) -> Response:
    numbers = _key("published").public_key().public_numbers()
    octets = {"n": numbers.n.to_bytes(256, "big"), "e": numbers.e.to_bytes(3, "big")}
    jwk = {"kty": "RSA", "use": "sig", "alg": "RS256", "kid": _kid()} | {k: _b64(v) for k, v in octets.items()}
    return as_json({"keys": [jwk]})


def ask(store: Store, request: Request) -> Response:
    args = request.args()
    wrong = _refusal(store, args)
    if wrong:
        return message("Not understood", wrong, 400)
    return draw("openid.html", asked=args, outcomes=OUTCOMES)


def answer(store: Store, request: Request) -> Response:
    form = request.form()
    wrong = _refusal(store, form)
    if wrong:
        return message("Not understood", wrong, 400)
    back = {"state": form.get("state", ""), "iss": _issuer(request)}
    if form.get("outcome") == "deny":
        return redirect(f"{form['redirect_uri']}?{urlencode(back | {'error': 'access_denied'})}")
    if form.get("outcome") not in dict(OUTCOMES):
        return message("Not understood", "outcome is not one that this page has.", 400)
    code = secrets.token_urlsafe(24)
    with _lock:
        _codes[code] = {**form, "_at": store.clock()}
    return redirect(f"{form['redirect_uri']}?{urlencode(back | {'code': code})}")


def token(store: Store, request: Request) -> Response:
    """One code, one answer: to the client it was for, at the address it was for, with the verifier's proof."""
    form = request.form()
    if _client_of(store, request) is None:
        return as_json({"error": "invalid_client"}, 401)
    with _lock:
        asked = _codes.pop(form.get("code", ""), None)
    client_id = _client_of(store, request)
    if asked is None or store.clock() - asked["_at"] > CODE_SECONDS or asked["client_id"] != client_id:
        return as_json({"error": "invalid_grant"}, 400)
    if form.get("grant_type") != "authorization_code" or form.get("redirect_uri") != asked["redirect_uri"]:
        return as_json({"error": "invalid_grant"}, 400)
    if _b64(hashlib.sha256(form.get("code_verifier", "").encode()).digest()) != asked["code_challenge"]:
        return as_json({"error": "invalid_grant", "error_description": "PKCE"}, 400)
    signed = _id_token(asked, _issuer(request), int(store.clock()))
    return as_json({"access_token": secrets.token_urlsafe(24), "token_type": "Bearer", "id_token": signed})


def _refusal(store: Store, asked: Mapping[str, str]) -> str:
    """What is wrong with a request to sign in; such a one is never sent back to an address nobody registered."""
    client = _clients(store).get(asked.get("client_id", ""))
    if client is None:
        return "No client of this name is registered."
    if asked.get("redirect_uri") not in client.get("redirect_uris", ()):
        return "This redirect_uri is not registered."
    if asked.get("response_type") != "code" or "openid" not in asked.get("scope", "").split():
        return "response_type must be code, and scope must hold openid."
    if asked.get("code_challenge_method") != "S256" or not asked.get("code_challenge"):
        return "PKCE with S256 is required here."
    return ""


def _client_of(store: Store, request: Request) -> str | None:
    scheme, _, value = request.headers.get("authorization", "").partition(" ")
    try:
        name, _, secret = base64.b64decode(value, validate=True).decode().partition(":")
    except ValueError:
        return None
    client = _clients(store).get(unquote(name))
    right = client is not None and hmac.compare_digest(client["client_secret"].encode(), unquote(secret).encode())
    return unquote(name) if right and scheme.lower() == "basic" else None


def _clients(store: Store) -> dict[str, Mapping[str, Any]]:
    return {str(row["client_id"]): row for row in store.settings.openid_clients}


def _id_token(asked: Json, issuer: str, now: int) -> str:
    outcome = asked["outcome"]
    email = str(asked.get("email", ""))[:254]
    late = TOKEN_SECONDS * 10 if outcome == "expired" else 0
    claims = {
        "iss": f"{issuer}/other" if outcome == "wrong_issuer" else issuer,
        "sub": hashlib.sha256(f"sandbox|{email}".encode()).hexdigest()[:24],
        "aud": "somebody-else" if outcome == "wrong_audience" else asked["client_id"],
        "nonce": "another" if outcome == "wrong_nonce" else asked.get("nonce", ""),
        "iat": now - late,
        "exp": now - late + TOKEN_SECONDS,
        "email": email,
        "email_verified": outcome != "unverified",
        "name": str(asked.get("name", ""))[:80],
    }
    return _signed(claims, str(outcome))


def _signed(claims: Json, outcome: str) -> str:
    from cryptography.hazmat.primitives.asymmetric import padding
    from cryptography.hazmat.primitives.hashes import SHA256
    from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

    algorithm = {"unsigned": "none", "confused": "HS256"}.get(outcome, "RS256")
    head = {"alg": algorithm, "typ": "JWT", "kid": _kid()}
    body = ".".join(_b64(json.dumps(part).encode()) for part in (head, claims))
    if outcome == "unsigned":
        return f"{body}."
    if outcome == "confused":
        public = _key("published").public_key().public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        return f"{body}.{_b64(hmac.digest(public, body.encode(), 'sha256'))}"
    key = _key("other" if outcome == "forged" else "published")
    return f"{body}.{_b64(key.sign(body.encode(), padding.PKCS1v15(), SHA256()))}"


@cache
def _key(_name: str) -> Any:
    """Made with the first request that needs it; another at every start, as providers rotate theirs."""
    from cryptography.hazmat.primitives.asymmetric import rsa

    return rsa.generate_private_key(65537, 2048)


@cache
def _kid() -> str:
    return secrets.token_hex(6)


def _issuer(request: Request) -> str:
    return f"http://{request.headers.get('host', '')}/openid"


def _b64(octets: bytes) -> str:
    return base64.urlsafe_b64encode(octets).decode().rstrip("=")


ROUTES = (
    Route("GET", "/openid/.well-known/openid-configuration", discovery),
    Route("GET", "/openid/keys", keys),
    Route("GET", "/openid/authorize", ask),
    Route("POST", "/openid/authorize", answer),
    Route("POST", "/openid/token", token),
)
