"""What a hosted page is asked to sell, in Stripe's own terms. Pure."""

from __future__ import annotations

from typing import Any

from daigou.providers.payment import PageOrder

from .amounts import to_stripe

PAGE_LOCALES = {"en": "en", "zh_Hans": "zh"}
BANK_TRANSFER = "customer_balance"
# Which kind of bank details a transfer gets, by its currency (docs.stripe.com/payments/bank-transfers).
_TRANSFERS = {
    "EUR": "eu_bank_transfer",
    "GBP": "gb_bank_transfer",
    "JPY": "jp_bank_transfer",
    "USD": "us_bank_transfer",
}
# Countries whose IBAN Stripe issues; payers elsewhere get the first one's.
_IBANS = ("DE", "BE", "ES", "FR", "IE", "NL")


def page(order: PageOrder) -> dict[str, Any]:
    """The parameters of a Checkout Session: all of them from the order, so that a repeat asks for the very same."""
    marks = {"attempt_id": order.attempt_id, "bill_ref": order.bill_ref}
    return {
        "mode": "payment",
        "line_items": [{"quantity": 1, "price_data": _price(order)}],
        "payment_method_types": list(order.types),
        "payment_method_options": _options(order),
        "metadata": marks,
        "payment_intent_data": {"metadata": marks, "description": order.title} | _shipping(order),
        "client_reference_id": order.bill_ref,
        "expires_at": int(order.expires_at.timestamp()),
        "locale": PAGE_LOCALES.get(order.locale, "auto"),
        "success_url": order.success_url,
        "cancel_url": order.cancel_url,
        # The price was agreed in this currency; the provider must not offer another one.
        "adaptive_pricing": {"enabled": False},
    }


def needs_customer(order: PageOrder) -> bool:
    return BANK_TRANSFER in order.types


def _shipping(order: PageOrder) -> dict[str, Any]:
    """Afterpay and Clearpay want it (docs.stripe.com/payments/afterpay-clearpay/accept-a-payment); nobody else does."""
    to = order.consignee
    if to is None:
        return {}
    address = {"line1": to.street, "city": to.city, "postal_code": to.postal_code, "country": to.country}
    return {"shipping": {"name": to.name, "address": address | ({"state": to.region} if to.region else {})}}


def _price(order: PageOrder) -> dict[str, Any]:
    return {
        "currency": order.amount.currency.lower(),
        "unit_amount": to_stripe(order.amount),
        "product_data": {"name": order.title},
    }


def _options(order: PageOrder) -> dict[str, Any]:
    found: dict[str, Any] = {}
    if "wechat_pay" in order.types:
        found["wechat_pay"] = {"client": "web"}
    if BANK_TRANSFER in order.types:
        found[BANK_TRANSFER] = {"funding_type": "bank_transfer", "bank_transfer": _bank(order)}
    return found


def _bank(order: PageOrder) -> dict[str, Any]:
    kind = _TRANSFERS[order.amount.currency]
    if kind != "eu_bank_transfer":
        return {"type": kind}
    return {"type": kind, kind: {"country": order.country if order.country in _IBANS else _IBANS[0]}}
