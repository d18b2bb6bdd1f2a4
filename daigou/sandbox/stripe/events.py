"""Events: a snapshot of an object at the moment something happened to it, and its way to the endpoints."""

import copy

from daigou.sandbox.ids import stripe_id
from daigou.sandbox.store import Json, Tx
from daigou.sandbox.stripe.call import Call
from daigou.sandbox.stripe.errors import no_such
from daigou.sandbox.stripe.lists import page
from daigou.sandbox.stripe.render import shown
from daigou.sandbox.webhooks import enqueue
from daigou.sandbox.wire import Route

API_VERSION = "2026-10-28.endive"


def emit(tx: Tx, kind: str, subject: Json, before: Json | None = None) -> Json:
    """Record the event and ask for its delivery; `before` (the object as it was) is for the changes."""
    event: Json = {
        "id": stripe_id("evt"),
        "object": "event",
        "api_version": API_VERSION,
        "created": tx.now,
        "data": {"object": copy.deepcopy(shown(subject, tx.now))},
        "livemode": False,
        "request": {"id": None, "idempotency_key": None},
        "type": kind,
    }
    if before is not None:
        event["data"]["previous_attributes"] = {k: v for k, v in shown(before, tx.now).items() if subject.get(k) != v}
    account = subject["id"] if subject["object"] == "account" else subject.get("_account")
    if account:
        event["account"] = account
    event["_account"] = account
    tx.put("stripe_event", event)
    enqueue(tx, "stripe", kind, event["id"])
    return event


def _retrieve(tx: Tx, call: Call) -> Json:
    event = tx.peek("stripe_event", call.ids["id"])
    if event is None:
        raise no_such("event", call.ids["id"])
    return event


def _list(tx: Tx, call: Call) -> Json:
    wanted = call.params.text("type")
    kinds = set(call.params.array("types")) or ({wanted} if wanted else set())
    return page(tx, call, "stripe_event", lambda row: not kinds or row["type"] in kinds, scoped=False)


ROUTES = (
    Route("GET", "/v1/events", _list, frozenset(("type", "types", "created", "delivery_success"))),
    Route("GET", "/v1/events/<id>", _retrieve),
)
