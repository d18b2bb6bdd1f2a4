"""Balances and the balance transactions they are made of: the provider's own books."""

import heapq

from daigou.sandbox.ids import stripe_id
from daigou.sandbox.store import Json, Store, Tx
from daigou.sandbox.stripe.call import Call
from daigou.sandbox.stripe.errors import StripeError, no_such
from daigou.sandbox.stripe.lists import page
from daigou.sandbox.wire import Route

Key = tuple[str | None, str]


class Balances:
    """Running totals per account and currency, so that a transfer need not add up the whole history."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.available: dict[Key, int] = {}
        self._coming: dict[Key, list[tuple[int, int]]] = {}
        store.watch("balance_transaction", self._changed)

    def _changed(self, _key: str, old: Json | None, new: Json | None) -> None:
        if old is None and new is not None:
            key = (new["_account"], new["currency"])
            heapq.heappush(self._coming.setdefault(key, []), (new["available_on"], new["net"]))

    def of(self, account: str | None, currency: str) -> tuple[int, int]:
        """Available and pending now, in minor units."""
        key = (account, currency)
        coming, now = self._coming.get(key, []), int(self._store.clock())
        while coming and coming[0][0] <= now:
            self.available[key] = self.available.get(key, 0) + heapq.heappop(coming)[1]
        return self.available.get(key, 0), sum(net for _, net in coming)

    def currencies(self, account: str | None) -> list[str]:
        return sorted(c for a, c in self._coming if a == account)


def book(  # noqa: PLR0913 - these are the columns of one line in the books
    tx: Tx,
    kind: str,
    source: str,
    amount: int,
    currency: str,
    *,
    category: str | None = None,
    account: str | None = None,
    fees: tuple[tuple[int, str], ...] = (),
    available_on: int | None = None,
    exchange_rate: float | None = None,
    description: str | None = None,
) -> Json:
    """Write one balance transaction. `amount` is signed and gross; the fees come off it."""
    fee = sum(part for part, _ in fees)
    details = [
        {"amount": part, "application": None, "currency": currency, "description": text, "type": "stripe_fee"}
        for part, text in fees
    ]
    row = {
        "id": stripe_id("txn"),
        "object": "balance_transaction",
        "amount": amount,
        "available_on": tx.now if available_on is None else available_on,
        "balance_type": "payments",
        "created": tx.now,
        "currency": currency,
        "description": description,
        "exchange_rate": exchange_rate,
        "fee": fee,
        "fee_details": details,
        "net": amount - fee,
        "reporting_category": category or kind,
        "source": source,
        "status": "pending",
        "type": kind,
        "_account": account,
    }
    return tx.put("balance_transaction", row)


def available(tx: Tx, account: str | None, currency: str) -> int:
    """What may be moved now, with this transaction's own lines counted."""
    staged: int = sum(
        row["net"]
        for (name, key), row in tx.changes.items()
        if name == "balance_transaction" and row is not None
        and row["_account"] == account and row["currency"] == currency and row["available_on"] <= tx.now
        and tx.is_new(name, key)
    )  # fmt: skip
    free: int = tx.balances.of(account, currency)[0]
    return free + staged


def _balance(tx: Tx, call: Call) -> Json:
    ready, coming = [], []
    for currency in tx.balances.currencies(call.account) or [tx.settings.currencies[0]]:
        free, pending = tx.balances.of(call.account, currency)
        ready.append({"amount": free, "currency": currency, "source_types": {"card": free}})
        coming.append({"amount": pending, "currency": currency, "source_types": {"card": pending}})
    return {"object": "balance", "available": ready, "pending": coming, "livemode": False}


def _list(tx: Tx, call: Call) -> Json:
    source, kind, payout, currency = (call.params.text(k) for k in ("source", "type", "payout", "currency"))
    if payout is not None and tx.peek("payout", payout) is None:
        raise no_such("payout", payout, "payout")
    return page(
        tx,
        call,
        "balance_transaction",
        lambda row: (
            source in (None, row["source"])
            and kind in (None, row["type"])
            and currency in (None, row["currency"])
            and payout in (None, _payout_of(tx, row))
        ),
    )


def _payout_of(tx: Tx, row: Json) -> str | None:
    """Automatic payouts settle the lines before them; the link is kept beside, for lines never change."""
    if row["type"].startswith("payout"):
        return str(row["source"])
    link = tx.peek("paid_out", row["id"])
    return link["payout"] if link else None


def _retrieve(tx: Tx, call: Call) -> Json:
    row = tx.peek("balance_transaction", call.ids["id"])
    if row is None or row["_account"] != call.account:
        raise no_such("balance transaction", call.ids["id"])
    return row


def _top_up(tx: Tx, call: Call) -> Json:
    """Money from the platform's own bank. Real top-ups take days; here they settle like a payment."""
    from daigou.sandbox.stripe.currencies import check_payout, known

    currency = known(call.params.need("currency"))
    amount = check_payout(call.params.need_number("amount"), currency)
    if currency not in tx.settings.currencies:
        raise StripeError(f"Top-ups in {currency} are not possible on this account.", param="currency")
    return top_up(tx, amount, currency, call.params.text("description"))


def top_up(tx: Tx, amount: int, currency: str, description: str | None) -> Json:
    row: Json = {
        "id": stripe_id("tu"),
        "object": "topup",
        "amount": amount,
        "currency": currency,
        "created": tx.now,
        "description": description,
        "livemode": False,
        "metadata": {},
        "status": "succeeded",
        "_account": None,
    }
    line = book(tx, "topup", row["id"], amount, currency, description=description)
    return tx.put("topup", {**row, "balance_transaction": line["id"]})


ROUTES = (
    Route("GET", "/v1/balance", _balance),
    Route(
        "GET",
        "/v1/balance_transactions",
        _list,
        frozenset(("source", "type", "payout", "currency", "created")),
    ),
    Route("GET", "/v1/balance_transactions/<id>", _retrieve),
    Route("POST", "/v1/topups", _top_up, frozenset(("amount", "currency", "description", "metadata"))),
)
