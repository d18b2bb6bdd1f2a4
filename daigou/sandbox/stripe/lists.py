"""Stripe's lists: newest first, `limit`, `starting_after`, `ending_before`, `created[gte]` and friends."""

from collections.abc import Callable
from typing import Any

from daigou.sandbox.store import Json, Tx
from daigou.sandbox.stripe.call import Call
from daigou.sandbox.stripe.errors import invalid, no_such
from daigou.sandbox.stripe.params import Params

PAGING = frozenset(("limit", "starting_after", "ending_before", "expand"))
Wanted = Callable[[Json], Any]


def page(tx: Tx, call: Call, collection: str, wanted: Wanted = lambda _row: True, scoped: bool = True) -> Json:
    """One page. `scoped` keeps rows of other accounts out, as Stripe does by the Stripe-Account header."""
    limit = call.params.number("limit", 10) or 0
    if not 1 <= limit <= 100:
        raise invalid(f"Invalid limit: {limit}. Must be between 1 and 100", "limit")
    after, before = (_cursor(tx, call, collection, name) for name in ("starting_after", "ending_before"))
    low, high = _span(call.params)
    found: list[Json] = []
    for row in tx.newest_first(collection, after):
        if row["id"] == before or row["created"] < low:
            break
        mine = not scoped or row.get("_account") == call.account
        if mine and row["created"] <= high and wanted(row):
            found.append(row)
            if before is None and len(found) > limit:
                break
    more = len(found) > limit
    data = found[-limit:] if before is not None else found[:limit]
    return {"object": "list", "url": call.path, "has_more": more, "data": data}


def _cursor(tx: Tx, call: Call, collection: str, name: str) -> str | None:
    key = call.params.text(name)
    if key is not None and tx.peek(collection, key) is None:
        raise no_such(collection, key, name)
    return key


def _span(params: Params) -> tuple[int, float]:
    """The least and the greatest `created` that are wanted, both included."""
    if isinstance(params.values.get("created"), str):
        moment = params.need_number("created")
        return moment, moment
    created = params.group("created")
    low = created.number("gte") or 0
    if (above := created.number("gt")) is not None:
        low = max(low, above + 1)
    high: float = float("inf")
    if (top := created.number("lte")) is not None:
        high = top
    if (below := created.number("lt")) is not None:
        high = min(high, below - 1)
    return low, high
