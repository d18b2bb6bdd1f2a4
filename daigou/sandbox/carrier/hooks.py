"""Webhooks registered over the API, beside those of the config file."""

import secrets

from daigou.sandbox.carrier import rows
from daigou.sandbox.carrier.errors import required
from daigou.sandbox.store import Json, Tx
from daigou.sandbox.wire import Route


def _create(tx: Tx, given: Json) -> Json:
    fields = rows.part(given, "webhook")
    url = fields.get("url")
    if not url:
        raise required("webhook.url")
    # Without a secret EasyPost would not sign at all; a random one keeps receivers honest.
    secret = fields.get("webhook_secret") or secrets.token_urlsafe(24)
    row = rows.new(tx, "hook", "Webhook", url=url, disabled_at=None, _provider="easypost", _secret=secret)
    return tx.put("webhook", row)


def _list(tx: Tx, _given: Json) -> Json:
    return {"webhooks": [row for row in tx.rows("webhook") if row["_provider"] == "easypost"]}


def _retrieve(tx: Tx, _given: Json, id: str) -> Json:
    return rows.need(tx, "webhook", id)


def _update(tx: Tx, given: Json, id: str) -> Json:
    rows.need(tx, "webhook", id)
    row = tx.edit("webhook", id) or {}
    fields = given.get("webhook") or given
    row["_secret"] = fields.get("webhook_secret") or row["_secret"]
    row["disabled_at"] = None
    return row


def _delete(tx: Tx, _given: Json, id: str) -> Json:
    rows.need(tx, "webhook", id)
    tx.drop("webhook", id)
    return {}


ROUTES = (
    Route("POST", "/v2/webhooks", _create),
    Route("GET", "/v2/webhooks", _list),
    Route("GET", "/v2/webhooks/<id>", _retrieve),
    Route("PATCH", "/v2/webhooks/<id>", _update),
    Route("DELETE", "/v2/webhooks/<id>", _delete),
)
