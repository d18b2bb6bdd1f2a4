"""A time-stamping service (RFC 3161 over HTTP): it says that a hash existed at a time, under its own signature."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from . import outside

LIMIT_BYTES: Final = 256 * 1024
_PATIENCE: Final = 15.0  # seconds


class Unusable(ValueError):
    """What came is no time-stamp, or not one over this data by a service that is trusted here."""


@dataclass(frozen=True, slots=True)
class Stamp:
    """The answer's bytes (DER, for ``openssl ts``) and the time that it vouches for."""

    response: bytes
    at: datetime


def stamp(url: str, data: bytes, roots: str) -> Stamp:
    """A stamp over SHA-256 of ``data``, checked before it is handed on. httpx.HTTPError, Unusable."""
    from rfc3161_client import HashAlgorithm, TimestampRequestBuilder

    asked = TimestampRequestBuilder().data(data).hash_algorithm(HashAlgorithm.SHA256).build()
    with outside.client(_PATIENCE) as client:
        answer = client.post(url, content=asked.as_bytes(), headers={"Content-Type": "application/timestamp-query"})
    answer.raise_for_status()
    if len(answer.content) > LIMIT_BYTES:
        raise Unusable("longer than any time-stamp")
    return Stamp(answer.content, read(answer.content, data, certificates(roots), asked.nonce))


def read(response: bytes, data: bytes, roots: Sequence[Any], nonce: int | None = None) -> datetime:
    """The time that ``response`` vouches for; Unusable unless it is over ``data``, and signed under one of ``roots``.

    Without roots nobody knows who signed: only that it speaks of this data is looked at.
    """
    from hashlib import sha256

    from rfc3161_client import VerificationError, VerifierBuilder, decode_timestamp_response

    try:
        decoded = decode_timestamp_response(response)
        if not roots:
            if decoded.tst_info.message_imprint.message != sha256(data).digest():
                raise Unusable("it is over other data")
            return decoded.tst_info.gen_time
        builder = VerifierBuilder(roots=list(roots), nonce=nonce)
        builder.build().verify_message(decoded, data)
        return decoded.tst_info.gen_time
    except VerificationError as error:
        raise Unusable(str(error)) from None
    except Unusable:
        raise
    except Exception as error:  # the decoder is a stranger's too, and raises what its Rust core raises
        raise Unusable(f"not a time-stamp: {type(error).__name__}") from None


def certificates(pem: str) -> list[Any]:
    """The certificates in a PEM text; Unusable if there are none."""
    from cryptography import x509

    try:
        return x509.load_pem_x509_certificates(pem.encode())
    except ValueError:
        raise Unusable("no PEM certificates here") from None
