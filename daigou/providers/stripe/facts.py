"""Stripe's objects as our facts. Pure: plain dictionaries in, dataclasses out."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

from daigou.providers.payment import (
    CHECKED,
    AccountSeen,
    BookLine,
    DisputeSeen,
    PaymentSeen,
    PayoutSeen,
    RefundSeen,
    RefusedTry,
    ReversalSeen,
    TransferSeen,
)

from .amounts import from_stripe

Json = dict[str, Any]

# An intent's status in our words; what a decline leaves is still open, for the payer may try another card.
_INTENT = {
    "succeeded": "paid",
    "processing": "processing",
    "canceled": "failed",
}
# Next actions that wait for money rather than for a click, and the way to pay that they belong to.
_AWAITED = {"display_bank_transfer_instructions": "bank_transfer", "konbini_display_details": "konbini"}
_REFUND = {"succeeded": "succeeded", "failed": "failed", "canceled": "failed"}


def line(row: Any) -> BookLine | None:
    """A balance transaction, when it was expanded and there is one."""
    if not isinstance(row, dict):
        return None
    return BookLine(
        id=row["id"],
        kind=row["reporting_category"],
        source=str(row["source"] or ""),
        gross=from_stripe(row["amount"], row["currency"]),
        fee=from_stripe(row["fee"], row["currency"]),
        created=datetime.fromtimestamp(row["created"], UTC),
        available_on=datetime.fromtimestamp(row["available_on"], UTC),
    )


def payment(session: Json | None, intent: Json | None) -> PaymentSeen:
    """What a session and its intent (either may be missing) say together."""
    source: Json = session or intent or {}
    attempt = str((source.get("metadata") or {}).get("attempt_id", ""))
    if not isinstance(intent, dict):
        return PaymentSeen(attempt, "expired" if source.get("status") == "expired" else "open")
    charge = intent.get("latest_charge")
    charge = charge if isinstance(charge, dict) else {}
    error = intent.get("last_payment_error") or {}
    last = refused(intent)
    return PaymentSeen(
        attempt_id=attempt,
        status=_status(session, intent),
        intent_id=intent["id"],
        amount=from_stripe(intent["amount_received"] or intent["amount"], intent["currency"]),
        charge_id=charge.get("id"),
        method=_method(charge.get("payment_method_details") or error.get("payment_method") or {})
        or _AWAITED.get(_action(intent).get("type", "")),
        line=line(charge.get("balance_transaction")),
        refusal=_reason(error),
        instructions_url=_instructions(_action(intent)),
        refused=last if last and last.id else None,
        card=_card(charge.get("payment_method_details") or {}),
    )


def refused(intent: Json, event: str = "") -> RefusedTry | None:
    """The last try of an intent that did not go through: by the charge it left, else by the event that told of it."""
    error = intent.get("last_payment_error") or {}
    code = _reason(error)
    if code is None:
        return None
    attempt = str((intent.get("metadata") or {}).get("attempt_id", ""))
    tried = error.get("payment_method") or {}
    return RefusedTry(str(error.get("charge") or event), attempt, code, _method(tried), _card(tried))


def _reason(error: Json) -> str | None:
    return error.get("decline_code") or error.get("code")


def _method(details: Json) -> str | None:
    """Our name of the way that was taken. Wallets, prepaid cards and UnionPay are cards to Stripe."""
    kind = details.get("type")
    card = details.get("card") or {}
    if kind != "card":
        return "bank_transfer" if kind == "customer_balance" else kind
    wallet = (card.get("wallet") or {}).get("type")
    if wallet in ("apple_pay", "google_pay"):
        return str(wallet)
    if "unionpay" in (card.get("brand"), card.get("network")):
        return "unionpay"
    return "prepaid_card" if card.get("funding") == "prepaid" else "card"


def _card(details: Json) -> str:
    """Stripe's fingerprint of a card's number: the same for whoever pays with it. Wallets have numbers of their own."""
    return str((details.get("card") or {}).get("fingerprint") or "")


def _action(intent: Json) -> Json:
    return intent.get("next_action") or {}


def _instructions(action: Json) -> str | None:
    details = action.get(action.get("type", ""))
    return details.get("hosted_instructions_url") if isinstance(details, dict) else None


def _status(session: Json | None, intent: Json) -> str:
    if _action(intent).get("type") in _AWAITED and intent["status"] == "requires_action":
        return "processing"  # the payer has the bank details, and the money is awaited
    status = _INTENT.get(intent["status"], "open")
    if status != "open" or session is None:
        return status
    if session["status"] == "expired":
        return "expired"
    # The page is done and the money did not come: a delayed method failed.
    return "failed" if session["status"] == "complete" else "open"


def refund(row: Json) -> RefundSeen:
    return RefundSeen(
        id=row["id"],
        refund_id=str((row.get("metadata") or {}).get("refund_id", "")),
        status=_REFUND.get(row["status"], "pending"),
        line=line(row.get("balance_transaction")),
        returned=line(row.get("failure_balance_transaction")),
        refusal=row.get("failure_reason"),
    )


def account(row: Json) -> AccountSeen:
    needs = row.get("requirements") or {}
    wanted = {*(needs.get("currently_due") or ()), *(needs.get("past_due") or ())}
    wanted |= {name + CHECKED for name in needs.get("pending_verification") or ()}
    transfers = (row.get("capabilities") or {}).get("transfers")
    return AccountSeen(
        id=row["id"],
        can_be_paid=transfers == "active" and bool(row.get("payouts_enabled")),
        is_submitted=bool(row.get("details_submitted")),
        requirements=tuple(sorted(wanted)),
    )


def transfer(row: Json) -> TransferSeen:
    payout = str((row.get("metadata") or {}).get("payout_id", ""))
    return TransferSeen(row["id"], payout, line(row.get("balance_transaction")), bool(row.get("reversed")))


def reversal(row: Json) -> ReversalSeen:
    recourse = str((row.get("metadata") or {}).get("recourse_id", ""))
    return ReversalSeen(row["id"], recourse, line(row.get("balance_transaction")))


def payout(row: Json, account: str | None) -> PayoutSeen:
    """The lines of a merchant's payout are in the merchant's books, not in ours."""
    lines = [line(row.get(name)) for name in ("balance_transaction", "failure_balance_transaction")]
    return PayoutSeen(
        id=row["id"],
        account_id=account,
        amount=from_stripe(row["amount"], row["currency"]),
        status="pending" if row["status"] == "in_transit" else row["status"],
        failure=row.get("failure_code"),
        arrives=datetime.fromtimestamp(row["arrival_date"], UTC).date(),
        lines=() if account else tuple(x for x in lines if x),
    )


def dispute(row: Json) -> DisputeSeen:
    lines = [line(one) for one in row.get("balance_transactions") or ()]
    due = (row.get("evidence_details") or {}).get("due_by")
    return DisputeSeen(
        id=row["id"],
        charge_id=str(row["charge"]),
        status=row["status"],
        reason=row["reason"],
        amount=from_stripe(row["amount"], row["currency"]),
        lines=tuple(x for x in lines if x),
        due_at=datetime.fromtimestamp(due, UTC) if due else None,
    )
