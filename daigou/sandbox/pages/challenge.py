"""The bank's 3-D Secure page at `/3ds/<payment intent>`: a form with `outcome` authenticate or fail."""

from daigou.sandbox.pages.checkout import success_url
from daigou.sandbox.pages.draw import draw, message
from daigou.sandbox.store import Json, Store
from daigou.sandbox.stripe import intents, paying
from daigou.sandbox.stripe.currencies import display
from daigou.sandbox.wire import Request, Response, Route, redirect


def show(store: Store, _request: Request, id: str) -> Response:
    intent = store.collection("payment_intent").rows.get(id)
    if intent is None:
        return message("Not found", "There is no such challenge.", 404)
    if not _is_asked(intent):
        return redirect(back(store, intent))
    return draw("challenge.html", amount=display(intent["amount"], intent["currency"]), intent=intent)


def submit(store: Store, request: Request, id: str) -> Response:
    outcome = request.form().get("outcome")
    if outcome not in ("authenticate", "fail"):
        return message("Not understood", "outcome must be authenticate or fail.", 400, f"/3ds/{id}")
    with store.write() as tx:
        intent = tx.edit("payment_intent", id)
        if intent is None:
            return message("Not found", "There is no such challenge.", 404)
        if _is_asked(intent):
            intents.finish_challenge(tx, intent, outcome == "authenticate")
            paying.after_challenge(tx, intent)
        else:
            tx.changes.clear()
    return redirect(back(store, store.collection("payment_intent").rows[id]))


def _is_asked(intent: Json) -> bool:
    """Whether the bank wants the card's holder, and not a wallet or a transfer."""
    return intent["status"] == "requires_action" and "_kind" not in intent


def back(store: Store, intent: Json) -> str:
    session = store.collection("session").rows.get(intent["_session"] or "")
    if session is None:
        return str(intent["_return_url"] or "/")
    if session["status"] == "complete":
        return success_url(session)
    return f"/pay/{session['id']}"


ROUTES = (Route("GET", "/3ds/<id>", show), Route("POST", "/3ds/<id>", submit))
