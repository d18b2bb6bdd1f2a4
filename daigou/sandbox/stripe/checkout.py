"""Checkout Sessions: what the hosted page sells, and what became of it."""

from typing import Any

from daigou.sandbox.ids import stripe_id
from daigou.sandbox.store import Json, Tx
from daigou.sandbox.stripe import customers, intents, paying, setups
from daigou.sandbox.stripe.call import Call
from daigou.sandbox.stripe.currencies import check_charge, check_shape, display, known
from daigou.sandbox.stripe.errors import StripeError, invalid, missing, no_such
from daigou.sandbox.stripe.lists import page
from daigou.sandbox.stripe.methods import METHODS, offered
from daigou.sandbox.stripe.params import Params
from daigou.sandbox.timers import schedule
from daigou.sandbox.wire import Route
from daigou.sandbox.words import words

SHORTEST, LONGEST = 30 * 60, 24 * 3600
# Settings of the look of the page: accepted, and without effect on this plain one.
_LOOKS = words(
    "submit_type billing_address_collection custom_text consent_collection phone_number_collection",
    "branding_settings origin_context saved_payment_method_options adaptive_pricing",
    "redirect_on_completion",
)
_CREATE = _LOOKS | words(
    "mode line_items payment_intent_data success_url cancel_url expires_at payment_method_types",
    "excluded_payment_method_types payment_method_options customer customer_email customer_creation",
    "metadata client_reference_id locale ui_mode currency",
)


def _create(tx: Tx, call: Call) -> Json:
    params = call.params
    if _check_mode(params) == "setup":
        return _create_setup(tx, call)
    lines = [_line(p) for p in params.groups("line_items")]
    if not lines:
        raise missing("line_items")
    currency = _one_currency(lines)
    total = sum(line["amount_total"] for line in lines)
    _check_total(total, currency)
    key = stripe_id("cs_test")
    row: Json = {
        "id": key,
        "object": "checkout.session",
        "adaptive_pricing": None,
        "amount_subtotal": total,
        "amount_total": total,
        "automatic_tax": {"enabled": False, "liability": None, "provider": None, "status": None},
        "cancel_url": params.url("cancel_url"),
        "client_reference_id": params.text("client_reference_id", limit=200),
        "created": tx.now,
        "currency": currency,
        "customer": None,
        "customer_creation": params.choice("customer_creation", ("always", "if_required"), "if_required"),
        "customer_details": None,
        "customer_email": params.text("customer_email", limit=800),
        "custom_fields": [],
        "expires_at": _expiry(tx, params),
        "livemode": False,
        "locale": params.text("locale"),
        "metadata": params.metadata(),
        "mode": "payment",
        "payment_intent": None,
        "payment_method_collection": "if_required",
        "payment_method_options": params.group("payment_method_options").values,
        "payment_method_types": _methods(params, currency),
        "payment_status": "unpaid",
        "shipping_options": [],
        "status": "open",
        "success_url": params.url("success_url", required=True),
        "total_details": {"amount_discount": 0, "amount_shipping": 0, "amount_tax": 0},
        "ui_mode": "hosted",
        "url": f"{tx.settings.public_url}/pay/{key}",
        "_account": call.account,
        "_notes": [line.pop("_note") for line in lines],
        "_line_items": _list_of_lines(key, lines),
        "_intent_data": _intent_data(params),
    }
    _set_customer(tx, row, call)
    schedule(tx, "checkout.expiry", key, row["expires_at"] - tx.now)
    return tx.put("session", row)


def _create_setup(tx: Tx, call: Call) -> Json:
    key, expires_at = stripe_id("cs_test"), _expiry(tx, call.params)
    row = setups.open_session(tx, call, key, expires_at)
    schedule(tx, "checkout.expiry", key, expires_at - tx.now)
    return tx.put("session", row)


def _check_mode(params: Params) -> str:
    mode = params.choice("mode", ("payment", "setup", "subscription"))
    if mode is None:
        raise missing("mode")
    if mode == "subscription":
        raise invalid("This sandbox has mode=payment and mode=setup only.", "mode")
    if params.text("ui_mode", "hosted") not in ("hosted", "hosted_page"):
        raise invalid("This sandbox has hosted pages only.", "ui_mode")
    return mode


