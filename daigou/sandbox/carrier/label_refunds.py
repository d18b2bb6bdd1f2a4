"""Refunds of unused labels."""

from daigou.sandbox.carrier import events, rating, rows, shipments
from daigou.sandbox.carrier.errors import CarrierError, required
from daigou.sandbox.store import Json, Tx
from daigou.sandbox.timers import works
from daigou.sandbox.wire import Route


def _create(tx: Tx, given: Json) -> list[Json]:
    fields = rows.part(given, "refund")
    codes = fields.get("tracking_codes")
    codes = codes.split(",") if isinstance(codes, str) else codes
    if not codes:
        raise required("refund.tracking_codes")
    if fields.get("carrier", rating.CARRIER) != rating.CARRIER:
        raise CarrierError("REFUND.CARRIER.INVALID", f"The only carrier here is {rating.CARRIER}.")
    return [_one(tx, str(code).strip()) for code in codes]


def _one(tx: Tx, code: str) -> Json:
    found = next((row for row in tx.rows("shipment") if row["tracking_code"] == code), None)
    if found is None:
        raise CarrierError("REFUND.TRACKING_CODE.INVALID", f"No shipment has the tracking code {code}.")
    shipment = shipments.ask_refund(tx, tx.edit("shipment", found["id"]) or {})
    row = rows.new(
        tx, "rfnd", "Refund", tracking_code=code, confirmation_number=None, status="submitted",
        carrier=rating.CARRIER, shipment_id=shipment["id"],
    )  # fmt: skip
    return tx.put("label_refund", row)


@works("label.refunded")
def _refunded(tx: Tx, key: str) -> None:
    """The carrier gave the postage back."""
    shipment = tx.edit("shipment", key)
    if shipment is None or shipment["refund_status"] != "submitted":
        return
    shipment["refund_status"] = "refunded"
    for row in list(tx.rows("label_refund")):
        if row["shipment_id"] == key and row["status"] == "submitted":
            kept = tx.edit("label_refund", row["id"]) or {}
            kept["status"] = "refunded"
            events.emit(tx, "refund.successful", kept)


def _retrieve(tx: Tx, _given: Json, id: str) -> Json:
    return rows.need(tx, "label_refund", id)


def _list(tx: Tx, given: Json) -> Json:
    found = rows.page(tx, "label_refund", given)
    return {"refunds": found["data"], "has_more": found["has_more"]}


ROUTES = (
    Route("POST", "/v2/refunds", _create),
    Route("GET", "/v2/refunds", _list),
    Route("GET", "/v2/refunds/<id>", _retrieve),
)
