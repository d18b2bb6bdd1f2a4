"""The provider's books added up from their lines alone, for people and for `daigou ledger check`."""

from collections import defaultdict
from typing import Any

from daigou.sandbox.store import Json, Store

PLATFORM = "platform"


def summary(store: Store) -> Json:
    """Everything in minor units. Top level: the platform; `accounts`: each connected account by its id."""
    with store.lock:
        now = int(store.clock())
        books: dict[str, Json] = defaultdict(_empty)
        for line in store.collection("balance_transaction").rows.values():
            _add(books[line["_account"] or PLATFORM], line, now)
        found: dict[str, Any] = dict(books.pop(PLATFORM, _empty()))
        found["charges"] = _sum(store, "charge", lambda r: r["paid"] and not r["source_transfer"])
        found["refunds"] = _sum(store, "refund", lambda r: r["status"] in ("succeeded", "pending"))
        found["transfers"] = _sum(store, "transfer", lambda _r: True)
        found["reversals"] = _sum(store, "reversal", lambda _r: True)
        found["disputes"] = _sum(store, "dispute", lambda r: r["status"] != "won")
        found["accounts"] = dict(books)
        found["undelivered_webhooks"] = len(store.collection("delivery").rows)
        found["as_of"] = now
    return found


def _empty() -> Json:
    return {"balances": {}, "by_type": {}, "fees": {}, "lines": 0}


def _add(book: Json, line: Json, now: int) -> None:
    currency = line["currency"]
    balance = book["balances"].setdefault(currency, {"pending": 0, "available": 0})
    balance["available" if line["available_on"] <= now else "pending"] += line["net"]
    sums = book["by_type"].setdefault(currency, {})
    kind = sums.setdefault(line["reporting_category"], {"amount": 0, "fee": 0, "net": 0, "count": 0})
    for name in ("amount", "fee", "net"):
        kind[name] += line[name]
    kind["count"] += 1
    book["fees"][currency] = book["fees"].get(currency, 0) + line["fee"]
    book["lines"] += 1


def _sum(store: Store, collection: str, wanted: Any) -> Json:
    """Count and sum per presentment currency: what payers paid and got back, before any conversion."""
    found: Json = {}
    for row in store.collection(collection).rows.values():
        if wanted(row):
            kept = found.setdefault(row["currency"], {"count": 0, "amount": 0})
            kept["count"] += 1
            kept["amount"] += row["amount"]
    return found
