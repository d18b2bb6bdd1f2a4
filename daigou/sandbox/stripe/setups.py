"""Checkout with mode=setup: a card is verified for later, nothing is charged."""

from typing import Any

from daigou.sandbox.ids import stripe_id
from daigou.sandbox.store import Json, Tx
from daigou.sandbox.stripe.call import Call
from daigou.sandbox.stripe.currencies import known
from daigou.sandbox.stripe.errors import StripeError, invalid, missing, no_such
from daigou.sandbox.stripe.events import emit
from daigou.sandbox.wire import Route

DECLINES = {
    "decline": ("card_declined", "Your card was declined."),
    "expired_card": ("expired_card", "Your card has expired."),
}
CARD: Json = {"brand": "visa", "last4": "4242", "exp_month": 12, "exp_year": 2034, "country": "DE"}


def open_session(tx: Tx, call: Call, key: str, expires_at: int) -> Json:
    """The row of a session, with its intent, as Stripe makes both at once."""
    params = call.params
    if "line_items" in params or "payment_intent_data" in params:
        raise invalid("You can not pass `line_items` or `payment_intent_data` in `setup` mode.", "line_items")
    if params.text("currency") is None:
        raise missing("currency")
    intent = tx.put("setup_intent", _intent(tx, call))
    return {
        "id": key,
        "object": "checkout.session",
        "amount_subtotal": None,
        "amount_total": None,
        "cancel_url": params.url("cancel_url"),
        "client_reference_id": params.text("client_reference_id", limit=200),
        "created": tx.now,
        "currency": known(params.need("currency"), "currency"),
        "customer": None,
        "customer_details": None,
        "customer_email": params.text("customer_email", limit=800),
        "expires_at": expires_at,
        "livemode": False,
        "locale": params.text("locale"),
        "metadata": params.metadata(),
        "mode": "setup",
        "payment_intent": None,
        "payment_method_types": ["card"],
        "payment_status": "no_payment_required",
        "setup_intent": intent["id"],
        "status": "open",
        "success_url": params.url("success_url", required=True),
        "ui_mode": "hosted",
        "url": f"{tx.settings.public_url}/pay/{key}",
        "_account": call.account,
        "_line_items": {"object": "list", "data": [], "has_more": False},
        "_notes": [],
        "_intent_data": {},
    }


def _intent(tx: Tx, call: Call) -> Json:
    key = stripe_id("seti")
    return {
        "id": key,
        "object": "setup_intent",
        "client_secret": f"{key}_secret_{stripe_id('x')[2:]}",
        "created": tx.now,
        "customer": None,
        "last_setup_error": None,
        "livemode": False,
        "metadata": {},
        "payment_method": None,
        "payment_method_types": ["card"],
        "status": "requires_payment_method",
        "usage": "off_session",
        "_account": call.account,
    }


def answer(tx: Tx, key: str, outcome: str, funding: str) -> Json:
    """One click on the page: the session afterwards. Raises StripeError for a card that is declined."""
    session = tx.edit("session", key)
    if session is None or session["mode"] != "setup":
        raise no_such("checkout.session", key)
    if session["status"] != "open":
        return session
    intent = tx.edit("setup_intent", session["setup_intent"]) or {}
    if outcome in DECLINES:
        code, message = DECLINES[outcome]
        intent["last_setup_error"] = {"code": code, "message": message, "type": "card_error"}
        emit(tx, "setup_intent.setup_failed", intent)
        raise StripeError(message, code=code, kind="card_error", status=402, keep=True)
    if outcome != "succeed":
        raise invalid(f"outcome must be one of succeed, {', '.join(DECLINES)}", "outcome")
    card = {**CARD, "funding": funding if funding in ("credit", "debit", "prepaid") else "credit"}
    method: Any = {"id": stripe_id("pm"), "object": "payment_method", "type": "card", "card": card, "customer": None}
    tx.put("payment_method", {**method, "created": tx.now, "livemode": False, "metadata": {}})
    intent.update(status="succeeded", payment_method=method["id"], last_setup_error=None)
    session.update(status="complete", url=None)
    emit(tx, "setup_intent.succeeded", intent)
    emit(tx, "checkout.session.completed", session)
    return session


def _retrieve(tx: Tx, call: Call) -> Json:
    row = tx.peek("setup_intent", call.ids["id"])
    if row is None or row["_account"] != call.account:
        raise no_such("setup_intent", call.ids["id"])
    return row


ROUTES = (Route("GET", "/v1/setup_intents/<id>", _retrieve),)
