"""What the hosted page does with a session: pay it, wait for it, close it."""

from daigou.sandbox.store import Json, Tx
from daigou.sandbox.stripe import actions, charges, intents
from daigou.sandbox.stripe.errors import StripeError, invalid, no_such
from daigou.sandbox.stripe.events import emit
from daigou.sandbox.stripe.methods import CARDS
from daigou.sandbox.stripe.params import Params
from daigou.sandbox.timers import works


def pay(tx: Tx, key: str, outcome: str, email: str) -> Json:
    """One click of the payer. Raises StripeError when the session is not open or the method not offered."""
    session = tx.edit("session", key)
    if session is None:
        raise no_such("checkout.session", key)
    must_be_open(session, "paid")
    kind = _kind_of(outcome, session["payment_method_types"])
    intent = _intent_of(tx, session, email)
    if kind == "card":
        intents.attempt_card(tx, intent, outcome)
    else:
        intents.attempt_other(tx, intent, kind, outcome.endswith("_fail"), never=outcome.endswith("_never"))
    if intent["status"] == "succeeded" or actions.is_awaited(intent):
        complete(tx, session, intent)
    return intent


def _kind_of(outcome: str, kinds: list[str]) -> str:
    if outcome.startswith("bank_transfer"):
        kind = next((k for k in ("customer_balance", "sepa_debit") if k in kinds), "customer_balance")
    else:
        kind = "card" if outcome in CARDS else outcome
    if kind not in kinds:
        raise invalid(f"The way to pay `{outcome}` is not offered for this payment.", "outcome")
    return kind


def _intent_of(tx: Tx, session: Json, email: str) -> Json:
    """The intent is made by the first attempt, as Stripe does; before it the session has none."""
    if session["payment_intent"]:
        intent = tx.edit("payment_intent", session["payment_intent"]) or {}
    else:
        data = Params(session["_intent_data"], "payment_intent_data")
        amount, currency = session["amount_total"], session["currency"]
        kinds = session["payment_method_types"]
        intent = intents.open_intent(tx, amount, currency, data, session["_account"], kinds)
        intent.update(_session=session["id"], customer=session["customer"])
        session["payment_intent"] = intent["id"]
    owner = tx.peek("customer", session["customer"] or "") or {}
    intent["_email"] = session["customer_email"] or owner.get("email") or email or None
    return intent


def complete(tx: Tx, session: Json, intent: Json) -> None:
    paid = intent["status"] == "succeeded"
    details: Json = {"address": None, "email": intent["_email"], "name": None, "phone": None}
    session.update(
        status="complete",
        payment_status="paid" if paid else "unpaid",
        url=None,
        customer_details={**details, "tax_exempt": "none", "tax_ids": []},
    )
    emit(tx, "checkout.session.completed", session)


def after_challenge(tx: Tx, intent: Json) -> Json | None:
    """A 3-D Secure challenge ended; finish the session it belongs to."""
    session = tx.edit("session", intent["_session"]) if intent["_session"] else None
    if session and session["status"] == "open" and intent["status"] == "succeeded":
        complete(tx, session, intent)
    return session


@works("payment.async")
def _bank_answers(tx: Tx, key: str) -> None:
    finish_async(tx, key, None)


def finish_async(tx: Tx, key: str, succeeds: bool | None) -> None:
    """The bank answers days later. None takes what the payer had chosen on the page."""
    intent = tx.edit("payment_intent", key)
    if intent is None or not actions.is_awaited(intent):
        return
    charge = tx.edit("charge", intent["latest_charge"] or "")
    if charge is None or charge["status"] != "pending":
        charge = charges.open_charge(tx, intent, intent["_kind"], None, "pending")
    good = not intent.get("_fails_later") if succeeds is None else succeeds
    if good:
        intents.capture(tx, intent, charge)
    else:
        text = "The customer's bank did not complete the payment."
        charges.refuse(tx, charge, "payment_method_provider_decline", None, text)
        intents.back_to_start(tx, intent, "payment_method_provider_decline", None, text, charge["id"])
    _tell_session(tx, intent, good)


def _tell_session(tx: Tx, intent: Json, succeeded: bool) -> None:
    session = tx.edit("session", intent["_session"]) if intent["_session"] else None
    if session is None:
        return
    if succeeded:
        session["payment_status"] = "paid"
    word = "succeeded" if succeeded else "failed"
    emit(tx, f"checkout.session.async_payment_{word}", session)


@works("checkout.expiry")
def _expire_later(tx: Tx, key: str) -> None:
    session = tx.edit("session", key)
    if session and session["status"] == "open":
        close(tx, session)


def close(tx: Tx, session: Json) -> Json:
    session.update(status="expired", url=None, expires_at=min(session["expires_at"], tx.now))
    intent = tx.edit("payment_intent", session["payment_intent"]) if session["payment_intent"] else None
    if intent and intent["status"] in intents.OPEN:
        intent.update(status="canceled", canceled_at=tx.now, cancellation_reason="automatic", next_action=None)
        emit(tx, "payment_intent.canceled", intent)
    emit(tx, "checkout.session.expired", session)
    return session


def must_be_open(session: Json, verb: str) -> None:
    if session["status"] != "open":
        raise StripeError(
            f'Only Checkout Sessions with a status in ["open"] can be {verb}.'
            f" This Checkout Session has a status of `{session['status']}`."
        )
