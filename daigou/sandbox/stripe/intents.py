"""PaymentIntents: the life of one payment through its attempts."""

from daigou.sandbox.ids import stripe_id
from daigou.sandbox.store import Json, Tx
from daigou.sandbox.stripe import actions, charges, customers, disputes
from daigou.sandbox.stripe.call import Call
from daigou.sandbox.stripe.currencies import check_charge, known
from daigou.sandbox.stripe.errors import StripeError, invalid, no_such
from daigou.sandbox.stripe.events import emit
from daigou.sandbox.stripe.lists import page
from daigou.sandbox.stripe.methods import CARDS, METHODS, TEST_METHODS, Card, offered
from daigou.sandbox.stripe.params import Params
from daigou.sandbox.timers import schedule
from daigou.sandbox.wire import Route

OPEN = ("requires_payment_method", "requires_confirmation", "requires_action")
DETAILS = frozenset((
    "description", "metadata", "transfer_group", "receipt_email", "statement_descriptor",
    "statement_descriptor_suffix", "shipping", "capture_method", "setup_future_usage",
))  # fmt: skip
_CREATE = DETAILS | {
    "amount", "currency", "customer", "payment_method", "payment_method_types", "confirm", "return_url",
    "automatic_payment_methods", "payment_method_options", "confirmation_method",
}  # fmt: skip


def open_intent(tx: Tx, amount: int, currency: str, details: Params, account: str | None, kinds: list[str]) -> Json:
    """A new intent, without an attempt. `details` is payment_intent_data or the create call itself."""
    if details.choice("capture_method", ("automatic", "automatic_async", "manual")) == "manual":
        raise invalid("This sandbox captures at once; capture_method=manual is not offered.", "capture_method")
    key = stripe_id("pi")
    row: Json = {
        "id": key,
        "object": "payment_intent",
        "amount": amount,
        "amount_capturable": 0,
        "amount_received": 0,
        "automatic_payment_methods": None,
        "canceled_at": None,
        "cancellation_reason": None,
        "capture_method": "automatic_async",
        "client_secret": f"{key}_secret_{stripe_id('x')[2:]}",
        "confirmation_method": "automatic",
        "created": tx.now,
        "currency": currency,
        "customer": None,
        "description": details.text("description"),
        "last_payment_error": None,
        "latest_charge": None,
        "livemode": False,
        "metadata": details.metadata(),
        "next_action": None,
        "payment_method": None,
        "payment_method_options": {},
        "payment_method_types": kinds,
        "processing": None,
        "receipt_email": details.text("receipt_email"),
        "setup_future_usage": details.text("setup_future_usage"),
        "shipping": details.group("shipping").values or None,
        "statement_descriptor": details.text("statement_descriptor", limit=22),
        "statement_descriptor_suffix": details.text("statement_descriptor_suffix", limit=22),
        "status": "requires_payment_method",
        "transfer_data": None,
        "transfer_group": details.text("transfer_group"),
        "_account": account,
        "_email": None,
        "_session": None,
        "_return_url": None,
    }
    tx.put("payment_intent", row)
    emit(tx, "payment_intent.created", row)
    return row


def attempt_card(tx: Tx, intent: Json, outcome: str) -> Json:
    """One try with one of the test cards. The intent ends succeeded, requires_action or back at its start."""
    card = CARDS[outcome]
    intent.pop("_kind", None)
    intent["payment_method"] = stripe_id("pm")
    intent["last_payment_error"] = None
    if card.error:
        return _failed(tx, intent, card)
    if card.challenge:
        return _challenge(tx, intent)
    return capture(tx, intent, charges.open_charge(tx, intent, "card", card, "pending"))


