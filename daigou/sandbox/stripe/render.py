"""Stored rows as Stripe shows them: without our private marks, with what depends on the time of reading."""

from collections.abc import Iterable
from typing import Any

from daigou.sandbox.store import Json, Tx
from daigou.sandbox.stripe.errors import invalid

# Which collection holds the objects of an id prefix; every expandable field is an id.
COLLECTIONS = {
    "ch": "charge",
    "py": "charge",
    "pi": "payment_intent",
    "re": "refund",
    "pyr": "refund",
    "cus": "customer",
    "cs": "session",
    "txn": "balance_transaction",
    "tr": "transfer",
    "trr": "reversal",
    "acct": "account",
    "po": "payout",
    "dp": "dispute",
    "du": "dispute",
    "tu": "topup",
    "seti": "setup_intent",
    "pm": "payment_method",
    "vr": "verification_report",
}
# Fields that are left out until somebody expands them: kept under a private name.
INCLUDABLE = {
    "line_items": "_line_items",
    "verified_outputs": "_verified_outputs",
    "expiration_date": "_expiration_date",
}


def shown(row: Json, now: int) -> Json:
    """Top-level private fields start with an underscore and are dropped."""
    found = {key: value for key, value in row.items() if not key.startswith("_")}
    if row.get("object") == "balance_transaction":
        found["status"] = "available" if row["available_on"] <= now else "pending"
    return found


def expand(tx: Tx, row: Json, paths: Iterable[str]) -> Json:
    """Render one object with `expand[]` applied. Raises StripeError for a field that cannot be expanded."""
    found = shown(row, tx.now)
    for path in paths:
        if path.count(".") > 3:
            raise invalid("You cannot expand more than 4 levels of a property.", "expand")
        _open(tx, found, row, path.split("."), path)
    return found


def _open(tx: Tx, node: Any, raw: Json, steps: list[str], whole: str) -> None:
    if isinstance(node, list):
        for item in node:
            _open(tx, item, item, steps, whole)
        return
    if not isinstance(node, dict) or not steps:
        return
    name, rest = steps[0], steps[1:]
    if name in INCLUDABLE and INCLUDABLE[name] in raw:
        node[name] = raw[INCLUDABLE[name]]
    if name == "refunds" and node.get("object") == "charge":
        node[name] = refunds_of(tx, node["id"])
    if name not in node:
        message = f"This property cannot be expanded ({whole})."
        raise invalid(message, "expand")
    value = node[name]
    if isinstance(value, str):
        target = look_up(tx, value)
        if target is None:
            raise invalid(f"This property cannot be expanded ({whole}).", "expand")
        raw, value = target, shown(target, tx.now)
        node[name] = value
    _open(tx, value, raw, rest, whole)


def look_up(tx: Tx, key: str) -> Json | None:
    collection = COLLECTIONS.get(key.split("_")[0])
    return tx.peek(collection, key) if collection else None


def refunds_of(tx: Tx, charge: str) -> Json:
    kept = tx.peek("charge", charge) or {}
    rows = [tx.peek("refund", key) for key in reversed(kept.get("_refunds", []))]
    data = [shown(row, tx.now) for row in rows if row]
    return {"object": "list", "url": f"/v1/charges/{charge}/refunds", "has_more": False, "data": data}
