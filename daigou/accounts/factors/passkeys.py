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

import webauthn
from flask import current_app
from redis import RedisError
from sqlalchemy import update
from webauthn.helpers.exceptions import WebAuthnException
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    AuthenticatorTransport,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from daigou.accounts.models import Account
from daigou.core import clock
from daigou.core.access import Actor, require
from daigou.core.config import Config
from daigou.core.db import db, find, load_locked, transaction
from daigou.core.errors import Impossible, Invalid, Unavailable
from daigou.core.i18n import lazy

from . import service
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
    options = webauthn.generate_registration_options(
        rp_id=_place()[0],
        rp_name=NAME,
        user_id=account.id.bytes,
        user_name=str(account.email),
        user_display_name=str(account.name or account.email),
        exclude_credentials=[_descriptor(row) for row in known],
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED, user_verification=UserVerificationRequirement.REQUIRED
        ),
    )
    return webauthn.options_to_json(options), _keep("create", options.challenge, account.id)


def register(actor: Actor, challenge: str, credential: str, name: str) -> list[str]:
    """Add the passkey that was just made. Answers recovery codes where these are the first factor's.

    Invalid at ``credential`` when it does not answer the challenge.
    """
    require(actor, "factor.enrol")
    if actor.account_id is None:
        raise _unfit()
    expected = _take("create", challenge, actor.account_id)
    host, origin = _place()
    try:
        made = webauthn.verify_registration_response(
            credential=_read(credential),
            expected_challenge=expected,
            expected_rp_id=host,
            expected_origin=origin,
            require_user_verification=True,
        )
    except _BROKEN as error:
        raise _unfit() from error
    with transaction():
        account = load_locked(Account, id=actor.account_id)
        if find(Passkey, credential_id=made.credential_id) is not None:
            raise Invalid({"credential": lazy("This passkey is in use already.")})
        row = Passkey(account_id=account.id, credential_id=made.credential_id, public_key=made.credential_public_key)
        row.sign_count, row.name, row.transports = made.sign_count, name[:60], _transports(credential)
        db.session.add(row)
        db.session.flush()
        return service.enrolled(actor, account, "passkey")


def request(account: Account | None) -> tuple[str, str]:
    """(options as JSON for ``navigator.credentials.get``, the challenge's name).

    With an account, its own passkeys; without, whichever the person chooses (a discoverable credential).
    """
    allowed = [_descriptor(row) for row in service.ways(account).passkeys] if account else None
    options = webauthn.generate_authentication_options(
        rp_id=_place()[0], allow_credentials=allowed, user_verification=UserVerificationRequirement.REQUIRED
    )
    return webauthn.options_to_json(options), _keep("get", options.challenge, account.id if account else None)


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
    host, origin = _place()
    try:
        seen = webauthn.verify_authentication_response(
            credential=sent,
            expected_challenge=expected,
            expected_rp_id=host,
            expected_origin=origin,
            credential_public_key=row.public_key,
            credential_current_sign_count=row.sign_count,
            require_user_verification=True,
        )
    except _BROKEN as error:
        raise _unfit() from error
    values = {"sign_count": seen.new_sign_count, "last_used_at": clock.now()}
    db.session.execute(update(Passkey).where(Passkey.id == row.id).values(**values))


def _locked(sent: dict[str, Any]) -> Passkey:
    row = find(Passkey, credential_id=_bytes(sent.get("rawId")))
    if row is None:
        raise _unfit()
    locked: Passkey = load_locked(Passkey, id=row.id)
    return locked


def _descriptor(row: Passkey) -> PublicKeyCredentialDescriptor:
    known = {transport.value for transport in AuthenticatorTransport}
    transports = [AuthenticatorTransport(name) for name in row.transports if name in known]
    return PublicKeyCredentialDescriptor(id=row.credential_id, transports=transports or None)


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


# What the library raises for bytes that nobody's browser would send.
_BROKEN = (WebAuthnException, ValueError, KeyError, TypeError, AttributeError, IndexError)


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