def attempt_other(tx: Tx, intent: Json, kind: str, fails_later: bool = False, *, never: bool = False) -> Json:
    """One try with a wallet, a lender, a debit or a transfer: by a page of its own, by waiting, or at once."""
    method = METHODS[kind]
    intent["payment_method"] = stripe_id("pm")
    intent["last_payment_error"] = None
    intent["_kind"], intent["_fails_later"] = kind, fails_later
    if method.pages or method.action:
        actions.ask(tx, intent, method)
    elif method.delayed:
        charge = charges.open_charge(tx, intent, kind, None, "pending")
        intent.update(status="processing", latest_charge=charge["id"], next_action=None)
        emit(tx, "charge.pending", charge)
        emit(tx, "payment_intent.processing", intent)
    else:
        return capture(tx, intent, charges.open_charge(tx, intent, kind, None, "pending"))
    if method.delayed and not never:
        schedule(tx, "payment.async", intent["id"], tx.settings.async_payment_seconds)
    return intent


def capture(tx: Tx, intent: Json, charge: Json) -> Json:
    charges.settle(tx, charge)
    intent.update(
        status="succeeded",
        amount_received=intent["amount"],
        latest_charge=charge["id"],
        next_action=None,
        last_payment_error=None,
    )
    emit(tx, "payment_intent.succeeded", intent)
    if charge["_then"] == "dispute":
        disputes.open_dispute(tx, charge, "fraudulent", charge["amount"])
    return intent


def _failed(tx: Tx, intent: Json, card: Card) -> Json:
    charge = charges.open_charge(tx, intent, "card", card, "failed")
    charges.refuse(tx, charge, card.error or "", card.decline, card.message)
    return back_to_start(tx, intent, card.error or "", card.decline, card.message, charge["id"])


def back_to_start(tx: Tx, intent: Json, code: str, decline: str | None, message: str, charge: str | None) -> Json:
    """The attempt failed; the intent takes another method."""
    error: Json = {"code": code, "message": message, "type": "card_error" if charge else "invalid_request_error"}
    if decline:
        error["decline_code"] = decline
    if charge:
        error["charge"] = charge
    if intent["payment_method"]:
        error["payment_method"] = _method_of(tx, intent, charge)
    intent.update(status="requires_payment_method", last_payment_error=error, next_action=None)
    intent.update(latest_charge=charge or intent["latest_charge"], payment_method=None)
    emit(tx, "payment_intent.payment_failed", intent)
    return intent


def _method_of(tx: Tx, intent: Json, charge: str | None) -> Json:
    """The payment method that an error carries whole. An intent without a kind was tried with a card."""
    tried = tx.peek("charge", charge or "")
    details = tried["payment_method_details"] if tried else {"type": intent.get("_kind", "card")}
    return {"id": intent["payment_method"], "object": "payment_method", **details}


def _challenge(tx: Tx, intent: Json) -> Json:
    url = f"{tx.settings.public_url}/3ds/{intent['id']}"
    action = {"type": "redirect_to_url", "redirect_to_url": {"url": url, "return_url": intent["_return_url"]}}
    intent.update(status="requires_action", next_action=action)
    emit(tx, "payment_intent.requires_action", intent)
    return intent


def finish_challenge(tx: Tx, intent: Json, authenticated: bool) -> Json:
    """The answer of the 3-D Secure page."""
    if authenticated:
        card = CARDS["three_d_secure"]
        return capture(tx, intent, charges.open_charge(tx, intent, "card", card, "pending"))
    text = "We are unable to authenticate your payment method. Please choose a different payment method and try again."
    return back_to_start(tx, intent, "payment_intent_authentication_failure", None, text, None)


def finish_page(tx: Tx, intent: Json, outcome: str) -> Json:
    """What the payer, or the lender's credit check, said on the page of a wallet: approve, decline or cancel."""
    if outcome == "approve":
        return capture(tx, intent, charges.open_charge(tx, intent, intent["_kind"], None, "pending"))
    label = METHODS[intent["_kind"]].label
    if outcome == "cancel":
        text = f"The customer did not approve the payment with {label}."
        return back_to_start(tx, intent, "payment_method_customer_decline", None, text, None)
    text = f"{label} declined this payment."
    return back_to_start(tx, intent, "payment_method_provider_decline", None, text, None)


