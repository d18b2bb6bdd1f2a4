"""One request to EasyPost's v2 API: JSON in, JSON out, one key."""

import json
from typing import Any

from daigou.sandbox.carrier import (
    addresses,
    customs,
    events,
    hooks,
    insurances,
    label_refunds,
    parcels,
    shipments,
    trackers,
)
from daigou.sandbox.carrier.errors import CarrierError
from daigou.sandbox.store import Json, Store
from daigou.sandbox.wire import Request, Response, Route, as_json, find

_ROOMS: tuple[Any, ...] = (
    addresses, customs, events, hooks, insurances, label_refunds, parcels, shipments, trackers,
)  # fmt: skip
ROUTES: tuple[Route, ...] = tuple(route for room in _ROOMS for route in room.ROUTES)


class CarrierApi:
    """Answers requests below /v2/. EasyPost has no idempotency keys: a repeated POST does it twice."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def answer(self, request: Request) -> Response:
        try:
            self._check_key(request.secret)
            found = find(ROUTES, request.method, request.path)
            if found is None:
                raise CarrierError("NOT_FOUND", "The requested URL could not be found.", 404)
            route, ids = found
            given = _body(request)
            with self._store.write() as tx:
                answer = route.handler(tx, given, **ids)
                if request.method == "GET":
                    tx.changes.clear()
            return as_json(shown(answer), 201 if request.method == "POST" else 200)
        except CarrierError as error:
            return as_json(error.body, error.status)

    def _check_key(self, secret: str) -> None:
        expected = self._store.settings.easypost_key
        if secret.startswith("EZAK"):
            raise CarrierError("FORBIDDEN", "This is a sandbox: a production key was sent and refused.", 403)
        if not secret or (expected and secret != expected):
            raise CarrierError("UNAUTHORIZED", "The API key is missing or wrong.", 401)


def _body(request: Request) -> Json:
    if request.method in ("GET", "DELETE"):
        return {key.removesuffix("[]"): value for key, value in request.args().items()}
    try:
        found = json.loads(request.body or b"{}")
    except ValueError as error:
        raise CarrierError("PARAMETERS.INVALID", f"The body is not JSON: {error}", 400) from error
    if not isinstance(found, dict):
        raise CarrierError("PARAMETERS.INVALID", "The body must be a JSON object.", 400)
    return found


def shown(value: Any) -> Any:
    """Without private fields, at any depth."""
    if isinstance(value, dict):
        return {k: shown(v) for k, v in value.items() if not k.startswith("_")}
    if isinstance(value, list):
        return [shown(item) for item in value]
    return value
