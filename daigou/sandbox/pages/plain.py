"""The plain pages: what this is, the books, the parcels."""

from daigou.sandbox import books
from daigou.sandbox.carrier.timeline import BRANCHES
from daigou.sandbox.pages.draw import draw, message
from daigou.sandbox.store import Json, Store
from daigou.sandbox.wire import Request, Response, Route

SHOWN = 50


def _latest(store: Store, collection: str) -> list[Json]:
    with store.lock:
        found = []
        for row in store.collection(collection).newest_first():
            found.append(row)
            if len(found) == SHOWN:
                break
    return found


def _index(store: Store, _request: Request) -> Response:
    return draw("index.html", settings=store.settings, events=_latest(store, "stripe_event")[:15])


def _books(store: Store, _request: Request) -> Response:
    tables = {name: _latest(store, name) for name in ("charge", "refund", "transfer", "payout", "dispute", "account")}
    lines = _latest(store, "balance_transaction")
    return draw("books.html", books=books.summary(store), lines=lines, tables=tables, shown=SHOWN)


def _carrier(store: Store, _request: Request) -> Response:
    return draw("carrier.html", trackers=_latest(store, "tracker"), outcomes=("step", *BRANCHES))


def _track(store: Store, _request: Request, code: str) -> Response:
    found = [row for row in _latest(store, "tracker") if row["tracking_code"] == code]
    if not found:
        return message("Not found", "No parcel has this number.", 404)
    return draw("carrier.html", trackers=found, outcomes=())


def _receipt(store: Store, _request: Request, id: str) -> Response:
    from daigou.sandbox.stripe.currencies import display

    charge = store.collection("charge").rows.get(id)
    if charge is None or not charge["paid"]:
        return message("Not found", "There is no such receipt.", 404)
    return message("Receipt", f"{display(charge['amount'], charge['currency'])} paid, reference {id}.", 200)


ROUTES = (
    Route("GET", "/", _index),
    Route("GET", "/books", _books),
    Route("GET", "/carrier", _carrier),
    Route("GET", "/track/<code>", _track),
    Route("GET", "/receipts/<id>", _receipt),
)
