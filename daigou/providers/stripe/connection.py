"""Stripe’s library, set up once: its address, its patience, its retries."""

from __future__ import annotations

import logging
from typing import Any

import stripe

CONNECT_SECONDS, READ_SECONDS = 3.0, 10.0
RETRIES = 1  # the library repeats under the same idempotency key, and only what Stripe says may be repeated
PAGE_ROWS = 100
logging.getLogger("stripe").setLevel(logging.WARNING)  # it tells of every request at INFO


class Connection:
    """What each part of the adapter speaks through. ``secrets`` are those of the webhook endpoint, the newest first."""

    def __init__(
        self, key: str, secrets: tuple[str, ...], *, address: str = "", timeouts: tuple[float, float] | None = None
    ) -> None:
        self._secrets = secrets
        self._client = stripe.StripeClient(
            key,
            max_network_retries=RETRIES,
            base_addresses={"api": address, "connect": address, "files": address} if address else None,
            http_client=stripe.RequestsClient(timeout=timeouts or (CONNECT_SECONDS, READ_SECONDS)),
        )


def plain(found: Any) -> dict[str, Any]:
    """A row of Stripe’s as plain data."""
    row: dict[str, Any] = found.to_dict()
    return row
