"""Delivery of events: signed as each provider signs, in order, retried until a 2xx, kept over restarts."""

import hashlib
import hmac
import json
import logging
import threading
import time
import unicodedata
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import Any
from urllib.parse import urlsplit

from daigou.sandbox.config import Endpoint, Settings
from daigou.sandbox.faults import Fault, Faults
from daigou.sandbox.ids import easypost_id
from daigou.sandbox.store import Json, Store, Tx

log = logging.getLogger("daigou.sandbox")
RETRY_FOR_SECONDS = 3 * 86400
TIMEOUT_SECONDS = 10


def endpoints(tx: Tx) -> list[Endpoint]:
    """Those of the config file, then those that were registered over the providers' own APIs."""
    return [*tx.settings.webhooks, *registered(tx.rows("webhook"))]


def registered(rows: Any) -> list[Endpoint]:
    return [Endpoint(r["_provider"], r["url"], (r["_secret"],), tuple(r.get("enabled_events", ()))) for r in rows]


def enqueue(tx: Tx, provider: str, kind: str, event_id: str) -> int:
    """Ask for delivery of one event to every endpoint that wants it; answers with how many do."""
    wanting = [e for e in endpoints(tx) if e.provider == provider and e.wants(kind)]
    for endpoint in wanting:
        row = {"id": easypost_id("dlv"), "provider": provider, "url": endpoint.url, "event": event_id}
        tx.put("delivery", {**row, "asked": time.time(), "attempts": 0})
    return len(wanting)


def stripe_signature(secrets: tuple[str, ...], body: bytes, at: int) -> str:
    """`t=…,v1=…`, one v1 for each secret that is in force."""
    signed = f"{at}.".encode() + body
    marks = (hmac.new(s.encode(), signed, hashlib.sha256).hexdigest() for s in secrets)
    return ",".join([f"t={at}", *(f"v1={mark}" for mark in marks)])


def easypost_signature(secret: str, body: bytes) -> str:
    key = unicodedata.normalize("NFKD", secret).encode()
    return "hmac-sha256-hex=" + hmac.new(key, body, hashlib.sha256).hexdigest()


class Lane:
    """The queue of one endpoint. One thread: events arrive in order unless a fault or a retry intervenes."""

    def __init__(self, url: str) -> None:
        self.url = url
        self.due: list[tuple[float, int, str]] = []
        self.held: list[str] = []
        self.held_until = 0.0


