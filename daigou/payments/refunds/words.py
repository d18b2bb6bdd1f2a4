"""Why a refund did not go back, and what an officer can do about it."""

from __future__ import annotations

from typing import Any

from daigou.core.i18n import lazy

_GONE = lazy("The card or account is closed. Choose the shopper’s balance, or ask for a bank account.")
_AGAIN = lazy("The bank did not take it and does not say why. Try once more, then ask for a bank account.")

# The provider's codes (docs.stripe.com/refunds, "Failed refunds", read 2026-11), and ours.
FAILED = {
    "expired_or_canceled_card": _GONE,
    "lost_or_stolen_card": _GONE,
    "declined": _AGAIN,
    "unknown": _AGAIN,
    "refund_failed": _AGAIN,
    "insufficient_funds": lazy("There was not enough on our balance at the provider. Top it up, then try again."),
    "balance_insufficient": lazy("There was not enough on our balance at the provider. Top it up, then try again."),
    "charge_disputed": lazy("The shopper’s bank disputes this payment. Wait for the case to be decided."),
    "charge_for_pending_refund_disputed": lazy(
        "The shopper’s bank disputes this payment. Wait for the case to be decided."
    ),
    "charge_already_refunded": lazy("The provider says that all of it went back already. Look at the payment there."),
    "charge_not_refundable": lazy(
        "The time for refunds this way is over. Choose the shopper’s balance, or ask for a bank account."
    ),
    "merchant_request": lazy("It was called off at the provider. Ask who did, then decide anew."),
    "bank_given_up": lazy("The transfer to a bank account was given up. Choose another way."),
}
_OTHERWISE = lazy("The provider refused it. Its code says why: look it up there, then choose a way.")


def failed(code: str | None) -> Any:
    """For the officer who decides what becomes of it."""
    return FAILED.get(code or "", _OTHERWISE)
