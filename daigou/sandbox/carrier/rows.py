"""What all carrier objects share: their marks, their times, and how they are found and listed."""

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

from daigou.sandbox.carrier.errors import CarrierError, not_found, required
from daigou.sandbox.ids import easypost_id
from daigou.sandbox.store import Json, Tx


def new(tx: Tx, prefix: str, kind: str, **fields: Any) -> Json:
    """A row with EasyPost's common fields, not stored yet."""
    moment = iso(tx.now)
    row = {
        "id": easypost_id(prefix),
        "object": kind,
        "mode": "test",
        "created_at": moment,
        "updated_at": moment,
    }
    return {**row, **fields}


def iso(moment: float) -> str:
    return datetime.fromtimestamp(moment, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def need(tx: Tx, collection: str, key: str) -> Json:
    row = tx.peek(collection, key)
    if row is None:
        raise not_found()
    return row


def part(given: Json, name: str) -> Json:
    """The object that EasyPost's library wraps each creation in."""
    found = given.get(name)
    if not isinstance(found, dict):
        raise required(name)
    return found


def page(tx: Tx, collection: str, given: Json, wanted: Callable[[Json], bool] = lambda _row: True) -> Json:
    """EasyPost's lists: newest first, `page_size` up to 100, `before_id`, `has_more`."""
    try:
        size = int(given.get("page_size") or 20)
    except ValueError:
        size = 0
    if not 1 <= size <= 100:
        raise CarrierError("PARAMETER.INVALID", "page_size must be between 1 and 100")
    before = given.get("before_id") or None
    if before is not None:
        need(tx, collection, before)
    found = []
    for row in tx.newest_first(collection, before):
        if wanted(row):
            found.append(row)
        if len(found) > size:
            break
    return {"data": found[:size], "has_more": len(found) > size}
