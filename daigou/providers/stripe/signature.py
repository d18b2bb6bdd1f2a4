"""Who really sent a webhook: Stripe's signature, with a tolerance both ways."""

from __future__ import annotations

import json
import re
import time

import stripe

from daigou.providers.payment import EventSeen, Rejected

TOLERANCE_SECONDS = 300
_TIMESTAMP = re.compile(r"(?:^|,)\s*t=(\d{1,12})(?:,|$)")


def verify(body: bytes, header: str | None, secrets: tuple[str, ...]) -> None:
    """Raises Rejected. Several secrets are in force while one is being rotated."""
    found = _TIMESTAMP.search(header or "")
    if found is None:
        raise Rejected("signature_missing")
    # The library looks at old timestamps only.
    if int(found[1]) > time.time() + TOLERANCE_SECONDS:
        raise Rejected("signature_from_the_future")
    for secret in secrets:
        try:
            stripe.WebhookSignature.verify_header(body, header, secret, TOLERANCE_SECONDS)
        except (stripe.SignatureVerificationError, UnicodeDecodeError):
            continue
        return
    raise Rejected("signature_wrong")


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
