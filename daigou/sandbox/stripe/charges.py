"""Charges: one attempt to take money, and the line that it leaves in the books."""

import hashlib

from daigou.sandbox.ids import stripe_id
from daigou.sandbox.store import Json, Tx
from daigou.sandbox.stripe.balance import book
from daigou.sandbox.stripe.call import Call
from daigou.sandbox.stripe.currencies import convert, share
from daigou.sandbox.stripe.errors import no_such
from daigou.sandbox.stripe.events import emit
from daigou.sandbox.stripe.lists import page
from daigou.sandbox.stripe.methods import Card
from daigou.sandbox.wire import Route


def open_charge(tx: Tx, intent: Json, kind: str, card: Card | None, status: str) -> Json:
    """A charge in the given status; `settle` books it once the money is there."""
    paid_by_card = kind in ("card", "link")
    row: Json = {
        "id": stripe_id("ch" if paid_by_card else "py"),
        "object": "charge",
        "amount": intent["amount"],
        "amount_captured": 0,
        "amount_refunded": 0,
        "balance_transaction": None,
        "billing_details": {"address": None, "email": intent.get("_email"), "name": None, "phone": None},
        "captured": False,
        "created": tx.now,
        "currency": intent["currency"],
        "customer": intent["customer"],
        "description": intent["description"],
        "disputed": False,
        "failure_code": None,
        "failure_message": None,
        "fraud_details": {},
        "livemode": False,
        "metadata": dict(intent["metadata"]),
        "outcome": None,
        "paid": False,
        "payment_intent": intent["id"],
        "payment_method": intent["payment_method"],
        "payment_method_details": _details(kind, card),
        "receipt_email": intent["receipt_email"],
        "receipt_url": None,
        "refunded": False,
        "shipping": intent["shipping"],
        "source_transfer": None,
        "statement_descriptor": intent["statement_descriptor"],
        "status": status,
        "transfer_group": intent["transfer_group"],
        "_account": intent["_account"],
        "_method": kind,
        "_refunds": [],
        "_then": card.then if card else "",
    }
    return tx.put("charge", row)


def _details(kind: str, card: Card | None) -> Json:
    if card is None:
        return {"type": kind, kind: {}}
    secure = {"authentication_flow": "challenge", "result": "authenticated"} if card.challenge else None
    return {"type": "card", "card": {
        "brand": card.brand, "country": "US", "exp_month": 12, "exp_year": 2034, "funding": card.funding,
        "fingerprint": hashlib.sha256(f"{card.brand}|{card.last4}|{card.wallet}".encode()).hexdigest()[:16],
        "last4": card.last4, "network": card.brand, "three_d_secure": secure,
        "wallet": {"type": card.wallet, card.wallet: {}, "dynamic_last4": None} if card.wallet else None,
    }}  # fmt: skip


def settle(tx: Tx, charge: Json) -> Json:
    """The money is there: convert it if need be, take the fee, book the line."""
    target = settlement_currency(tx, charge["currency"])
    gross, rate = convert(charge["amount"], charge["currency"], target, tx.now)
    fees = [(share(gross, tx.settings.fee_percent), "Stripe processing fees")]
    if rate is not None:
        fees.append((share(gross, tx.settings.conversion_percent), "Stripe currency conversion fee"))
    line = book(
        tx,
        "charge" if charge["id"].startswith("ch_") else "payment",
        charge["id"],
        gross,
        target,
        category="charge",
        account=charge["_account"],
        fees=tuple(fees),
        available_on=tx.now + tx.settings.settle_seconds,
        exchange_rate=rate,
        description=charge["description"],
    )
    charge.update(
        status="succeeded",
        paid=True,
        captured=True,
        amount_captured=charge["amount"],
        balance_transaction=line["id"],
        receipt_url=f"{tx.settings.public_url}/receipts/{charge['id']}",
        outcome={
            "network_status": "approved_by_network", "reason": None, "risk_level": "normal", "risk_score": 12,
            "seller_message": "Payment complete.", "type": "authorized",
        },
    )  # fmt: skip
    emit(tx, "charge.succeeded", charge)
    return charge


def settlement_currency(tx: Tx, currency: str) -> str:
    return currency if currency in tx.settings.currencies else tx.settings.currencies[0]


def refuse(tx: Tx, charge: Json, code: str, decline: str | None, message: str) -> Json:
    charge.update(
        status="failed",
        failure_code=code,
        failure_message=message,
        outcome={
            "network_status": "declined_by_network", "reason": decline, "risk_level": "normal",
            "risk_score": 12, "seller_message": "The bank refused this payment.", "type": "issuer_declined",
        },
    )  # fmt: skip
    emit(tx, "charge.failed", charge)
    return charge


def need(tx: Tx, key: str, param: str, account: str | None) -> Json:
    """The charge, to look at. Raises Stripe's 404."""
    row = tx.peek("charge", key)
    if row is None or row["_account"] != account:
        raise no_such("charge", key, param)
    return row


def _retrieve(tx: Tx, call: Call) -> Json:
    return need(tx, call.ids["id"], "id", call.account)


def _update(tx: Tx, call: Call) -> Json:
    before = need(tx, call.ids["id"], "id", call.account)
    row = tx.edit("charge", before["id"]) or {}
    row["metadata"] = call.params.metadata(row["metadata"])
    row["description"] = call.params.text("description", row["description"])
    emit(tx, "charge.updated", row, before)
    return row


def _list(tx: Tx, call: Call) -> Json:
    filters = {k: call.params.text(k) for k in ("payment_intent", "customer", "transfer_group")}
    return page(tx, call, "charge", lambda row: all(v in (None, row[k]) for k, v in filters.items()))


ROUTES = (
    Route("GET", "/v1/charges", _list, frozenset(("payment_intent", "customer", "transfer_group", "created"))),
    Route("GET", "/v1/charges/<id>", _retrieve),
    Route("POST", "/v1/charges/<id>", _update, frozenset(("metadata", "description"))),
)
