"""Addresses, verified only as far as a sandbox can: nothing needed is missing."""

from daigou.sandbox.carrier import rows
from daigou.sandbox.carrier.errors import CarrierError, required
from daigou.sandbox.store import Json, Tx
from daigou.sandbox.wire import Route

_FIELDS = (
    "name",
    "company",
    "street1",
    "street2",
    "city",
    "state",
    "zip",
    "country",
    "phone",
    "email",
    "residential",
    "federal_tax_id",
    "state_tax_id",
)


def make(tx: Tx, given: Json) -> Json:
    """From fields, or an existing one by its id. Raises CarrierError for a bad country."""
    if given.get("id"):
        return rows.need(tx, "address", str(given["id"]))
    country = str(given.get("country") or "US").upper()
    if len(country) != 2 or not country.isalpha():
        detail = {"field": "country", "message": "must be an ISO 3166 code of two letters"}
        raise CarrierError("ADDRESS.PARAMETERS.INVALID", "Invalid country.", 422, [detail])
    for field in ("street1", "city"):
        if not given.get(field):
            raise required(f"address.{field}")
    kept = {name: given.get(name) for name in _FIELDS} | {"country": country}
    verified = {"delivery": {"success": True, "errors": [], "details": None}}
    wants = given.get("verify") or given.get("verify_strict")
    row = rows.new(tx, "adr", "Address", **kept, carrier_facility=None, verifications=verified if wants else {})
    return tx.put("address", row)


def _create(tx: Tx, given: Json) -> Json:
    fields = rows.part(given, "address")
    return make(tx, {**fields, **{k: given[k] for k in ("verify", "verify_strict") if k in given}})


def _verify(tx: Tx, _given: Json, id: str) -> Json:
    return {"address": rows.need(tx, "address", id)}


def _retrieve(tx: Tx, _given: Json, id: str) -> Json:
    return rows.need(tx, "address", id)


def _list(tx: Tx, given: Json) -> Json:
    found = rows.page(tx, "address", given)
    return {"addresses": found["data"], "has_more": found["has_more"]}


ROUTES = (
    Route("POST", "/v2/addresses", _create),
    Route("GET", "/v2/addresses", _list),
    Route("GET", "/v2/addresses/<id>", _retrieve),
    Route("GET", "/v2/addresses/<id>/verify", _verify),
)