class Deliveries:
    """Watches the delivery rows and sends them. Nothing here holds the store's lock while it talks."""

    def __init__(self, store: Store, faults: Faults, settings: Settings) -> None:
        self._store, self._faults, self._settings = store, faults, settings
        self._wake = threading.Condition()
        self._lanes: dict[str, Lane] = {}
        self._serial = 0
        self._running = False
        self._replaying = True
        self.waiting: dict[str, int] = {}
        self._last_sent: dict[str, Json] = {}
        store.watch("delivery", self._changed)

    def start(self) -> None:
        with self._wake:
            self._replaying, self._running = False, True
            for row in self._store.collection("delivery").rows.values():
                self._queue(row["url"], row["id"], 0)

    def stop(self) -> None:
        with self._wake:
            self._running = False
            self._wake.notify_all()

    def _changed(self, key: str, old: Json | None, new: Json | None) -> None:
        event = (new or old or {})["event"]
        self.waiting[event] = self.waiting.get(event, 0) + (new is not None) - (old is not None)
        if not self.waiting[event]:
            del self.waiting[event]
        if old is None and new is not None and not self._replaying:
            with self._wake:
                self._accept(new)

    def _accept(self, row: Json) -> None:
        """A new delivery: look whether a fault was asked for it."""
        if self._faults.for_event("webhook_drop"):
            return
        lane = self._lane(row["url"])
        if fault := self._faults.for_event("webhook_reverse"):
            self._hold(lane, row["id"], fault)
            return
        delay = fault.seconds if (fault := self._faults.for_event("webhook_delay")) else 0
        self._queue(row["url"], row["id"], delay)
        if self._faults.for_event("webhook_duplicate"):
            self._queue(row["url"], row["id"], delay + 0.05)

    def _hold(self, lane: Lane, key: str, fault: Fault) -> None:
        """Gather what shall be reversed; let go when all came, or after `seconds` with what there is."""
        lane.held.append(key)
        lane.held_until = time.time() + max(fault.seconds, 0.1)
        if fault.used >= fault.count:
            lane.held_until = 0
        self._wake.notify_all()

    def _lane(self, url: str) -> Lane:
        if url not in self._lanes:
            lane = self._lanes[url] = Lane(url)
            threading.Thread(target=self._run, args=(lane,), name=f"webhooks {url}", daemon=True).start()
        return self._lanes[url]

    def _queue(self, url: str, key: str, delay: float) -> None:
        self._serial += 1
        self._lane(url).due.append((time.time() + delay, self._serial, key))
        self._wake.notify_all()

    def _next(self, lane: Lane) -> str | None:
        """Wait for the next due delivery; None means stop."""
        with self._wake:
            while self._running:
                now = time.time()
                if lane.held and lane.held_until <= now:
                    for key in reversed(lane.held):
                        self._queue(lane.url, key, 0)
                    lane.held = []
                ready = min((d for d in lane.due if d[0] <= now), default=None, key=lambda d: d[1])
                if ready:
                    lane.due.remove(ready)
                    return ready[2]
                moments = [d[0] for d in lane.due] + ([lane.held_until] if lane.held else [])
                self._wake.wait(max(min(moments) - now, 0.001) if moments else None)
        return None

    def _run(self, lane: Lane) -> None:
        while (key := self._next(lane)) is not None:
            try:
                self._deliver(key)
            except Exception:
                log.exception("delivery %s failed unexpectedly", key)

    def _deliver(self, key: str) -> None:
        row = self._store.collection("delivery").rows.get(key)
        sent_before = row is None
        row = row or self._last_sent.get(key)
        if row is None:
            return
        status = self._send(row)
        if sent_before:
            return
        if 200 <= status < 300:
            self._remember(row)
            with self._store.write() as tx:
                tx.drop("delivery", key)
            return
        self._again(row)

    def _remember(self, row: Json) -> None:
        """A duplicate of this delivery may still be queued; a short memory is enough for it."""
        self._last_sent[row["id"]] = row
        while len(self._last_sent) > 200:
            del self._last_sent[next(iter(self._last_sent))]

    def _again(self, row: Json) -> None:
        attempts = row["attempts"] + 1
        with self._store.write() as tx:
            if time.time() - row["asked"] > RETRY_FOR_SECONDS:
                tx.drop("delivery", row["id"])
                return
            tx.put("delivery", {**row, "attempts": attempts})
        base, cap = self._settings.webhook_backoff_seconds, self._settings.webhook_backoff_cap_seconds
        with self._wake:
            self._queue(row["url"], row["id"], min(base * 2 ** (attempts - 1), cap))

    def _send(self, row: Json) -> int:
        """POST one event; 0 stands for no answer."""
        known = [*self._settings.webhooks, *registered(self._store.collection("webhook").rows.values())]
        endpoint = next((e for e in known if e.url == row["url"] and e.provider == row["provider"]), None)
        event = self._store.collection(f"{row['provider']}_event").rows.get(row["event"])
        if endpoint is None or event is None:
            return 204
        shown = {k: v for k, v in event.items() if not k.startswith("_")}
        if row["provider"] == "stripe":
            shown["pending_webhooks"] = self.waiting.get(row["event"], 0)
        body = json.dumps(shown, ensure_ascii=False).encode()
        try:
            return _post(endpoint.url, body, _signed(endpoint, body))
        except (OSError, HTTPException) as error:
            log.info("webhook to %s not delivered: %s", endpoint.url, error)
            return 0


def _signed(endpoint: Endpoint, body: bytes) -> dict[str, str]:
    headers = {"Content-Type": "application/json; charset=utf-8"}
    if endpoint.provider == "stripe":
        # The provider's real clock, not the sandbox's: receivers refuse timestamps that are off.
        mark = stripe_signature(endpoint.secrets, body, int(time.time()))
        return {
            **headers,
            "Stripe-Signature": mark,
            "User-Agent": "Stripe/1.0 (+https://stripe.com/docs/webhooks)",
        }
    mark = easypost_signature(endpoint.secrets[0], body)
    return {**headers, "X-Hmac-Signature": mark, "User-Agent": "EasyPost Webhook Client"}


def _post(url: str, body: bytes, headers: dict[str, str]) -> int:
    parts = urlsplit(url)
    kind = HTTPSConnection if parts.scheme == "https" else HTTPConnection
    connection = kind(parts.hostname or "", parts.port, timeout=TIMEOUT_SECONDS)
    try:
        target = parts.path + (f"?{parts.query}" if parts.query else "")
        connection.request("POST", target or "/", body, headers)
        return connection.getresponse().status
    finally:
        connection.close()
