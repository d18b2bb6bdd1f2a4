"""Account links: one-time addresses of the hosted onboarding."""

import secrets

from daigou.sandbox.store import Json, Tx
from daigou.sandbox.stripe import account_review, accounts
from daigou.sandbox.stripe.call import Call
from daigou.sandbox.stripe.errors import StripeError, invalid
from daigou.sandbox.wire import Route

LIFE_SECONDS = 300
OUTCOMES = ("complete", "document", "restricted", "later")


def _create(tx: Tx, call: Call) -> Json:
    account = accounts.need(tx, call.params.need("account"))
    kind = call.params.choice("type", ("account_onboarding", "account_update"))
    if kind is None:
        raise invalid("Missing required param: type.", "type", "parameter_missing")
    row = {
        "id": secrets.token_urlsafe(24),
        "account": account["id"],
        "return_url": call.params.url("return_url", required=True),
        "refresh_url": call.params.url("refresh_url", required=True),
        "expires_at": tx.now + LIFE_SECONDS,
        "used": False,
    }
    tx.put("account_link", row)
    return {
        "object": "account_link", "created": tx.now, "expires_at": row["expires_at"],
        "url": f"{tx.settings.public_url}/connect/onboarding/{row['id']}",
    }  # fmt: skip


def stale(tx: Tx, link: Json) -> bool:
    """Stripe sends the visitor of a used or old link to `refresh_url`."""
    return bool(link["used"]) or tx.now > link["expires_at"]


def answer(tx: Tx, key: str, outcome: str, bank: str) -> str:
    """The onboarding form was sent; answers with the address to go to."""
    link = tx.edit("account_link", key)
    if link is None or outcome not in OUTCOMES:
        raise StripeError(f"outcome must be one of {', '.join(OUTCOMES)}", status=400)
    if stale(tx, link):
        return str(link["refresh_url"])
    link["used"] = True
    account = tx.edit("account", link["account"])
    if account is not None and outcome != "later":
        account_review.submit(tx, account, outcome, "fail" if bank == "fail" else "succeed")
    return str(link["return_url"])


ROUTES = (
    Route(
        "POST",
        "/v1/account_links",
        _create,
        frozenset(("account", "type", "return_url", "refresh_url", "collect", "collection_options")),
    ),
)
