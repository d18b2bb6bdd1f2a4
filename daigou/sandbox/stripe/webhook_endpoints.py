"""Webhook endpoints registered over the API, beside those of the config file."""

import secrets

from daigou.sandbox.ids import stripe_id
from daigou.sandbox.store import Json, Tx
from daigou.sandbox.stripe.call import Call
from daigou.sandbox.stripe.errors import missing, no_such
from daigou.sandbox.wire import Route


def _create(tx: Tx, call: Call) -> Json:
    kinds = [str(kind) for kind in call.params.array("enabled_events")]
    if not kinds:
        raise missing("enabled_events")
    row: Json = {
        "id": stripe_id("we"), "object": "webhook_endpoint", "api_version": None, "application": None,
        "created": tx.now, "description": call.params.text("description"), "enabled_events": kinds,
        "livemode": False, "metadata": call.params.metadata(), "status": "enabled",
        "url": call.params.url("url", required=True), "_provider": "stripe",
        "_secret": "whsec_" + secrets.token_urlsafe(24),
    }  # fmt: skip
    tx.put("webhook", row)
    return {**row, "secret": row["_secret"]}


def _delete(tx: Tx, call: Call) -> Json:
    row = tx.peek("webhook", call.ids["id"])
    if row is None or row["_provider"] != "stripe":
        raise no_such("webhook endpoint", call.ids["id"])
    tx.drop("webhook", row["id"])
    return {"id": row["id"], "object": "webhook_endpoint", "deleted": True}


def _list(tx: Tx, call: Call) -> Json:
    data = [row for row in tx.rows("webhook") if row["_provider"] == "stripe"]
    return {"object": "list", "url": call.path, "has_more": False, "data": data[::-1]}


ROUTES = (
    Route("POST", "/v1/webhook_endpoints", _create, frozenset(
        ("url", "enabled_events", "description", "metadata", "api_version", "connect"))),
    Route("GET", "/v1/webhook_endpoints", _list),
    Route("DELETE", "/v1/webhook_endpoints/<id>", _delete),
)  # fmt: skip
