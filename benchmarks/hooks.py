"""Webhooks of the payment provider: let in once and answered, beside bare Flask and one INSERT ... ON CONFLICT."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
import uuid
from collections.abc import Iterator

from benchmarks.house import BARE, House, Market, NotMeasured
from benchmarks.load import Sample
from benchmarks.report import Row
from benchmarks.rounds import interleave, latency, rate

CONNECTIONS = 8
EVENTS = 1_000


def intake(house: House) -> Iterator[Row]:
    """Distinct events, signed as the provider signs; each is durable before it is answered."""
    market = house.markets[0]
    ours, bare = market.server(), market.server(BARE)
    events = EVENTS // 4 if house.scale == "quick" else EVENTS

    def run(port: int, path: str) -> Sample:
        sample = house.load.drive(port, [request(market, path) for _ in range(events)], CONNECTIONS)
        if set(sample.statuses) != {200}:
            raise NotMeasured(f"{path} answers {sample.statuses}")
        return sample

    contestants = {
        "ours": lambda: run(ours.port, "/webhooks/stripe"),
        "bare": lambda: run(bare.port, "/webhooks"),
    }
    results = interleave(contestants, house.rounds)
    mine, limit = rate(results["ours"]), rate(results["bare"])
    yield Row(
        "payment webhook, let in", None, f"{mine:.0f}/s", f"{limit:.0f}/s", mine / limit, ">= 0.5", mine / limit >= 0.5,
        latency=f"{latency(results['ours'], 0.5):.1f} / {latency(results['ours'], 0.99):.1f} ms",
        note="payment webhook: ours checks the signature, writes the event and its outbox row in one transaction and "
        "wakes a queue; the limit parses the JSON and inserts one row",
    )  # fmt: skip


def request(market: Market, path: str) -> bytes:
    number = uuid.uuid4().hex
    event = {"id": f"evt_{number}", "type": "payment_intent.succeeded", "data": {"object": {"id": f"pi_{number}"}}}
    body, at = json.dumps(event), int(time.time())
    secret = market.environment["STRIPE_WEBHOOK_SECRET"].split(",")[0]
    mark = hmac.new(secret.encode(), f"{at}.{body}".encode(), hashlib.sha256).hexdigest()
    head = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nStripe-Signature: t={at},v1={mark}\r\n"
        f"Content-Type: application/json\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    return (head + body).encode()
