"""One request to the v1 API, from its key to its answer."""

import logging
from dataclasses import dataclass
from typing import Any

from daigou.sandbox.faults import Fault
from daigou.sandbox.ids import stripe_id
from daigou.sandbox.store import Json, Store, Tx
from daigou.sandbox.stripe import (
    account_links,
    accounts,
    balance,
    charges,
    checkout,
    customers,
    disputes,
    events,
    files,
    idempotency,
    intents,
    payouts,
    refunds,
    setups,
    transfers,
    verification,
    webhook_endpoints,
)
from daigou.sandbox.stripe.call import Call
from daigou.sandbox.stripe.errors import StripeError, missing, unauthorised
from daigou.sandbox.stripe.lists import PAGING
from daigou.sandbox.stripe.params import Params, decode
from daigou.sandbox.stripe.render import expand
from daigou.sandbox.wire import Request, Response, Route, as_json, find

log = logging.getLogger("daigou.sandbox")
_ROOMS: tuple[Any, ...] = (
    account_links,
    accounts,
    balance,
    charges,
    checkout,
    customers,
    disputes,
    events,
    files,
    intents,
    payouts,
    refunds,
    setups,
    transfers,
    verification,
    webhook_endpoints,
)
ROUTES: tuple[Route, ...] = tuple(route for room in _ROOMS for route in room.ROUTES)


@dataclass(frozen=True)
class Asked:
    """A request after it was understood: who asks, for what, under which key."""

    route: Route
    call: Call
    expand: tuple[str, ...]
    key: str | None
    request_id: str


