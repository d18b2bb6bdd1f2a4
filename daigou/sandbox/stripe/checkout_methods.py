"""The ways to pay that a Checkout Session offers, and what some of them need to be told."""

from daigou.sandbox.stripe.errors import invalid, missing
from daigou.sandbox.stripe.methods import METHODS, offered
from daigou.sandbox.stripe.params import Params


def offered_by(params: Params, currency: str) -> list[str]:
    """Those asked for, each checked against the currency, or whatever fits when none was named."""
    asked = [str(kind) for kind in params.array("payment_method_types")]
    if not asked:
        return offered(currency, tuple(params.array("excluded_payment_method_types")))
    for position, kind in enumerate(asked):
        name = f"payment_method_types[{position}]"
        if kind not in METHODS:
            raise invalid(f"Invalid {name}: must be one of {', '.join(METHODS)}", name)
        if not METHODS[kind].takes(currency):
            raise invalid(
                f"The payment method `{kind}` cannot be used with currency `{currency}`."
                " Choose another currency or remove the payment method type.",
                "payment_method_types",
            )
    client = params.group("payment_method_options").group("wechat_pay").text("client")
    if "wechat_pay" in asked and client != "web":
        raise missing("payment_method_options[wechat_pay][client]")
    if "afterpay_clearpay" in asked:
        _check_shipping(params)
    if "customer_balance" in asked:
        _check_bank_transfer(params)
    return asked


def _check_shipping(params: Params) -> None:
    """The lender wants to know whom it is for and where it goes."""
    shipping = params.group("payment_intent_data").group("shipping")
    to = shipping.group("address")
    if shipping.text("name") is None or None in (to.text("line1"), to.text("country")):
        raise invalid(
            "To use `afterpay_clearpay`, provide a shipping address: set `payment_intent_data[shipping]`"
            " or collect one with `shipping_address_collection`.",
            "payment_method_types",
        )


def _check_bank_transfer(params: Params) -> None:
    """Bank details are issued to a customer, and of a stated kind."""
    if "customer" not in params:
        raise missing("customer")
    options = params.group("payment_method_options").group("customer_balance")
    if options.text("funding_type") != "bank_transfer":
        raise missing("payment_method_options[customer_balance][funding_type]")
    bank = options.group("bank_transfer")
    kind = bank.need("type")
    if kind == "eu_bank_transfer" and bank.group(kind).text("country") not in ("BE", "DE", "ES", "FR", "IE", "NL"):
        name = "payment_method_options[customer_balance][bank_transfer][eu_bank_transfer][country]"
        raise invalid(f"Invalid {name}: must be one of BE, DE, ES, FR, IE, NL", name)
