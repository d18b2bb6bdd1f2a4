"""Ways to pay, as rows: which currencies each takes, and how long a refund stays possible."""

from dataclasses import dataclass

_WORLD = frozenset(("*",))


def _set(codes: str) -> frozenset[str]:
    return frozenset(codes.split())


@dataclass(frozen=True)
class Method:
    """`refund_days` counts from the charge; None means that refunds never go back to the payer this way."""

    kind: str
    label: str
    currencies: frozenset[str]
    refund_days: int | None
    delayed: bool = False
    slow_refund: bool = False
    action: str = ""  # the next_action that the payer is sent to: a redirect, or bank details to pay to
    pages: bool = False  # whether that action is a page of the wallet or lender where the payer says yes or no

    def takes(self, currency: str) -> bool:
        return "*" in self.currencies or currency in self.currencies


_ROWS = (
    Method("card", "Card", _WORLD, 365),
    Method("link", "Link", _WORLD, 365),
    Method(
        "alipay", "Alipay", _set("cny aud cad eur gbp hkd jpy myr nzd sgd usd"), 90,
        slow_refund=True, action="alipay_handle_redirect", pages=True,
    ),
    Method(
        "wechat_pay", "WeChat Pay", _set("cny aud cad chf dkk eur gbp hkd jpy nok sek sgd usd"), 180,
        slow_refund=True, action="wechat_pay_display_qr_code", pages=True,
    ),
    Method(
        "paypal", "PayPal", _set("eur gbp usd aud cad chf czk dkk hkd nok nzd pln sek sgd"), 180,
        action="redirect_to_url", pages=True,
    ),
    Method(
        "klarna", "Klarna", _set("eur usd gbp aud cad chf czk dkk nok nzd pln ron sek"), 180,
        action="redirect_to_url", pages=True,
    ),
    Method(
        "afterpay_clearpay", "Afterpay / Clearpay", _set("usd cad gbp aud nzd"), 120,
        action="redirect_to_url", pages=True,
    ),
    Method("affirm", "Affirm", _set("usd cad"), 120, action="redirect_to_url", pages=True),
    Method(
        "customer_balance", "Bank transfer", _set("jpy eur gbp usd mxn"), 180, True, True,
        "display_bank_transfer_instructions",
    ),
    Method("sepa_debit", "SEPA direct debit", _set("eur"), 180, True, True),
    Method("konbini", "Convenience store", _set("jpy"), None, True, action="konbini_display_details"),
)  # fmt: skip
METHODS = {row.kind: row for row in _ROWS}
# What an account that turned on everything would offer without being told.
AUTOMATIC = ("card", "link", "alipay", "wechat_pay", "paypal", "klarna", "customer_balance", "sepa_debit")


def offered(currency: str, excluded: tuple[str, ...] = ()) -> list[str]:
    return [k for k in AUTOMATIC if METHODS[k].takes(currency) and k not in excluded]


@dataclass(frozen=True)
class Card:
    """One of Stripe's test cards. `then` names what happens after a successful charge."""

    last4: str
    error: str | None = None
    decline: str | None = None
    message: str = ""
    challenge: bool = False
    then: str = ""
    brand: str = "visa"
    funding: str = "credit"
    wallet: str = ""


CARDS = {
    "succeed": Card("4242"),
    "decline": Card("0002", "card_declined", "generic_decline", "Your card was declined."),
    "insufficient_funds": Card("9995", "card_declined", "insufficient_funds", "Your card has insufficient funds."),
    "expired_card": Card("0069", "expired_card", None, "Your card has expired."),
    "lost_card": Card("9987", "card_declined", "lost_card", "Your card was declined."),
    "incorrect_cvc": Card("0127", "incorrect_cvc", None, "Your card's security code is incorrect."),
    "processing_error": Card("0119", "processing_error", None, "An error occurred while processing your card."),
    "velocity": Card(
        "6975", "card_declined", "card_velocity_exceeded",
        "Your card was declined for making repeated attempts too frequently or exceeding its amount limit.",
    ),
    "prepaid": Card("5100", brand="mastercard", funding="prepaid"),
    "unionpay": Card("0005", brand="unionpay"),
    "apple_pay": Card("4242", wallet="apple_pay"),
    "google_pay": Card("4242", wallet="google_pay"),
    "three_d_secure": Card("3220", challenge=True),
    "refund_pending": Card("7726", then="refund_pending"),
    "refund_fail": Card("5126", then="refund_fail"),
    "dispute": Card("0259", then="dispute"),
}  # fmt: skip
# The payment methods that Stripe's test mode knows by name.
TEST_METHODS = {
    "pm_card_visa": "succeed",
    "pm_card_mastercard": "succeed",
    "pm_card_chargeDeclined": "decline",
    "pm_card_visa_chargeDeclined": "decline",
    "pm_card_chargeDeclinedInsufficientFunds": "insufficient_funds",
    "pm_card_visa_chargeDeclinedInsufficientFunds": "insufficient_funds",
    "pm_card_chargeDeclinedExpiredCard": "expired_card",
    "pm_card_threeDSecure2Required": "three_d_secure",
    "pm_card_authenticationRequired": "three_d_secure",
    "pm_card_createDispute": "dispute",
    "pm_card_pendingRefund": "refund_pending",
    "pm_card_refundFail": "refund_fail",
}
