"""The hosted payment page at `/pay/<session>`: a form with one field, `outcome`."""

from daigou.sandbox.pages import identity
from daigou.sandbox.pages.draw import draw, message
from daigou.sandbox.store import Json, Store
from daigou.sandbox.stripe import actions, checkout_lines, paying
from daigou.sandbox.stripe.currencies import display
from daigou.sandbox.stripe.errors import StripeError
from daigou.sandbox.wire import Request, Response, Route, redirect

# Outcome, what the button says, which method must be offered.
_CARD = (
    ("succeed", "Pay with 4242 4242 4242 4242", "succeeds"),
    ("three_d_secure", "Pay with 4000 0000 0000 3220", "asks for 3-D Secure"),
    ("decline", "Pay with 4000 0000 0000 0002", "is declined"),
    ("insufficient_funds", "Pay with 4000 0000 0000 9995", "is declined: insufficient funds"),
    ("expired_card", "Pay with 4000 0000 0000 0069", "is declined: expired"),
    ("refund_pending", "Pay with 4000 0000 0000 7726", "succeeds; refunds arrive later"),
    ("refund_fail", "Pay with 4000 0000 0000 5126", "succeeds; refunds fail later"),
    ("dispute", "Pay with 4000 0000 0000 0259", "succeeds; disputed at once"),
    ("lost_card", "Pay with 4000 0000 0000 9987", "is declined: lost card"),
    ("incorrect_cvc", "Pay with 4000 0000 0000 0127", "is declined: wrong security code"),
    ("processing_error", "Pay with 4000 0000 0000 0119", "is declined: processing error"),
    ("velocity", "Pay with 4000 0000 0000 6975", "is declined: too often or too much"),
    ("prepaid", "Pay with 5105 1051 0510 5100", "a prepaid card; succeeds"),
    ("unionpay", "Pay with 6200 0000 0000 0005", "UnionPay; succeeds"),
    ("apple_pay", "Apple Pay", "a contactless wallet; succeeds"),
    ("google_pay", "Google Pay", "a contactless wallet; succeeds"),
)
_OTHERS = (
    ("alipay", "Alipay", "alipay"),
    ("wechat_pay", "WeChat Pay", "wechat_pay"),
    ("paypal", "PayPal", "paypal"),
    ("klarna", "Klarna", "klarna"),
    ("link", "Link", "link"),
    ("afterpay_clearpay", "Afterpay / Clearpay", "afterpay_clearpay"),
    ("konbini", "Convenience store", "konbini"),
    ("bank_transfer", "Bank transfer, arrives later", "customer_balance sepa_debit"),
    ("bank_transfer_never", "Bank transfer, never arrives", "customer_balance"),
    ("bank_transfer_fail", "Bank transfer, fails later", "customer_balance sepa_debit"),
)


def show(store: Store, _request: Request, id: str) -> Response:
    session = store.collection("session").rows.get(id)
    if session is None:
        return message("Not found", "There is no such payment page.", 404)
    if session["status"] == "complete":
        return message("Already paid", "This payment is complete.", 200, success_url(session))
    if session["status"] == "expired":
        return message("Expired", "This payment page has expired.", 410, session["cancel_url"])
    if session["mode"] == "setup":
        return identity.show_card(session)
    return _form(store, session, 200)


def _form(store: Store, session: Json, status: int, problem: str = "") -> Response:
    intent = store.collection("payment_intent").rows.get(session["payment_intent"] or "")
    error = (intent or {}).get("last_payment_error")
    offered = set(session["payment_method_types"])
    return draw(
        "pay.html",
        status,
        session=session,
        lines=checkout_lines.totals(session),
        total=display(session["amount_total"], session["currency"]),
        problem=problem or (error["message"] if error else ""),
        cards=_CARD if "card" in offered else (),
        others=[row for row in _OTHERS if offered & set(row[2].split())],
    )


def submit(store: Store, request: Request, id: str) -> Response:
    session = store.collection("session").rows.get(id)
    if session is None:
        return message("Not found", "There is no such payment page.", 404)
    form = request.form()
    outcome = form.get("outcome", "")
    if session["status"] != "open":
        return _closed(session)
    if session["mode"] == "setup":
        return identity.submit_card(store, request, session)
    if outcome == "abandon":
        return redirect(session["cancel_url"] or f"/pay/{id}")
    try:
        with store.write() as tx:
            intent = paying.pay(tx, id, outcome, form.get("email", ""))
    except StripeError as error:
        now = store.collection("session").rows[id]
        return _form(store, now, 400, str(error)) if now["status"] == "open" else _closed(now)
    return redirect(_next(store, intent, id))


def _closed(session: Json) -> Response:
    """A second click or the back button: nothing is paid twice, the payer goes where the first click led."""
    if session["status"] == "complete":
        return redirect(success_url(session))
    return message("Expired", "This payment page has expired.", 410, session["cancel_url"])


def _next(store: Store, intent: Json, key: str) -> str:
    if actions.has_page(intent):
        return f"/authorize/{intent['id']}"
    if intent["status"] == "requires_action" and not actions.is_awaited(intent):
        return f"/3ds/{intent['id']}"
    if intent["status"] == "succeeded" or actions.is_awaited(intent):
        return success_url(store.collection("session").rows[key])
    return f"/pay/{key}"


def success_url(session: Json) -> str:
    return str(session["success_url"]).replace("{CHECKOUT_SESSION_ID}", session["id"])


ROUTES = (Route("GET", "/pay/<id>", show), Route("POST", "/pay/<id>", submit))
