"""Customers: little more than a name and an e-mail address, which is all a hosted page needs."""

from daigou.sandbox.ids import stripe_id
from daigou.sandbox.store import Json, Tx
from daigou.sandbox.stripe.call import Call
from daigou.sandbox.stripe.errors import no_such
from daigou.sandbox.stripe.events import emit
from daigou.sandbox.stripe.lists import page
from daigou.sandbox.wire import Route

_PLAIN = ("name", "email", "phone", "description")
_FIELDS = frozenset((*_PLAIN, "address", "shipping", "metadata", "preferred_locales", "tax_exempt"))


def _create(tx: Tx, call: Call) -> Json:
    row: Json = {
        "id": stripe_id("cus"), "object": "customer", "created": tx.now, "livemode": False, "balance": 0,
        "currency": None, "delinquent": False, "metadata": {}, "address": None, "shipping": None,
        "preferred_locales": [], "tax_exempt": "none", **dict.fromkeys(_PLAIN), "_account": call.account,
    }  # fmt: skip
    _fill(row, call)
    emit(tx, "customer.created", row)
    return tx.put("customer", row)


def _update(tx: Tx, call: Call) -> Json:
    before = need(tx, call.ids["id"], "id", call.account)
    row = tx.edit("customer", before["id"]) or {}
    _fill(row, call)
    emit(tx, "customer.updated", row, before)
    return row


def _fill(row: Json, call: Call) -> None:
    for name in _PLAIN:
        if name in call.params:
            row[name] = call.params.text(name)
    for name in ("address", "shipping"):
        if name in call.params:
            row[name] = call.params.group(name).values
    row["preferred_locales"] = call.params.array("preferred_locales") or row["preferred_locales"]
    row["metadata"] = call.params.metadata(row["metadata"])


def need(tx: Tx, key: str, param: str, account: str | None) -> Json:
    row = tx.peek("customer", key)
    if row is None or row["_account"] != account:
        raise no_such("customer", key, param)
    return row


def _retrieve(tx: Tx, call: Call) -> Json:
    return need(tx, call.ids["id"], "id", call.account)


def _delete(tx: Tx, call: Call) -> Json:
    row = need(tx, call.ids["id"], "id", call.account)
    emit(tx, "customer.deleted", row)
    tx.drop("customer", row["id"])
    return {"id": row["id"], "object": "customer", "deleted": True}


def _list(tx: Tx, call: Call) -> Json:
    email = call.params.text("email")
    return page(tx, call, "customer", lambda row: email in (None, row["email"]))


ROUTES = (
    Route("POST", "/v1/customers", _create, _FIELDS),
    Route("GET", "/v1/customers", _list, frozenset(("email", "created"))),
    Route("GET", "/v1/customers/<id>", _retrieve),
    Route("POST", "/v1/customers/<id>", _update, _FIELDS),
    Route("DELETE", "/v1/customers/<id>", _delete),
)
