"""The provider: what goes wrong there, what it has to tell, and webhooks by hand."""

from __future__ import annotations

import hashlib
import hmac
import json
import secrets
import threading
import time

import httpx

OLD_SECRET, NEW_SECRET = (f"whsec_{secrets.token_hex(16)}" for _ in range(2))


class Provider(httpx.Client):
    """Who speaks to the sandbox. It may be on its way back just then: a refused connection is tried again."""

    def __init__(self, settings: dict[str, str], shop_url: str, tried) -> None:
        super().__init__(
            base_url=settings["STRIPE_API_URL"],
            headers={"Authorization": f"Bearer {settings['STRIPE_SECRET_KEY']}"},
            transport=httpx.HTTPTransport(retries=5),
        )
        self.address, self.shop_url, self.tried = settings["STRIPE_API_URL"], shop_url, tried
        self._told: list[dict] = []
        self._reading = threading.Lock()

    # ---- what goes wrong

    def fault(self, kind: str, path: str, method: str = "POST", holds: str = "", **more) -> str:
        """The next such request fails. ``holds`` is a text that only the wanted one has, in its address or its body."""
        self.tried.note(f"provider: {kind}")
        match = {"method": method, "path": path, "holds": holds}
        answer = self.post("/faults", json={"kind": kind, "match": match, **more})
        return answer.raise_for_status().json()["id"]

    def webhook_fault(self, kind: str, **more) -> None:
        self.tried.note(f"webhooks: {kind}")
        self.post("/faults", json={"kind": kind, **more}).raise_for_status()

    def left(self) -> dict[str, dict]:
        """The faults that nobody has met (often enough) yet."""
        return {row["id"]: row for row in self.get("/faults").raise_for_status().json()["faults"]}

    def mend(self) -> None:
        self.delete("/faults")

    def forget_keys(self) -> None:
        """What Stripe does a day later."""
        self.tried.note("provider: keys pruned")
        assert self.post("/controls/idempotency/prune").raise_for_status().json()["pruned"]

    # ---- what it tells

    def events(self) -> list[dict]:
        """Everything the provider has to tell, oldest first. What was read before is not asked for again."""
        with self._reading:
            while True:
                query = {"limit": 100, **({"ending_before": self._told[-1]["id"]} if self._told else {})}
                page = self.get("/v1/events", params=query).raise_for_status().json()
                if not self._told and page["has_more"]:
                    raise AssertionError("the first look must come before the hundredth event")
                self._told += page["data"][::-1]
                if not page["has_more"]:
                    return list(self._told)

    def deliver(self, event: dict, at: float | None = None, secret: str = NEW_SECRET, to: str = "") -> httpx.Response:
        """``to`` is the shop's address, where it is served at another one, too."""
        body = json.dumps(event).encode()
        moment = int(at or time.time())
        mark = hmac.new(secret.encode(), f"{moment}.".encode() + body, hashlib.sha256).hexdigest()
        headers = {"Stripe-Signature": f"t={moment},v1={mark}", "Content-Type": "application/json"}
        self.tried.note("webhooks by hand")
        return httpx.post(f"{to or self.shop_url}/webhooks/stripe", content=body, headers=headers, timeout=20)
