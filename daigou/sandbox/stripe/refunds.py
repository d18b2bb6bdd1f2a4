"""Refunds: in the payment's own currency, never more than was taken, and not for ever."""

from daigou.sandbox.ids import stripe_id
from daigou.sandbox.store import Json, Tx
from daigou.sandbox.stripe import charges, intents
from daigou.sandbox.stripe.balance import available, book
from daigou.sandbox.stripe.call import Call
from daigou.sandbox.stripe.currencies import check_shape, convert, display
from daigou.sandbox.stripe.errors import StripeError, invalid, no_such
from daigou.sandbox.stripe.events import emit
from daigou.sandbox.stripe.lists import page
from daigou.sandbox.stripe.methods import METHODS
from daigou.sandbox.timers import schedule, works
from daigou.sandbox.wire import Route

DAY = 86400
REASONS = ("duplicate", "fraudulent", "requested_by_customer")
RETRY_SECONDS = 5


def _create(tx: Tx, call: Call) -> Json:
    charge = _charge_of(tx, call)
    left = charge["amount"] - charge["amount_refunded"]
    if left <= 0:
        raise StripeError(f"Charge {charge['id']} has already been refunded.", code="charge_already_refunded")
    amount = call.params.number("amount", left) or 0
    _check_amount(charge, amount, left)
    _check_refundable(tx, charge)
    row: Json = {
        "id": stripe_id("re" if charge["id"].startswith("ch_") else "pyr"),
        "object": "refund",
        "amount": amount,
        "balance_transaction": None,
        "charge": charge["id"],
        "created": tx.now,
        "currency": charge["currency"],
        "destination_details": {"type": charge["_method"]},
        "failure_reason": None,
        "metadata": call.params.metadata(),
        "payment_intent": charge["payment_intent"],
        "reason": call.params.choice("reason", REASONS),
        "receipt_number": None,
        "source_transfer_reversal": None,
        "status": "pending",
        "transfer_reversal": None,
        "_account": charge["_account"],
    }
    tx.put("refund", row)
    charge["amount_refunded"] += amount
    charge["refunded"] = charge["amount_refunded"] == charge["amount"]
    charge["_refunds"].append(row["id"])
    _execute(tx, row, charge)
    emit(tx, "refund.created", row)
    emit(tx, "charge.refunded", charge)
    return row


def _charge_of(tx: Tx, call: Call) -> Json:
    """The charge to refund, for writing. Raises for none, unknown or unpaid."""
    key, intent_key = call.params.text("charge"), call.params.text("payment_intent")
    if intent_key is not None:
        intent = intents.need(tx, intent_key, "payment_intent", call.account)
        key = intent["latest_charge"]
        if intent["status"] != "succeeded" or key is None:
            message = f"This PaymentIntent ({intent_key}) does not have a successful charge to refund."
            raise StripeError(message, code="payment_intent_unexpected_state", param="payment_intent")
    if key is None:
        raise invalid("One of the following params should be provided: payment_intent or charge.",
                      "charge", "parameter_missing")  # fmt: skip
    charge = charges.need(tx, key, "charge", call.account)
    if charge["status"] != "succeeded":
        raise StripeError(f"Charge {key} is not paid and cannot be refunded.", code="charge_not_refundable")
    return tx.edit("charge", key) or {}


def _check_amount(charge: Json, amount: int, left: int) -> None:
    if amount < 1:
        raise invalid("This value must be greater than or equal to 1.", "amount", "parameter_invalid_integer")
    check_shape(amount, charge["currency"])
    if amount > left:
        whole = "charge amount" if left == charge["amount"] else "unrefunded amount on charge"
        asked, rest = display(amount, charge["currency"]), display(left, charge["currency"])
        raise StripeError(f"Refund amount ({asked}) is greater than {whole} ({rest})", param="amount")


def _check_refundable(tx: Tx, charge: Json) -> None:
    if charge["disputed"]:
        message = f"Charge {charge['id']} has been charged back; cannot issue a refund."
        raise StripeError(message, code="charge_disputed")
    method = METHODS.get(charge["_method"])
    if method is None or method.refund_days is None:
        message = f"Payments by {charge['_method']} cannot be refunded through the API."
        raise StripeError(message, code="charge_not_refundable")
    if tx.now - charge["created"] > method.refund_days * DAY:
        raise StripeError(
            f"Charge {charge['id']} is too old to be refunded: {method.kind} payments can be refunded"
            f" within {method.refund_days} days.",
            code="charge_not_refundable",
        )