def need(tx: Tx, key: str, param: str, account: str | None) -> Json:
    row = tx.peek("payment_intent", key)
    if row is None or row["_account"] != account:
        raise no_such("payment_intent", key, param)
    return row


def _edit(tx: Tx, call: Call) -> Json:
    need(tx, call.ids["id"], "intent", call.account)
    return tx.edit("payment_intent", call.ids["id"]) or {}


def _create(tx: Tx, call: Call) -> Json:
    currency = known(call.params.need("currency"))
    amount = check_charge(call.params.need_number("amount"), currency)
    kinds = [str(kind) for kind in call.params.array("payment_method_types")] or offered(currency)
    intent = open_intent(tx, amount, currency, call.params, call.account, kinds)
    intent["_return_url"] = call.params.url("return_url")
    if (customer := call.params.text("customer")) is not None:
        intent["customer"] = customers.need(tx, customer, "customer", call.account)["id"]
    if call.params.flag("confirm"):
        _confirm_with(tx, intent, call.params.need("payment_method"))
    return intent


def _confirm(tx: Tx, call: Call) -> Json:
    intent = _edit(tx, call)
    _must_be(intent, OPEN, "confirm")
    intent["_return_url"] = call.params.url("return_url") or intent["_return_url"]
    _confirm_with(tx, intent, call.params.need("payment_method"))
    return intent


def _confirm_with(tx: Tx, intent: Json, method: str) -> None:
    if method not in TEST_METHODS:
        raise no_such("PaymentMethod", method, "payment_method")
    attempt_card(tx, intent, TEST_METHODS[method])
    error = intent["last_payment_error"]
    if error:
        raise StripeError(
            error["message"], code=error["code"], kind="card_error", status=402, keep=True,
            payment_intent=_plain(intent), **{k: error[k] for k in ("decline_code", "charge") if k in error},
        )  # fmt: skip


def _plain(intent: Json) -> Json:
    return {key: value for key, value in intent.items() if not key.startswith("_")}


def _cancel(tx: Tx, call: Call) -> Json:
    intent = _edit(tx, call)
    _must_be(intent, OPEN, "cancel")
    intent.update(status="canceled", canceled_at=tx.now, next_action=None)
    intent["cancellation_reason"] = call.params.text("cancellation_reason")
    emit(tx, "payment_intent.canceled", intent)
    return intent


def _must_be(intent: Json, states: tuple[str, ...], verb: str) -> None:
    if intent["status"] not in states:
        raise StripeError(
            f"You cannot {verb} this PaymentIntent because it has a status of {intent['status']}."
            f" Only a PaymentIntent with one of the following statuses may be used: {', '.join(states)}.",
            code="payment_intent_unexpected_state",
            param="intent",
            payment_intent=_plain(intent),
        )


def _update(tx: Tx, call: Call) -> Json:
    intent = _edit(tx, call)
    intent["metadata"] = call.params.metadata(intent["metadata"])
    intent["description"] = call.params.text("description", intent["description"])
    if "amount" in call.params:
        _must_be(intent, OPEN, "update the amount of")
        intent["amount"] = check_charge(call.params.need_number("amount"), intent["currency"])
    return intent


def _retrieve(tx: Tx, call: Call) -> Json:
    return need(tx, call.ids["id"], "intent", call.account)


def _list(tx: Tx, call: Call) -> Json:
    customer = call.params.text("customer")
    return page(tx, call, "payment_intent", lambda row: customer in (None, row["customer"]))


ROUTES = (
    Route("POST", "/v1/payment_intents", _create, frozenset(_CREATE)),
    Route("GET", "/v1/payment_intents", _list, frozenset(("customer", "created"))),
    Route("GET", "/v1/payment_intents/<id>", _retrieve, frozenset(("client_secret",))),
    Route("POST", "/v1/payment_intents/<id>", _update, frozenset(("metadata", "description", "amount"))),
    Route("POST", "/v1/payment_intents/<id>/confirm", _confirm, frozenset(("payment_method", "return_url"))),
    Route("POST", "/v1/payment_intents/<id>/cancel", _cancel, frozenset(("cancellation_reason",))),
)
