"""The wallet's or lender's own page at `/authorize/<intent>`: a form with `outcome` approve, decline or cancel."""

from daigou.sandbox.pages.challenge import back
from daigou.sandbox.pages.draw import draw, message
from daigou.sandbox.store import Json, Store
from daigou.sandbox.stripe import actions, intents, paying
from daigou.sandbox.stripe.currencies import display
from daigou.sandbox.stripe.methods import METHODS
from daigou.sandbox.wire import Request, Response, Route, redirect

_LENDERS = ("klarna", "afterpay_clearpay", "affirm")


def show(store: Store, _request: Request, id: str) -> Response:
    intent = store.collection("payment_intent").rows.get(id)
    if intent is None:
        return message("Not found", "There is no such payment.", 404)
    if not actions.has_page(intent):
        return redirect(back(store, intent))
    return draw(
        "authorize.html",
        intent=intent,
        amount=display(intent["amount"], intent["currency"]),
        label=METHODS[intent["_kind"]].label,
        lends=intent["_kind"] in _LENDERS,
    )


def submit(store: Store, request: Request, id: str) -> Response:
    outcome = request.form().get("outcome", "")
    if outcome not in ("approve", "decline", "cancel"):
        return message("Not understood", "outcome must be approve, decline or cancel.", 400, f"/authorize/{id}")
    with store.write() as tx:
        intent = tx.edit("payment_intent", id)
        if intent is None:
            return message("Not found", "There is no such payment.", 404)
        if actions.has_page(intent):
            intents.finish_page(tx, intent, outcome)
            paying.after_challenge(tx, intent)
        else:
            tx.changes.clear()
    return redirect(back(store, store.collection("payment_intent").rows[id]))


def instructions(store: Store, _request: Request, id: str) -> Response:
    """Where the payer of a bank transfer reads where to send the money."""
    intent = store.collection("payment_intent").rows.get(id)
    if intent is None or not actions.is_awaited(intent):
        return message("Nothing to do", "No transfer is awaited here.", 404 if intent is None else 200)
    return message("Bank details", _details(intent), 200)


def _details(intent: Json) -> str:
    amount = display(intent["amount"], intent["currency"])
    reference = (intent["next_action"] or {}).get(actions.kind(intent), {}).get("reference", intent["id"])
    return f"Send {amount} to SANDBOX BANK, account 00 0000 0000, with the reference {reference}."


ROUTES = (
    Route("GET", "/authorize/<id>", show),
    Route("POST", "/authorize/<id>", submit),
    Route("GET", "/instructions/<id>", instructions),
)
