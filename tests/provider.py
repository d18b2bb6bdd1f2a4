"""The provider's sandbox as a process beside the tests, and its webhooks in any order that a test wants."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import httpx


class Provider:
    """Started once for many tests. Events are read from its list and delivered by the test itself."""

    def __init__(self, folder: Path, key: str, secret: str, **settings: Any) -> None:
        self.key, self.secret = key, secret
        config = folder / "sandbox.json"
        quick = {"async_payment_seconds": 0.05, "async_refund_seconds": 0.05, "automatic_payout_seconds": 3600}
        config.write_text(json.dumps({"stripe_secret_key": key, "webhooks": [], **quick, **settings}))
        command = [sys.executable, "-m", "daigou.sandbox", "--port", "0", "--data", str(folder / "books")]
        clean = {k: v for k, v in os.environ.items() if not k.startswith(("STRIPE", "EASYPOST"))}
        self.process = subprocess.Popen(
            [*command, "--config", str(config)], stdout=subprocess.PIPE, text=True, env=clean
        )
        assert self.process.stdout is not None
        self.url = self.process.stdout.readline().split(" on ")[1].split()[0]
        self.http = httpx.Client(base_url=self.url, headers={"Authorization": f"Bearer {key}"})

    def close(self) -> None:
        self.http.close()
        self.process.send_signal(signal.SIGTERM)
        self.process.wait(5)
        assert self.process.stdout is not None
        self.process.stdout.close()

    def get(self, path: str, **query: Any) -> Any:
        return self.http.get(path, params=query).raise_for_status().json()

    def pay(self, page: str, outcome: str = "succeed") -> httpx.Response:
        """A click on the hosted page at ``page``, and a yes on the wallet's own page where it has one."""
        answer = httpx.post(page, data={"outcome": outcome})
        if (where := answer.headers.get("location", "")).startswith("/authorize/"):
            return httpx.post(self.url + where, data={"outcome": "approve"})
        return answer

    def fault(self, kind: str, path: str = "*", **more: Any) -> None:
        """The next request to ``path`` suffers it."""
        match = {"method": "POST", "path": path}
        httpx.post(f"{self.url}/faults", json={"kind": kind, "match": match, **more}).raise_for_status()

    def control(self, path: str, **form: Any) -> None:
        httpx.post(self.url + path, data=form).raise_for_status()

    def books(self) -> dict[str, Any]:
        return httpx.get(f"{self.url}/books.json").json()

    def total(self, currency: str = "jpy") -> int:
        """What the provider says we have, pending and available."""
        return sum(self.books()["balances"].get(currency, {"all": 0}).values())

    def events(self) -> list[dict[str, Any]]:
        """Oldest first."""
        return self.get("/v1/events", limit=100)["data"][::-1]

    def mark(self) -> str:
        """A place in the list of events; ``events_since`` gives what came after it."""
        found = self.events()
        return found[-1]["id"] if found else ""

    def events_since(self, mark: str) -> list[dict[str, Any]]:
        found = self.events()
        places = [number for number, event in enumerate(found) if event["id"] == mark]
        return found[places[0] + 1 :] if places else found

    def wait_for(self, mark: str, kind: str) -> list[dict[str, Any]]:
        until = time.time() + 5
        while time.time() < until:
            found = self.events_since(mark)
            if any(event["type"] == kind for event in found):
                return found
            time.sleep(0.02)
        raise AssertionError(f"{kind} did not come")

    def sign(self, body: bytes, at: float | None = None, secret: str | None = None) -> str:
        moment = int(time.time() if at is None else at)
        mark = hmac.new((secret or self.secret).encode(), f"{moment}.".encode() + body, hashlib.sha256).hexdigest()
        return f"t={moment},v1={mark}"

    def deliver(self, browser: Any, *events: dict[str, Any]) -> list[int]:
        """The statuses that our endpoint answers."""
        return [self.post(browser, json.dumps(event).encode()).status_code for event in events]

    def post(self, browser: Any, body: bytes, **signing: Any) -> Any:
        headers = {"Stripe-Signature": self.sign(body, **signing), "Content-Type": "application/json"}
        return browser.post("/webhooks/stripe", data=body, headers=headers)