class StripeApi:
    """Answers requests below /v1/. State changes happen under the store's lock, one at a time."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self._in_flight = idempotency.InFlight()

    def answer(self, request: Request, fault: Fault | None) -> Response:
        request_id = "req_" + stripe_id("x")[2:16]
        try:
            asked = self._understand(request, request_id)
            return self._keyed(asked, request.method, fault)
        except StripeError as error:
            return self._refusal(error, request_id)

    def _understand(self, request: Request, request_id: str) -> Asked:
        check_key(request.secret, self._store.settings.stripe_secret_key)
        found = find(ROUTES, request.method, request.path)
        if found is None:
            message = f"Unrecognized request URL ({request.method}: {request.path})."
            raise StripeError(message, status=404, saved=False)
        route, ids = found
        given = decode(request.query)
        if request.method == "POST":
            given.update(_body(request))
        params = Params(given)
        params.only(route.allowed | PAGING)
        paths = tuple(str(path) for path in params.array("expand"))
        call = Call(params, ids, request.path, self._account(request))
        key = request.headers.get("idempotency-key") if request.method == "POST" else None
        return Asked(route, call, paths, key or None, request_id)

    def _account(self, request: Request) -> str | None:
        key = request.headers.get("stripe-account")
        if not key:
            return None
        with self._store.lock:
            return str(accounts.need(Tx(self._store), key)["id"])

    def _keyed(self, asked: Asked, method: str, fault: Fault | None) -> Response:
        if asked.key is None:
            return self._run(asked, None, method, fault)
        idempotency.check_length(asked.key)
        row = idempotency.row_id(asked.key, asked.call.account)
        self._in_flight.enter(row)
        try:
            if fault and fault.kind == "slow":
                fault_pause(fault.seconds)
            return self._run(asked, row, method, fault)
        finally:
            self._in_flight.leave(row)

    def _run(self, asked: Asked, row: str | None, method: str, fault: Fault | None) -> Response:
        with self._store.write() as tx:
            if row is not None:
                saved = idempotency.replay(tx, row, asked.call.path, asked.call.params.values)
                if saved is not None:
                    return self._replayed(saved, asked)
            status, body = self._execute(tx, asked, fault)
            if row is not None:
                answer = (status, body, asked.request_id)
                idempotency.save(tx, row, asked.call.path, asked.call.params.values, answer)
            if method == "GET":
                tx.changes.clear()
        return as_json(body, status, self._headers(asked.request_id, asked.key, status))

    def _execute(self, tx: Tx, asked: Asked, fault: Fault | None) -> tuple[int, Any]:
        """The effect and its answer. A refusal that must not be remembered is raised on."""
        broken = fault is not None and fault.kind == "status_500_saved"
        if broken and fault is not None and not fault.effect:
            return 500, {"error": server_error()}
        try:
            body = self._shown(tx, asked, asked.route.handler(tx, asked.call))
        except StripeError as error:
            if not error.keep:
                tx.changes.clear()
            if not error.saved:
                raise
            return error.status, {"error": self._named(error, asked.request_id)}
        if broken:
            return 500, {"error": server_error()}
        _name_request(tx, asked)
        return 200, body

    def _shown(self, tx: Tx, asked: Asked, found: Json) -> Json:
        if found.get("object") != "list":
            return expand(tx, found, asked.expand)
        inner = []
        for path in asked.expand:
            head, _, rest = path.partition(".")
            if head != "data" or not rest:
                raise missing("expand: paths of a list start with data.")
            inner.append(rest)
        return {**found, "data": [expand(tx, row, inner) for row in found["data"]]}

    def _replayed(self, saved: Json, asked: Asked) -> Response:
        extra = {"Idempotent-Replayed": "true", "Original-Request": saved["request"]}
        headers = {**self._headers(asked.request_id, asked.key, saved["status"]), **extra}
        return as_json(saved["body"], saved["status"], headers)

    def _refusal(self, error: StripeError, request_id: str) -> Response:
        body = {"error": self._named(error, request_id)}
        headers = self._headers(request_id, None)
        if error.status == 409:
            headers["Stripe-Should-Retry"] = "true"
        return as_json(body, error.status, headers)

    def _named(self, error: StripeError, request_id: str) -> Json:
        return {**error.body, "request_log_url": f"{self._store.settings.public_url}/books#{request_id}"}

    def _headers(self, request_id: str, key: str | None, status: int = 200) -> dict[str, str]:
        headers = {"Request-Id": request_id, "Stripe-Version": events.API_VERSION, "Sandbox": "no real money"}
        if status == 500:
            # A saved failure would only be replayed; Stripe tells its library not to ask again.
            headers["Stripe-Should-Retry"] = "false"
        return {**headers, "Idempotency-Key": key} if key else headers


def _body(request: Request) -> Json:
    if request.headers.get("content-type", "").startswith("multipart/form-data"):
        return files.fields(request)
    return decode(request.body.decode("utf-8", "replace"))


def _name_request(tx: Tx, asked: Asked) -> None:
    """Events tell which request caused them."""
    for (name, _), row in tx.changes.items():
        if name == "stripe_event" and row is not None:
            row["request"] = {"id": asked.request_id, "idempotency_key": asked.key}


def check_key(secret: str, expected: str) -> None:
    """Raises Stripe's 401. A live key never gets an answer from a sandbox."""
    if not secret:
        raise unauthorised(
            "You did not provide an API key. You need to provide your API key in the Authorization header,"
            " using Bearer auth (e.g. 'Authorization: Bearer YOUR_SECRET_KEY')."
        )
    if secret.startswith(("sk_live_", "rk_live_")):
        raise unauthorised("This is a sandbox: a live key was sent and refused. No real money moves here.")
    good = secret == expected if expected else secret.startswith(("sk_test_", "rk_test_"))
    if not good:
        hidden = f"{secret[:8]}{'*' * 8}{secret[-4:]}" if len(secret) > 16 else "***"
        raise unauthorised(f"Invalid API Key provided: {hidden}")


def server_error() -> Json:
    return {"message": "An unknown error occurred.", "type": "api_error"}


def fault_pause(seconds: float) -> None:
    import time

    time.sleep(seconds)
