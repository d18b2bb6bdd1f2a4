"""What the ways to pay are called, and what a payer should know of each."""

from __future__ import annotations

from daigou.core.i18n import lazy

NAMES = {
    "card": lazy("Credit or debit card"),
    "prepaid_card": lazy("Prepaid card"),
    "unionpay": lazy("UnionPay card"),
    "apple_pay": lazy("Apple Pay (contactless wallet)"),
    "google_pay": lazy("Google Pay (contactless wallet)"),
    "link": lazy("Link"),
    "paypal": lazy("PayPal"),
    "alipay": lazy("Alipay"),
    "wechat_pay": lazy("WeChat Pay"),
    "klarna": lazy("Klarna"),
    "afterpay_clearpay": lazy("Afterpay / Clearpay"),
    "bank_transfer": lazy("Bank transfer"),
    "wallet": lazy("Your balance with us"),
}
NOTES = {
    "card": lazy("Your bank may ask you to confirm it."),
    "prepaid_card": lazy("Keep the card: a refund can only go back to it."),
    "unionpay": lazy("Your bank may ask you to confirm it."),
    "apple_pay": lazy("On a device that has it set up."),
    "google_pay": lazy("On a device that has it set up."),
    "link": lazy("With the card that you saved with Link."),
    "paypal": lazy("You sign in at PayPal to confirm it."),
    "alipay": lazy("You confirm it in the Alipay app."),
    "wechat_pay": lazy("You scan a code with WeChat to confirm it."),
    "klarna": lazy("In instalments or later. Klarna lends you the money and checks your credit: it decides, not we."),
    "afterpay_clearpay": lazy(
        "In instalments. Afterpay or Clearpay lends you the money and checks your credit: it decides, not we."
    ),
    "bank_transfer": lazy("You get bank details to send the money to. We buy when it has arrived."),
}
# Why the first of the list is recommended.
REASONS = {
    "last": lazy("You paid this way last time, and it worked."),
    "home": lazy("It is a usual way to pay in your country, and it works with this amount and currency."),
    "at_once": lazy("It is confirmed at once, so the merchant can go on today."),
    "later": lazy("It fits this amount and currency. It takes some days."),
    "only": lazy("It is the only way that fits this amount and currency."),
}
NO_WAY = {
    "currency": "There is no way to pay in %(currency)s from your country. Choose another currency and order anew.",
    "small": "The least that can be paid at once is %(limit)s. Order something more with it. Nothing was charged.",
    "large": "No way to pay takes %(limit)s or more at once. Order in smaller parts. Nothing was charged.",
}
