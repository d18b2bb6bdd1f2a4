"""Payouts from a balance to a bank, asked for or automatic."""

from daigou.sandbox.ids import stripe_id
from daigou.sandbox.store import Json, Tx
from daigou.sandbox.stripe import currencies
from daigou.sandbox.stripe.balance import available, book
from daigou.sandbox.stripe.call import Call
from daigou.sandbox.stripe.errors import StripeError, no_such
from daigou.sandbox.stripe.events import emit
from daigou.sandbox.stripe.lists import page
from daigou.sandbox.timers import schedule, works
from daigou.sandbox.wire import Route
from daigou.sandbox.words import words

_CREATE = words("amount currency description metadata method source_type statement_descriptor destination")


def _create(tx: Tx, call: Call) -> Json:
    currency = currencies.known(call.params.need("currency"))
    amount = currencies.check_payout(call.params.need_number("amount"), currency)
    _check_allowed(tx, call.account)
    if available(tx, call.account, currency) < amount:
        raise StripeError(
            "You have insufficient funds in your Stripe account for this transfer."
            " Your card balance is too low."
            " You can use the /v1/balance endpoint to view your Stripe balance.",
            code="balance_insufficient",
            param="amount",
        )
    row = _open(tx, call.account, amount, currency, automatic=False)
    row["description"] = call.params.text("description")
    row["metadata"] = call.params.metadata()
    return row


def _check_allowed(tx: Tx, account: str | None) -> None:
    row = tx.peek("account", account) if account else None
    if row is not None and not row["payouts_enabled"]:
        message = "Cannot create payouts; this account has missing requirements or no external account."
        raise StripeError(message, code="payouts_not_allowed")


def _open(tx: Tx, account: str | None, amount: int, currency: str, automatic: bool) -> Json:
    key = stripe_id("po")
    line = book(tx, "payout", key, -amount, currency, account=account)
    owner = tx.peek("account", account or "") or {}
    banks = owner.get("external_accounts", {}).get("data") or [{"id": None}]
    row: Json = {
        "id": key, "object": "payout", "amount": amount, "arrival_date": tx.now, "automatic": automatic,
        "balance_transaction": line["id"], "created": tx.now, "currency": currency, "description": None,
        "destination": banks[0]["id"], "failure_balance_transaction": None, "failure_code": None,
        "failure_message": None, "livemode": False, "metadata": {}, "method": "standard",
        "original_payout": None, "reconciliation_status": "completed" if automatic else "not_applicable",
        "reversed_by": None, "source_type": "card", "statement_descriptor": None, "status": "pending",
        "trace_id": None, "type": "bank_account", "_account": account,
    }  # fmt: skip
    tx.put("payout", row)
    emit(tx, "payout.created", row)
    schedule(tx, "payout.arrives", key, tx.settings.automatic_payout_seconds / 2)
    return row


def consider(tx: Tx, account: Json, ready: int) -> None:
    """Money is on its way to this account; pay it out by itself once it is there, unless told otherwise."""
    if account["settings"]["payouts"]["schedule"]["interval"] != "manual":
        schedule(tx, "payout.automatic", account["id"], ready - tx.now + tx.settings.automatic_payout_seconds)


@works("payout.automatic")
def _automatic(tx: Tx, key: str) -> None:
    account = tx.peek("account", key)
    if account is None or not account["payouts_enabled"]:
        return
    currency = account["default_currency"]
    amount = available(tx, key, currency)
    if currency in currencies.PAYOUT_WHOLE:
        amount -= amount % 100
    if amount <= 0:
        return
    lines = [row["id"] for row in tx.rows("balance_transaction") if _settles(tx, row, key, currency)]
    row = _open(tx, key, amount, currency, automatic=True)
    for line in lines:
        tx.put("paid_out", {"id": line, "payout": row["id"]})


def _settles(tx: Tx, row: Json, account: str, currency: str) -> bool:
    mine = row["_account"] == account and row["currency"] == currency and row["available_on"] <= tx.now
    return mine and row["type"] != "payout" and tx.peek("paid_out", row["id"]) is None


@works("payout.arrives")
def _arrives(tx: Tx, key: str) -> None:
    row = tx.edit("payout", key) or {}
    if row.get("status") != "pending":
        return
    owner = tx.edit("account", row["_account"] or "")
    if owner and owner["_payouts"] == "fail":
        fail(tx, row, owner)
        return
    row["status"] = "paid"
    emit(tx, "payout.paid", row)


def fail(tx: Tx, row: Json, owner: Json | None) -> None:
    """The bank sent it back. Stripe then holds further payouts until the bank account is changed."""
    line = book(
        tx, "payout_failure", row["id"], row["amount"], row["currency"], category="payout_reversal",
        account=row["_account"],
    )  # fmt: skip
    row.update(
        status="failed", failure_code="no_account", failure_balance_transaction=line["id"],
        failure_message="The bank account details on file are probably incorrect.",
    )  # fmt: skip
    emit(tx, "payout.failed", row)
    if owner is not None:
        owner["payouts_enabled"] = False
        owner["external_accounts"]["data"][0]["status"] = "errored"
        emit(tx, "account.updated", owner)


def _cancel(tx: Tx, call: Call) -> Json:
    _retrieve(tx, call)
    row = tx.edit("payout", call.ids["id"]) or {}
    if row["status"] != "pending":
        raise StripeError("Payouts can only be canceled while they are pending.", code="payout_already_canceled")
    book(tx, "payout_cancel", row["id"], row["amount"], row["currency"], category="payout_reversal",
         account=row["_account"])  # fmt: skip
    row["status"] = "canceled"
    emit(tx, "payout.canceled", row)
    return row


def _retrieve(tx: Tx, call: Call) -> Json:
    row = tx.peek("payout", call.ids["id"])
    if row is None or row["_account"] != call.account:
        raise no_such("payout", call.ids["id"])
    return row


def _list(tx: Tx, call: Call) -> Json:
    status = call.params.text("status")
    return page(tx, call, "payout", lambda row: status in (None, row["status"]))


ROUTES = (
    Route("POST", "/v1/payouts", _create, _CREATE),
    Route("GET", "/v1/payouts", _list, frozenset(("status", "created", "arrival_date", "destination"))),
    Route("GET", "/v1/payouts/<id>", _retrieve),
    Route("POST", "/v1/payouts/<id>/cancel", _cancel),
)
