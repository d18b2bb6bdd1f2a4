"""The provider's codes in words that help: what happened, and what to try next."""

from __future__ import annotations

from typing import Any

from daigou.core.i18n import lazy

DECLINED = {
    "insufficient_funds": lazy("There is not enough money on this card. Try another card or another way to pay."),
    "expired_card": lazy("This card has expired. Try another card."),
    "incorrect_cvc": lazy("The security code does not match the card. Check it and try again."),
    "lost_card": lazy("Your bank does not accept this card any more. Try another one."),
    "stolen_card": lazy("Your bank does not accept this card any more. Try another one."),
    "authentication_required": lazy("Your bank wants to be sure that it is you. Try again and confirm the payment."),
    "payment_intent_authentication_failure": lazy(
        "The payment was not confirmed with your bank. Try again and confirm it, or pay another way."
    ),
    "payment_method_provider_decline": lazy("Your bank did not send the money. Try again, or pay another way."),
    "processing_error": lazy("Something went wrong at the bank. Try again in a minute."),
    "amount_too_small": lazy("This amount is too small for the payment provider. Write to support."),
    "amount_too_large": lazy("This amount is more than the payment provider takes at once. Write to support."),
}
_DECLINED_OTHERWISE = lazy("Your bank declined the payment. Try another card or another way to pay, or ask your bank.")

WAITING = {
    "no_account": lazy("You have not set up payouts yet. Set them up, and the money goes out at once."),
    "account_not_ready": lazy("The payment provider still needs something from you before it may pay you."),
    "insufficient_capabilities_for_transfer": lazy(
        "The payment provider still needs something from you before it may pay you."
    ),
    "balance_insufficient": lazy("The payments are still on their way to us. The money goes out when they are here."),
    "scheduled": lazy("It goes out with your next payout, on the day that you have chosen."),
    "no_bank_details": lazy(
        "We don’t know your bank account yet. Enter it, and the money goes out with the next file."
    ),
    "bank_details_new": lazy(
        "You have changed your bank details. For your safety we send nothing there before the third day."
    ),
    "account_invalid": lazy("Your account at the payment provider was closed. Set up payouts again."),
    "bank_returned": lazy("Your bank sent the money back. Check your bank details; support has been told."),
    "bank_file_dropped": lazy("The bank file was not approved. The money goes out with the next one."),
    "rail_bank_file": lazy("Payouts to your country go by bank transfer. We send them together, after two approvals."),
    "rail_missing": lazy("There is no way to pay out to your country yet. Support has been told."),
    "currency": lazy("Your currency is paid by bank transfer. We send these together, after two approvals."),
}
_WAITING_OTHERWISE = lazy("A person is looking at this payout.")


def declined(code: str | None) -> Any:
    """For the payer. None when there was no refusal."""
    return DECLINED.get(code, _DECLINED_OTHERWISE) if code else None


def waiting(code: str | None) -> Any:
    """For the merchant whose money waits."""
    return WAITING.get(code or "", _WAITING_OTHERWISE)
