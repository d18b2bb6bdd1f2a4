"""The sandbox's own switches, for tests and for the plain pages. None of them exists at a provider."""

import json
from collections.abc import Callable
from dataclasses import asdict
from typing import Any, Protocol

from daigou.sandbox import books
from daigou.sandbox.carrier import trackers
from daigou.sandbox.carrier.errors import CarrierError
from daigou.sandbox.faults import Faults
from daigou.sandbox.store import Json, Store, Tx
from daigou.sandbox.stripe import account_review, accounts, disputes, paying, payouts, refunds
from daigou.sandbox.stripe.errors import StripeError, no_such
from daigou.sandbox.timers import Timers
from daigou.sandbox.webhooks import enqueue
from daigou.sandbox.wire import Request, Response, Route, as_json, find, redirect

TROUBLES = ("clear", "document", "restricted", "rejected")


class Parts(Protocol):
    """What the switches reach of a running sandbox."""

    store: Store
    timers: Timers
    faults: Faults


def answer(sandbox: Parts, request: Request) -> Response | None:
    """None when the path is no control. A browser's form is sent back to the page it came from."""
    found = find(ROUTES, request.method, request.path)
    if found is None:
        return None
    route, ids = found
    try:
        result = route.handler(sandbox, request, **ids)
    except (StripeError, CarrierError) as error:
        return as_json(error.body if isinstance(error, CarrierError) else {"error": error.body}, error.status)
    except (ValueError, KeyError, TypeError) as error:
        return as_json({"error": {"message": str(error)}}, 400)
    if request.method == "POST" and "text/html" in request.headers.get("accept", ""):
        back = request.form().get("back", "")
        return redirect(back if back.startswith("/") and not back.startswith("//") else "/books")
    return as_json(result)


def _health(sandbox: Parts, _request: Request) -> Json:
    return {"status": "ok", "sandbox": True, "now": int(sandbox.store.clock())}


def _books(sandbox: Parts, _request: Request) -> Json:
    return books.summary(sandbox.store)


def _faults(sandbox: Parts, _request: Request) -> Json:
    return {"faults": sandbox.faults.as_list()}


def _add_fault(sandbox: Parts, request: Request) -> Json:
    spec = json.loads(request.body or b"{}")
    if not isinstance(spec, dict):
        raise ValueError("a fault is one JSON object")
    return asdict(sandbox.faults.add(spec))


def _clear_faults(sandbox: Parts, _request: Request) -> Json:
    sandbox.faults.clear()
    return {"faults": []}


def _prune(sandbox: Parts, request: Request) -> Json:
    """Forget one key, or all: what Stripe does a day later."""
    wanted = request.form().get("key")
    gone = 0
    with sandbox.store.write() as tx:
        for row in list(tx.rows("idempotency")):
            if wanted in (None, row["id"].partition("/")[2]):
                tx.drop("idempotency", row["id"])
                gone += 1
    return {"pruned": gone}


def _clock(sandbox: Parts, request: Request) -> Json:
    if request.method == "POST":
        by = int(request.form()["advance_seconds"])
        if by < 0:
            raise ValueError("the clock only moves forward")
        with sandbox.store.write() as tx:
            old = tx.peek("meta", "clock") or {"offset": 0}
            tx.put("meta", {"id": "clock", "offset": old["offset"] + by})
        sandbox.timers.run_due()
        sandbox.timers.nudge()
    return {"now": int(sandbox.store.clock())}


def _in_tx(work: Callable[[Tx, Json, str], Any]) -> Callable[..., Json]:
    """A control that changes one object: form in, object out."""

    def handler(sandbox: Parts, request: Request, id: str = "") -> Json:
        with sandbox.store.write() as tx:
            found = work(tx, request.form(), id)
        return {k: v for k, v in (found or {"ok": True}).items() if not k.startswith("_")}

    return handler


def _open_dispute(tx: Tx, form: Json, _id: str) -> Json:
    charge = tx.edit("charge", str(form.get("charge")))
    if charge is None:
        raise no_such("charge", str(form.get("charge")), "charge")
    reason = form.get("reason", "product_not_received")
    if reason not in disputes.REASONS:
        raise ValueError(f"reason must be one of {', '.join(disputes.REASONS)}")
    inquiry = form.get("inquiry") == "true"
    return disputes.open_dispute(tx, charge, reason, int(form.get("amount") or charge["amount"]), inquiry)


def _decide_dispute(tx: Tx, form: Json, key: str) -> Json:
    return disputes.decide(tx, key, _either(form, "won", "lost"))


def _settle_payment(tx: Tx, form: Json, key: str) -> None:
    paying.finish_async(tx, key, _either(form, "succeed", "fail"))


def _either(form: Json, good: str, bad: str) -> bool:
    if form.get("outcome") not in (good, bad):
        raise ValueError(f"outcome must be {good} or {bad}")
    return bool(form["outcome"] == good)


def _fail_refund(tx: Tx, _form: Json, key: str) -> Json | None:
    refunds.fail(tx, key)
    return tx.peek("refund", key)


def _fail_payout(tx: Tx, _form: Json, key: str) -> Json:
    row = tx.edit("payout", key)
    if row is None:
        raise no_such("payout", key)
    payouts.fail(tx, row, tx.edit("account", row["_account"] or ""))
    return row


def _account(tx: Tx, form: Json, key: str) -> Json:
    accounts.need(tx, key)
    row = tx.edit("account", key) or {}
    outcome = form.get("outcome")
    if outcome == "complete":
        account_review.submit(tx, row, "complete", form.get("bank", "succeed"))
    elif outcome in TROUBLES:
        account_review.set_trouble(tx, row, "" if outcome == "clear" else str(outcome))
    else:
        raise ValueError(f"outcome must be complete or one of {', '.join(TROUBLES)}")
    return row


def _tracker(tx: Tx, form: Json, key: str) -> Json:
    """By the tracker's id or the parcel's tracking code."""
    if not key.startswith("trk_"):
        key = next((row["id"] for row in tx.rows("tracker") if row["tracking_code"] == key), key)
    return trackers.branch(tx, key, str(form.get("outcome", "step")))


def _resend(tx: Tx, _form: Json, key: str) -> Json:
    """Send a recorded event once more, as the provider's dashboard can."""
    for provider, field in (("stripe", "type"), ("easypost", "description")):
        event = tx.peek(f"{provider}_event", key)
        if event is not None:
            return {"event": key, "deliveries": enqueue(tx, provider, event[field], key)}
    raise no_such("event", key)


ROUTES = (
    Route("GET", "/healthz", _health),
    Route("GET", "/books.json", _books),
    Route("GET", "/faults", _faults),
    Route("POST", "/faults", _add_fault),
    Route("DELETE", "/faults", _clear_faults),
    Route("GET", "/clock", _clock),
    Route("POST", "/clock", _clock),
    Route("POST", "/controls/idempotency/prune", _prune),
    Route("POST", "/controls/disputes", _in_tx(_open_dispute)),
    Route("POST", "/controls/disputes/<id>", _in_tx(_decide_dispute)),
    Route("POST", "/controls/payments/<id>", _in_tx(_settle_payment)),
    Route("POST", "/controls/refunds/<id>/fail", _in_tx(_fail_refund)),
    Route("POST", "/controls/payouts/<id>/fail", _in_tx(_fail_payout)),
    Route("POST", "/controls/accounts/<id>", _in_tx(_account)),
    Route("POST", "/controls/trackers/<id>", _in_tx(_tracker)),
    Route("POST", "/controls/events/<id>/resend", _in_tx(_resend)),
)
