"""The two ceremonies of WebAuthn, over its library.

It is loaded by the first person who uses a passkey: with the certificates' formats that it reads it takes 13 MiB.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from .models import Passkey


class Broken(Exception):
    """An answer that does not hold, or bytes that nobody's browser would send."""


def creation(place: str, site: str, key: bytes, name: str, title: str, known: Iterable[Passkey]) -> tuple[str, bytes]:
    """(options as JSON for ``navigator.credentials.create``, the challenge). ``key`` is the account's, ``title`` its
    person's; those that are ``known`` are not made again."""
    import webauthn
    from webauthn.helpers import structs

    options = webauthn.generate_registration_options(
        rp_id=place,
        rp_name=site,
        user_id=key,
        user_name=name,
        user_display_name=title,
        exclude_credentials=[_descriptor(row) for row in known],
        authenticator_selection=structs.AuthenticatorSelectionCriteria(
            resident_key=structs.ResidentKeyRequirement.REQUIRED,
            user_verification=structs.UserVerificationRequirement.REQUIRED,
        ),
    )
    return webauthn.options_to_json(options), options.challenge


def created(sent: dict[str, Any], challenge: bytes, place: str, origin: str) -> tuple[bytes, bytes, int]:
    """(credential's id, its public key, its counter) of the passkey that was made. Broken."""
    import webauthn

    try:
        made = webauthn.verify_registration_response(
            credential=sent,
            expected_challenge=challenge,
            expected_rp_id=place,
            expected_origin=origin,
            require_user_verification=True,
        )
    except _faults() as error:
        raise Broken from error
    return made.credential_id, made.credential_public_key, made.sign_count


def proof(place: str, allowed: Iterable[Passkey] | None) -> tuple[str, bytes]:
    """(options as JSON for ``navigator.credentials.get``, the challenge)."""
    import webauthn
    from webauthn.helpers.structs import UserVerificationRequirement

    options = webauthn.generate_authentication_options(
        rp_id=place,
        allow_credentials=None if allowed is None else [_descriptor(row) for row in allowed],
        user_verification=UserVerificationRequirement.REQUIRED,
    )
    return webauthn.options_to_json(options), options.challenge


def proved(row: Passkey, sent: dict[str, Any], challenge: bytes, place: str, origin: str) -> int:
    """The counter that the passkey's answer carries. Broken."""
    import webauthn

    try:
        seen = webauthn.verify_authentication_response(
            credential=sent,
            expected_challenge=challenge,
            expected_rp_id=place,
            expected_origin=origin,
            credential_public_key=row.public_key,
            credential_current_sign_count=row.sign_count,
            require_user_verification=True,
        )
    except _faults() as error:
        raise Broken from error
    return seen.new_sign_count


def _faults() -> tuple[type[Exception], ...]:
    """What the library raises for bytes that nobody's browser would send."""
    from webauthn.helpers.exceptions import WebAuthnException

    return WebAuthnException, ValueError, KeyError, TypeError, AttributeError, IndexError


def _descriptor(row: Passkey) -> Any:
    from webauthn.helpers.structs import AuthenticatorTransport, PublicKeyCredentialDescriptor

    known = {transport.value for transport in AuthenticatorTransport}
    transports = [AuthenticatorTransport(name) for name in row.transports if name in known]
    return PublicKeyCredentialDescriptor(id=row.credential_id, transports=transports or None)
