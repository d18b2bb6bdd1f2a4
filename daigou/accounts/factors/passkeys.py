"""Passkeys (WebAuthn level 2): registration, second factor, sign-in without a password, step-up.

A challenge lives in Redis for five minutes under a name that the browser's session holds, and is taken out by its first
use. User verification is always asked: a passkey is two factors in one (the device, and its PIN or a finger).
"""

from __future__ import annotations

import base64
import ipaddress
import json
import secrets
from typing import Any
from urllib.parse import urlsplit
from uuid import UUID

from flask import current_app
from redis import RedisError
from sqlalchemy import update

from daigou.accounts.models import Account
from daigou.core import clock
from daigou.core.access import Actor, require
from daigou.core.config import Config
from daigou.core.db import db, find, load_locked, transaction
from daigou.core.errors import Impossible, Invalid, Unavailable
from daigou.core.i18n import lazy

from . import ceremonies, service
from .models import Passkey

SECONDS = 300
MOST = 10
NAME = "daigou"
_LARGEST = 20_000  # bytes of a credential's JSON; real ones have two thousand


def place() -> tuple[str, str] | None:
    """(relying party id, origin), or None where there is no name: WebAuthn knows no numeric addresses.

    The one-machine sandbox is open at ``localhost`` too, and that is a name.
    """
    config: Config = current_app.extensions["config"]
    parts = urlsplit(config.base_url)
    host = parts.hostname or ""
    if not _is_number(host):
        return host, config.base_url
    if config.is_sandbox and ipaddress.ip_address(host).is_loopback:
        return "localhost", f"{parts.scheme}://localhost:{parts.port}"
    return None


def _is_number(host: str) -> bool:
    try:
        ipaddress.ip_address(host)
    except ValueError:
        return False
    return True


def _place() -> tuple[str, str]:
    found = place()
    if found is None:
        raise Impossible("passkey.no_name", lazy("Passkeys need this site to have a name, not a numeric address."))
    return found


def creation(actor: Actor) -> tuple[str, str]:
    """(options as JSON for ``navigator.credentials.create``, the challenge's name)."""
    require(actor, "factor.enrol")
    account = db.session.get_one(Account, actor.account_id)
    known = service.ways(account).passkeys
    if len(known) >= MOST:
        raise Impossible("passkey.full", lazy("You have ten passkeys. Remove one that you don’t use."))
    title = str(account.name or account.email)
    options, challenge = ceremonies.creation(_place()[0], NAME, account.id.bytes, str(account.email), title, known)
    return options, _keep("create", challenge, account.id)


def register(actor: Actor, challenge: str, credential: str, name: str) -> list[str]:
    """Add the passkey that was just made. Answers recovery codes where these are the first factor's.

    Invalid at ``credential`` when it does not answer the challenge.
    """
    require(actor, "factor.enrol")
    if actor.account_id is None:
        raise _unfit()
    expected = _take("create", challenge, actor.account_id)
    try:
        key, public, count = ceremonies.created(_read(credential), expected, *_place())
    except ceremonies.Broken as error:
        raise _unfit() from error
    with transaction():
        account = load_locked(Account, id=actor.account_id)
        if find(Passkey, credential_id=key) is not None:
            raise Invalid({"credential": lazy("This passkey is in use already.")})
        row = Passkey(account_id=account.id, credential_id=key, public_key=public, sign_count=count)
        row.name, row.transports = name[:60], _transports(credential)
        db.session.add(row)
        db.session.flush()
        return service.enrolled(actor, account, "passkey")


def request(account: Account | None) -> tuple[str, str]:
    """(options as JSON for ``navigator.credentials.get``, the challenge's name).

    With an account, its own passkeys; without, whichever the person chooses (a discoverable credential).
    """
    allowed = service.ways(account).passkeys if account else None
    options, asked = ceremonies.proof(_place()[0], allowed)
    return options, _keep("get", asked, account.id if account else None)


def prove(challenge: str, credential: str, account: Account | None) -> Account:
    """Whose passkey it is. With an account, it must be that one's.

    Invalid at ``credential`` for a wrong answer, a signature counter that went back (a copy), or a closed account.
    """
    expected = _take("get", challenge, account.id if account else None)
    sent = _read(credential)
    with transaction():
        row = _locked(sent)
        if account is not None and row.account_id != account.id:
            raise _unfit()
        _verify(row, sent, expected)
        found = db.session.get_one(Account, row.account_id)
        if account is None and _handle(sent) not in (None, found.id.bytes):
            raise _unfit()
    return found


def _verify(row: Passkey, sent: dict[str, Any], expected: bytes) -> None:
    try:
        count = ceremonies.proved(row, sent, expected, *_place())
    except ceremonies.Broken as error:
        raise _unfit() from error
    values = {"sign_count": count, "last_used_at": clock.now()}
    db.session.execute(update(Passkey).where(Passkey.id == row.id).values(**values))


def _locked(sent: dict[str, Any]) -> Passkey:
    row = find(Passkey, credential_id=_bytes(sent.get("rawId")))
    if row is None:
        raise _unfit()
    locked: Passkey = load_locked(Passkey, id=row.id)
    return locked


def _transports(credential: str) -> list[str]:
    response = _read(credential).get("response")
    found = response.get("transports") if isinstance(response, dict) else None
    return [str(name)[:20] for name in found][:8] if isinstance(found, list) else []


def _handle(sent: dict[str, Any]) -> bytes | None:
    response = sent.get("response")
    handle = response.get("userHandle") if isinstance(response, dict) else None
    return _bytes(handle) if handle else None


def _read(credential: str) -> dict[str, Any]:
    try:
        found = json.loads(credential) if len(credential) <= _LARGEST else None
    except (ValueError, RecursionError):
        found = None
    if not isinstance(found, dict):
        raise _unfit()
    return found


def _bytes(text: object) -> bytes:
    try:
        return base64.urlsafe_b64decode(str(text) + "=" * (-len(str(text)) % 4))
    except ValueError:
        return b""


def _unfit() -> Invalid:
    words = lazy("This passkey does not fit. Try again, or use another way.")
    return Invalid({"credential": words}, code="passkey.wrong")


def _keep(purpose: str, challenge: bytes, account_id: UUID | None) -> str:
    name = secrets.token_urlsafe(24)
    try:
        value = f"{account_id or ''}|{challenge.hex()}"
        current_app.extensions["redis"].set(f"passkey:{purpose}:{name}", value, ex=SECONDS)
    except RedisError as error:
        raise _away() from error
    return name


def _take(purpose: str, name: str, account_id: UUID | None) -> bytes:
    try:
        value = current_app.extensions["redis"].getdel(f"passkey:{purpose}:{name}")
    except RedisError as error:
        raise _away() from error
    whose, _, challenge = (value or b"").decode().partition("|")
    if not challenge or whose != str(account_id or ""):
        raise _unfit()
    return bytes.fromhex(challenge)


def _away() -> Unavailable:
    return Unavailable("passkey.away", lazy("Passkeys don’t work at the moment. Try again, or use another way."))
