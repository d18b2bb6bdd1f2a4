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

    def takes(self, currency: str) -> bool:
        return "*" in self.currencies or currency in self.currencies


_ROWS = (
    Method("card", "Card", _WORLD, 365),
    Method("link", "Link", _WORLD, 365),
    Method("alipay", "Alipay", _set("cny aud cad eur gbp hkd jpy myr nzd sgd usd"), 90, slow_refund=True),
    Method(
        "wechat_pay",
        "WeChat Pay",
        _set("cny aud cad chf dkk eur gbp hkd jpy nok sek sgd usd"),
        180,
        False,
        True,
    ),
    Method("paypal", "PayPal", _set("eur gbp usd aud cad chf czk dkk hkd nok nzd pln sek sgd"), 180),
    Method("klarna", "Klarna", _set("eur usd gbp aud cad chf czk dkk nok nzd pln ron sek"), 180),
    Method("afterpay_clearpay", "Afterpay / Clearpay", _set("usd cad gbp aud nzd"), 120),
    Method("affirm", "Affirm", _set("usd cad"), 120),
    Method("customer_balance", "Bank transfer", _set("jpy eur gbp usd mxn"), 180, True, True),
    Method("sepa_debit", "SEPA direct debit", _set("eur"), 180, True, True),
    Method("konbini", "Convenience store", _set("jpy"), None, True),
)
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


CARDS = {
    "succeed": Card("4242"),
    "decline": Card("0002", "card_declined", "generic_decline", "Your card was declined."),
    "insufficient_funds": Card("9995", "card_declined", "insufficient_funds", "Your card has insufficient funds."),
    "expired_card": Card("0069", "expired_card", None, "Your card has expired."),
    "three_d_secure": Card("3220", challenge=True),
    "refund_pending": Card("7726", then="refund_pending"),
    "refund_fail": Card("5126", then="refund_fail"),
    "dispute": Card("0259", then="dispute"),
}
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
