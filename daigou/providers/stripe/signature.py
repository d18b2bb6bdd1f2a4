"""Who really sent a webhook: Stripe's signature, with a tolerance both ways."""

from __future__ import annotations

import json
import re

import stripe

from daigou.core import clock
from daigou.providers.payment import EventSeen, Rejected

TOLERANCE_SECONDS = 300


def verify(body: bytes, header: str | None, secrets: tuple[str, ...]) -> None:
    """Raises Rejected. Several secrets are in force while one is being rotated."""
    moment = _moment(header or "")
    if moment is None:
        raise Rejected("signature_missing")
    # The library looks at old timestamps only, and by this host's clock.
    age = clock.system.now().timestamp() - moment
    if age < -TOLERANCE_SECONDS:
        raise Rejected("signature_from_the_future")
    if age > TOLERANCE_SECONDS:
        raise Rejected("signature_too_old")
    for secret in secrets:
        try:
            stripe.WebhookSignature.verify_header(body, header, secret, tolerance=None)
        except (stripe.SignatureVerificationError, UnicodeDecodeError):
            continue
        return
    raise Rejected("signature_wrong")


def _moment(header: str) -> int | None:
    """The timestamp that the signature is over: the first, exactly as the library picks it, or it could be another."""
    for item in header.split(","):
        name, _, value = item.partition("=")
        if name == "t":
            return int(value) if re.fullmatch(r"[0-9]{1,12}", value) else None
    return None


def read(body: bytes) -> EventSeen:
    """The few fields of an event that we take from it. Raises Rejected for anything else."""
    try:
        event = json.loads(body)
        subject = event["data"]["object"]
        found = EventSeen(event["id"], event["type"], subject["id"], event.get("account"))
    except (ValueError, KeyError, TypeError) as error:
        raise Rejected("event_malformed") from error
    values = (found.id, found.kind, found.object_id, found.account or "")
    if not all(isinstance(value, str) and len(value) <= 120 for value in values) or len(found.kind) > 80:
        raise Rejected("event_malformed")
    return found
