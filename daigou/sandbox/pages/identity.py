"""The hosted pages of identity checks and of cards that are set up for nothing."""

from daigou.sandbox.pages.draw import draw, message
from daigou.sandbox.store import Json, Store
from daigou.sandbox.stripe import setups, verification
from daigou.sandbox.stripe.errors import StripeError
from daigou.sandbox.wire import Request, Response, Route, redirect

_OUTCOMES = (
    ("selfie_mismatch", "Show another face", "the face does not match"),
    ("document_expired", "Show an expired document", "is refused"),
    ("document_fake", "Show a forged document", "is refused"),
    ("document_type", "Show a library card", "is no identity document"),
    ("country", "Show a document of an unknown country", "is refused"),
    ("decline", "Do not consent", "the check is declined"),
    ("abandon", "Give up", "the check is abandoned"),
)


def show(store: Store, _request: Request, id: str) -> Response:
    with store.write() as tx:
        session = verification.of_token(tx, id)
    if session is None:
        return message("Not found", "There is no such identity check.", 404)
    if session["status"] != "requires_input":
        return message("Over", "This identity check is over.", 200, session["_return_url"])
    return draw("identity.html", session=session, outcomes=_OUTCOMES)


def submit(store: Store, request: Request, id: str) -> Response:
    try:
        with store.write() as tx:
            return redirect(verification.answer(tx, id, request.form()))
    except (StripeError, ValueError) as error:
        return message("Not understood", str(error), 400)


def show_card(session: Json, status: int = 200, problem: str = "") -> Response:
    return draw("setup.html", status, session=session, problem=problem)


def submit_card(store: Store, request: Request, session: Json) -> Response:
    form = request.form()
    if form.get("outcome") == "abandon":
        return redirect(session["cancel_url"] or f"/pay/{session['id']}")
    problem = ""
    with store.write() as tx:
        try:
            setups.answer(tx, session["id"], form.get("outcome", ""), form.get("funding", "credit"))
        except StripeError as error:
            problem = str(error)
    return show_card(session, 400, problem) if problem else redirect(str(session["success_url"]))


ROUTES = (Route("GET", "/identity/start/<id>", show), Route("POST", "/identity/start/<id>", submit))
