"""The provider's codes in words that help: what happened, and what to try next."""

from __future__ import annotations

from typing import Any

from daigou.core.i18n import lazy

_LOST = lazy("Your bank does not accept this card any more. Try another one.")
_CHECK = lazy("The card’s number or date is not right. Check it and try again.")
_LIMIT = lazy("This card’s limit is reached for now. Try another card, pay another way, or ask your bank to raise it.")
_LATER = lazy("Something went wrong at the bank. Try again in a minute.")
_UNFIT = lazy("This card does not take payments of this kind or currency. Try another card or another way to pay.")
_UNCONFIRMED = lazy("The payment was not confirmed with your bank. Try again and confirm it, or pay another way.")
_TOO_LATE = lazy("The payment was not confirmed in time. Nothing was taken: try again, or pay another way.")
_CLOSED = lazy("This way to pay is not available to you at the moment. Choose another one.")
_PIN = lazy("The PIN was not right, or was entered too often. Try another card, or ask your bank.")

# Of a card, whether its number was typed, it lies in a phone's wallet or it was saved with Link.
CARD = {
    "insufficient_funds": lazy("There is not enough money on this card. Try another card or another way to pay."),
    "expired_card": lazy("This card has expired. Try another card."),
    "incorrect_cvc": lazy("The security code does not match the card. Check it and try again."),
    "invalid_cvc": lazy("The security code does not match the card. Check it and try again."),
    "incorrect_number": _CHECK,
    "invalid_number": _CHECK,
    "invalid_expiry_month": _CHECK,
    "invalid_expiry_year": _CHECK,
    "incorrect_zip": lazy("The postal code is not the one that your bank has. Check it and try again."),
    "incorrect_pin": _PIN,
    "invalid_pin": _PIN,
    "pin_try_exceeded": _PIN,
    "lost_card": _LOST,
    "stolen_card": _LOST,
    "pickup_card": _LOST,
    "restricted_card": _LOST,
    "card_velocity_exceeded": _LIMIT,
    "withdrawal_count_limit_exceeded": _LIMIT,
    "card_not_supported": _UNFIT,
    "currency_not_supported": _UNFIT,
    "invalid_amount": _UNFIT,
    "not_permitted": _UNFIT,
    "service_not_allowed": _UNFIT,
    "transaction_not_allowed": _UNFIT,
    "issuer_not_available": _LATER,
    "reenter_transaction": _LATER,
    "approve_with_id": _LATER,
    "payment_method_provider_decline": lazy("Your bank did not send the money. Try again, or pay another way."),
}
# Whichever way it was.
COMMON = {
    "authentication_required": lazy("Your bank wants to be sure that it is you. Try again and confirm the payment."),
    "payment_intent_authentication_failure": _UNCONFIRMED,
    "payment_method_customer_decline": lazy("You did not confirm the payment there. Try again, or pay another way."),
    "payment_method_provider_timeout": _TOO_LATE,
    "payment_intent_payment_attempt_expired": _TOO_LATE,
    "payment_method_not_available": _CLOSED,
    "payment_method_currency_mismatch": lazy("This way to pay does not take this currency. Choose another one."),
    "duplicate_transaction": lazy(
        "Your bank has just seen a payment like this one. Wait for some minutes and look here again before you pay."
    ),
    "processing_error": _LATER,
    "try_again_later": _LATER,
    "canceled": lazy("The money did not arrive in time. Nothing was taken: you can pay another way."),
    "amount_too_small": lazy("This amount is too small for the payment provider. Write to support."),
    "amount_too_large": lazy("This amount is more than the payment provider takes at once. Write to support."),
    "amount_step": lazy("The payment provider can’t take this exact amount. Write to support."),
    "amount_currency": lazy("The payment provider does not take this currency. Choose another one and order anew."),
}
_LENDER = lazy(
    "The lender did not agree after its own credit check. We do not see why. Choose a card or another way to pay."
)
_WALLET = lazy("The wallet declined the payment. Look there for the reason, or choose another way to pay.")
_CARD = lazy("Your bank declined the payment. Try another card or another way to pay, or ask your bank.")
# Any other no, by who said it. Ways that stand in no row are cards.
OTHERWISE = {
    "klarna": _LENDER,
    "afterpay_clearpay": _LENDER,
    "alipay": _WALLET,
    "wechat_pay": _WALLET,
    "paypal": _WALLET,
    "bank_transfer": CARD["payment_method_provider_decline"],
}
_NOT_TAKEN = lazy(
    "The payment provider can’t take this payment as it is. Nothing was charged and your order waits: try again in a "
    "few minutes, and write to support if it stays so."
)

WAITING = {
    "no_account": lazy("You have not set up payouts yet. Set them up, and the money goes out at once."),
    "no_account_possible": lazy(
        "The payment provider can’t open an account for you. Support has been told and will write to you."
    ),
    "account_not_ready": lazy("The payment provider still needs something from you before it may pay you."),
    "insufficient_capabilities_for_transfer": lazy(
        "The payment provider still needs something from you before it may pay you."
    ),
    "balance_insufficient": lazy("The payments are still on their way to us. The money goes out when they are here."),
    "scheduled": lazy("It goes out with your next payout, on the day that you have chosen."),
    "payout_hold": lazy("A shop that is new here waits some days for its money. The day stands beside it."),
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


def declined(code: str | None, method: str | None = None) -> Any:
    """For the payer: what happened and what to try next. None when there was no refusal."""
    if not code:
        return None
    if method in OTHERWISE:
        return COMMON.get(code, OTHERWISE[method])
    return COMMON.get(code) or CARD.get(code, _CARD)


def not_taken(code: str) -> Any:
    """For the payer whom no page could be opened for: the provider refused us, and no bank was asked."""
    return COMMON.get(code, _NOT_TAKEN)


def waiting(code: str | None) -> Any:
    """For the merchant whose money waits."""
    return WAITING.get(code or "", _WAITING_OTHERWISE)
