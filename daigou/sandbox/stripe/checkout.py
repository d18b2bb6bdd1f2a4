"""Checkout Sessions: what the hosted page sells, and what became of it."""

from typing import Any

from daigou.sandbox.ids import stripe_id
from daigou.sandbox.store import Json, Tx
from daigou.sandbox.stripe import checkout_lines, checkout_methods, customers, intents, paying, setups
from daigou.sandbox.stripe.call import Call
from daigou.sandbox.stripe.errors import invalid, missing, no_such
from daigou.sandbox.stripe.lists import page
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
    lines = [checkout_lines.line(p) for p in params.groups("line_items")]
    if not lines:
        raise missing("line_items")
    currency = checkout_lines.one_currency(lines)
    total = sum(line["amount_total"] for line in lines)
    checkout_lines.check_total(total, currency)
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
        "payment_method_types": checkout_methods.offered_by(params, currency),
        "payment_status": "unpaid",
        "shipping_options": [],
        "status": "open",
        "success_url": params.url("success_url", required=True),
        "total_details": {"amount_discount": 0, "amount_shipping": 0, "amount_tax": 0},
        "ui_mode": "hosted",
        "url": f"{tx.settings.public_url}/pay/{key}",
        "_account": call.account,
        "_notes": [line.pop("_note") for line in lines],
        "_line_items": checkout_lines.list_of_lines(key, lines),
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


def _intent_data(params: Params) -> Json:
    data = params.group("payment_intent_data")
    data.only(intents.DETAILS)
    data.metadata()
    return data.values


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


ROUTES = (
    Route("POST", "/v1/checkout/sessions", _create, _CREATE),
    Route("GET", "/v1/checkout/sessions", _list, frozenset(("payment_intent", "customer", "status", "created"))),
    Route("GET", "/v1/checkout/sessions/<id>", _retrieve),
    Route("POST", "/v1/checkout/sessions/<id>", _update, frozenset(("metadata",))),
    Route("POST", "/v1/checkout/sessions/<id>/expire", _expire),
    Route("GET", "/v1/checkout/sessions/<id>/line_items", _lines),
)