def _execute(tx: Tx, row: Json, charge: Json) -> None:
    """Take the money from the balance at today's rate, or wait until there is enough."""
    settled = tx.peek("balance_transaction", charge["balance_transaction"]) or {}
    amount, rate = convert(row["amount"], row["currency"], settled["currency"], tx.now)
    short = available(tx, row["_account"], settled["currency"]) < amount
    if short and not tx.settings.refund_overdraft:
        row["pending_reason"] = "insufficient_funds"
        schedule(tx, "refund.retry", row["id"], RETRY_SECONDS)
        return
    row.pop("pending_reason", None)
    line = book(
        tx,
        "refund" if row["id"].startswith("re_") else "payment_refund",
        row["id"],
        -amount,
        settled["currency"],
        category="refund",
        account=row["_account"],
        exchange_rate=rate,
    )
    row["balance_transaction"] = line["id"]
    if METHODS[charge["_method"]].slow_refund or charge["_then"] == "refund_pending":
        row["pending_reason"] = "processing"
        schedule(tx, "refund.arrives", row["id"], tx.settings.async_refund_seconds)
        return
    row["status"] = "succeeded"
    if charge["_then"] == "refund_fail":
        schedule(tx, "refund.fails", row["id"], tx.settings.async_refund_seconds)


@works("refund.retry")
def _retry(tx: Tx, key: str) -> None:
    row = tx.edit("refund", key) or {}
    if row.get("status") == "pending" and row["balance_transaction"] is None:
        _execute(tx, row, tx.peek("charge", row["charge"]) or {})
        if row["balance_transaction"]:
            _tell_updated(tx, row)


@works("refund.arrives")
def _arrives(tx: Tx, key: str) -> None:
    row = tx.edit("refund", key) or {}
    if row.get("status") == "pending":
        row["status"] = "succeeded"
        row.pop("pending_reason", None)
        _tell_updated(tx, row)


@works("refund.fails")
def fail(tx: Tx, key: str) -> None:
    """The bank sent the money back: it returns to the balance and the charge counts as not refunded."""
    row = tx.edit("refund", key)
    if row is None or row["status"] not in ("pending", "succeeded") or not row["balance_transaction"]:
        return
    taken = tx.peek("balance_transaction", row["balance_transaction"]) or {}
    line = book(tx, "refund_failure", key, -taken["amount"], taken["currency"], account=row["_account"])
    row.update(status="failed", failure_reason="expired_or_canceled_card", failure_balance_transaction=line["id"])
    row.pop("pending_reason", None)
    _give_back(tx, row)
    emit(tx, "refund.failed", row)
    _tell_updated(tx, row)


def _give_back(tx: Tx, row: Json) -> None:
    charge = tx.edit("charge", row["charge"]) or {}
    charge["amount_refunded"] -= row["amount"]
    charge["refunded"] = False
    emit(tx, "charge.updated", charge)


def _tell_updated(tx: Tx, row: Json) -> None:
    emit(tx, "refund.updated", row)
    emit(tx, "charge.refund.updated", row)


def _cancel(tx: Tx, call: Call) -> Json:
    row = _edit(tx, call)
    if row["status"] != "pending" or row["balance_transaction"]:
        raise StripeError(f"You cannot cancel this Refund because it has a status of {row['status']}.")
    row["status"] = "canceled"
    _give_back(tx, row)
    _tell_updated(tx, row)
    return row


def _edit(tx: Tx, call: Call) -> Json:
    _retrieve(tx, call)
    return tx.edit("refund", call.ids["id"]) or {}


def _update(tx: Tx, call: Call) -> Json:
    row = _edit(tx, call)
    row["metadata"] = call.params.metadata(row["metadata"])
    _tell_updated(tx, row)
    return row


def _retrieve(tx: Tx, call: Call) -> Json:
    row = tx.peek("refund", call.ids["id"])
    if row is None or row["_account"] != call.account:
        raise no_such("refund", call.ids["id"])
    return row


def _list(tx: Tx, call: Call) -> Json:
    filters = {k: call.params.text(k) for k in ("payment_intent", "charge")}
    return page(tx, call, "refund", lambda row: all(v in (None, row[k]) for k, v in filters.items()))


ROUTES = (
    Route(
        "POST",
        "/v1/refunds",
        _create,
        frozenset(("charge", "payment_intent", "amount", "reason", "metadata", "instructions_email")),
    ),
    Route("GET", "/v1/refunds", _list, frozenset(("payment_intent", "charge", "created"))),
    Route("GET", "/v1/refunds/<id>", _retrieve),
    Route("POST", "/v1/refunds/<id>", _update, frozenset(("metadata",))),
    Route("POST", "/v1/refunds/<id>/cancel", _cancel),
)
