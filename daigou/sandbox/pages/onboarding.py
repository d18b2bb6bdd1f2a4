"""The hosted onboarding of a connected account: a form with `outcome` and `bank`."""

from daigou.sandbox.pages.draw import draw, message
from daigou.sandbox.store import Store
from daigou.sandbox.stripe import account_links
from daigou.sandbox.stripe.errors import StripeError
from daigou.sandbox.wire import Request, Response, Route, redirect


def show(store: Store, _request: Request, id: str) -> Response:
    with store.write() as tx:
        link = tx.peek("account_link", id)
        if link is None:
            return message("Not found", "There is no such onboarding page.", 404)
        if account_links.stale(tx, link):
            return redirect(link["refresh_url"])
        account = tx.peek("account", link["account"])
    if account is None:
        return message("Not found", "This account was deleted.", 404)
    return draw("onboarding.html", account=account)


def submit(store: Store, request: Request, id: str) -> Response:
    form = request.form()
    try:
        with store.write() as tx:
            return redirect(account_links.answer(tx, id, form.get("outcome", ""), form.get("bank", "succeed")))
    except StripeError as error:
        return message("Not understood", str(error), 400)


ROUTES = (
    Route("GET", "/connect/onboarding/<id>", show),
    Route("POST", "/connect/onboarding/<id>", submit),
)