def _line(params: Params) -> Json:
    params.only(("price_data", "quantity", "price", "adjustable_quantity"))
    if "price" in params:
        raise no_such("price", params.need("price"), params.path("price"))
    price = params.group("price_data")
    product = price.group("product_data")
    currency = known(price.need("currency"), price.path("currency"))
    unit = check_shape(price.need_number("unit_amount"), currency, price.path("unit_amount"))
    quantity = params.number("quantity")
    if quantity is None:
        raise missing(params.path("quantity"))
    if quantity < 1:
        raise invalid("This value must be greater than or equal to 1.", params.path("quantity"))
    key = stripe_id("price")
    return {
        "id": stripe_id("li"),
        "object": "item",
        "amount_discount": 0,
        "amount_subtotal": unit * quantity,
        "amount_tax": 0,
        "amount_total": unit * quantity,
        "currency": currency,
        "quantity": quantity,
        "description": product.need("name"),
        "metadata": {},
        "price": {
            "id": key,
            "object": "price",
            "active": False,
            "currency": currency,
            "type": "one_time",
            "unit_amount": unit,
            "unit_amount_decimal": str(unit),
            "product": stripe_id("prod"),
            "metadata": {},
        },
        "_note": product.text("description"),
    }


def _one_currency(lines: list[Json]) -> str:
    currencies = {line["currency"] for line in lines}
    if len(currencies) > 1:
        raise invalid("All line items must use the same currency.", "line_items")
    return str(currencies.pop())


def _check_total(total: int, currency: str) -> None:
    try:
        check_charge(total, currency, "line_items")
    except StripeError as error:
        if error.body.get("code") != "amount_too_small":
            raise
        least = error.body["message"].removeprefix("Amount must be at least ")
        raise invalid(
            f"The Checkout Session's total amount due must add up to at least {least}",
            "line_items",
            "amount_too_small",
        ) from None


def _expiry(tx: Tx, params: Params) -> int:
    at = params.number("expires_at")
    if at is None:
        return tx.now + LONGEST
    # A minute of grace both ways, for clocks and for the time that the call takes.
    if at < tx.now + SHORTEST - 60:
        raise invalid(
            "The `expires_at` timestamp must be at least 30 minutes from Checkout Session creation.",
            "expires_at",
        )
    if at > tx.now + LONGEST + 60:
        raise invalid(
            "The `expires_at` timestamp must be less than 24 hours from Checkout Session creation.",
            "expires_at",
        )
    return at


def _methods(params: Params, currency: str) -> list[str]:
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


def _intent_data(params: Params) -> Json:
    data = params.group("payment_intent_data")
    data.only(intents.DETAILS)
    data.metadata()
    return data.values


def _list_of_lines(key: str, lines: list[Json]) -> Json:
    url = f"/v1/checkout/sessions/{key}/line_items"
    return {"object": "list", "url": url, "has_more": False, "data": lines}


def _set_customer(tx: Tx, row: Json, call: Call) -> None:
    customer = call.params.text("customer")
    if customer is None:
        return
    if row["customer_email"]:
        raise invalid("You may only specify one of these parameters: customer, customer_email.", "customer_email")
    row["customer"] = customers.need(tx, customer, "customer", call.account)["id"]


def _edit(tx: Tx, call: Call) -> Json:
    _retrieve(tx, call)
    return tx.edit("session", call.ids["id"]) or {}


def _expire(tx: Tx, call: Call) -> Json:
    session = _edit(tx, call)
    paying.must_be_open(session, "expired")
    return paying.close(tx, session)


def _update(tx: Tx, call: Call) -> Json:
    session = _edit(tx, call)
    session["metadata"] = call.params.metadata(session["metadata"])
    return session


def _retrieve(tx: Tx, call: Call) -> Json:
    row = tx.peek("session", call.ids["id"])
    if row is None or row["_account"] != call.account:
        raise no_such("checkout.session", call.ids["id"], "session")
    return row


def _lines(tx: Tx, call: Call) -> Any:
    return _retrieve(tx, call)["_line_items"]


def _list(tx: Tx, call: Call) -> Json:
    filters = {k: call.params.text(k) for k in ("payment_intent", "customer", "status")}
    return page(tx, call, "session", lambda row: all(v in (None, row[k]) for k, v in filters.items()))


def totals(session: Json) -> list[tuple[str, str, int, str]]:
    """Name, note, quantity and amount of each line, for the page."""
    lines = session["_line_items"]["data"]
    return [
        (line["description"], note or "", line["quantity"], display(line["amount_total"], line["currency"]))
        for line, note in zip(lines, session["_notes"], strict=True)
    ]


ROUTES = (
    Route("POST", "/v1/checkout/sessions", _create, _CREATE),
    Route("GET", "/v1/checkout/sessions", _list, frozenset(("payment_intent", "customer", "status", "created"))),
    Route("GET", "/v1/checkout/sessions/<id>", _retrieve),
    Route("POST", "/v1/checkout/sessions/<id>", _update, frozenset(("metadata",))),
    Route("POST", "/v1/checkout/sessions/<id>/expire", _expire),
    Route("GET", "/v1/checkout/sessions/<id>/line_items", _lines),
)
