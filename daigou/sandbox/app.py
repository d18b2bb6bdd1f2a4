"""The sandbox put together: which part answers which path, and what a fault does to the answer."""

import logging
import time
from pathlib import Path

from daigou.sandbox import controls, ecb
from daigou.sandbox.carrier.api import CarrierApi
from daigou.sandbox.config import Settings
from daigou.sandbox.faults import Fault, Faults
from daigou.sandbox.journal import Journal
from daigou.sandbox.pages import routes as pages
from daigou.sandbox.store import Store
from daigou.sandbox.stripe.api import StripeApi, server_error
from daigou.sandbox.stripe.balance import Balances, top_up
from daigou.sandbox.timers import Timers
from daigou.sandbox.webhooks import Deliveries
from daigou.sandbox.wire import Hang, Request, Response, as_json

log = logging.getLogger("daigou.sandbox")
_PROVIDER_PATHS = ("/v1/", "/v2/", "/stats/")


class Sandbox:
    """Opens the books in `folder` and answers requests; `start` and `stop` are for its threads."""

    def __init__(self, settings: Settings, folder: Path) -> None:
        self.settings = settings
        self.faults = Faults()
        self.store = Store(Journal(folder), settings)
        self.store.balances = Balances(self.store)
        self.timers = Timers(self.store)
        self.deliveries = Deliveries(self.store, self.faults, settings)
        self.store.replay()
        self._open_books()
        self._stripe, self._carrier = StripeApi(self.store), CarrierApi(self.store)

    def start(self) -> None:
        self.deliveries.start()
        self.timers.start()

    def stop(self) -> None:
        self.timers.stop()
        self.deliveries.stop()
        with self.store.lock:
            self.store.journal.close()

    def respond(self, request: Request) -> Response:
        """Raises Hang when the caller shall get no answer."""
        if not request.path.startswith(_PROVIDER_PATHS):
            return self._own(request)
        fault = self.faults.for_request(request)
        broken = _before(request, fault)
        if broken is not None:
            return broken
        answer = self._provider(request, fault)
        _after(fault)
        return answer

    def _provider(self, request: Request, fault: Fault | None) -> Response:
        if request.path.startswith("/v1/"):
            return self._stripe.answer(request, fault)
        if request.path.startswith("/v2/"):
            return self._carrier.answer(request)
        return ecb.answer(request.path, self.store.clock()) or as_json({"error": "not found"}, 404)

    def _own(self, request: Request) -> Response:
        return controls.answer(self, request) or pages.answer(self.store, request)

    def _open_books(self) -> None:
        """The platform's working capital, once in the life of these books."""
        with self.store.write() as tx:
            if tx.peek("meta", "opened") is not None:
                return
            tx.put("meta", {"id": "opened", "at": tx.now})
            for currency, amount in self.settings.opening_balance.items():
                top_up(tx, int(amount), currency.lower(), "Opening balance")


def _before(request: Request, fault: Fault | None) -> Response | None:
    """What goes wrong before any effect."""
    if fault is None:
        return None
    if fault.kind == "timeout_before":
        raise Hang(fault.seconds)
    if fault.kind == "reset":
        raise Hang(0, reset=True)
    if fault.kind == "status_429":
        error = {
            "message": "Request rate limit exceeded.",
            "type": "invalid_request_error",
            "code": "rate_limit",
        }
        return as_json({"error": error}, 429, {"Stripe-Rate-Limited-Reason": "global-rate"})
    if fault.kind == "status_500" or (fault.kind == "status_500_saved" and not request.path.startswith("/v1/")):
        return as_json({"error": server_error()}, 500)
    if fault.kind == "slow" and "idempotency-key" not in request.headers:
        time.sleep(fault.seconds)
    return None


def _after(fault: Fault | None) -> None:
    """What goes wrong when the effect is already in the books."""
    if fault is None:
        return
    if fault.kind == "timeout_after":
        raise Hang(fault.seconds)
    if fault.kind == "reset_after":
        raise Hang(0, reset=True)
    if fault.kind == "slow_answer":
        time.sleep(fault.seconds)
