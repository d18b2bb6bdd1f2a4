"""EasyPost's Event objects and their delivery."""

import copy

from daigou.sandbox.carrier import rows
from daigou.sandbox.store import Json, Tx
from daigou.sandbox.webhooks import enqueue
from daigou.sandbox.wire import Route


def emit(tx: Tx, kind: str, result: Json, before: Json | None = None) -> Json:
    """`result` is copied as it is now, without private fields."""
    plain = {key: value for key, value in copy.deepcopy(result).items() if not key.startswith("_")}
    row = rows.new(
        tx,
        "evt",
        "Event",
        description=kind,
        previous_attributes=before or {},
        result=plain,
        status="pending",
        pending_urls=[],
        completed_urls=[],
        user_id="user_sandbox",
    )
    tx.put("easypost_event", row)
    row["status"] = "pending" if enqueue(tx, "easypost", kind, row["id"]) else "completed"
    return row


def _retrieve(tx: Tx, _given: Json, id: str) -> Json:
    return rows.need(tx, "easypost_event", id)


def _list(tx: Tx, given: Json) -> Json:
    found = rows.page(tx, "easypost_event", given)
    return {"events": found["data"], "has_more": found["has_more"]}


ROUTES = (Route("GET", "/v2/events", _list), Route("GET", "/v2/events/<id>", _retrieve))
