"""Customs items and the form that gathers them."""

from daigou.sandbox.carrier import rows
from daigou.sandbox.carrier.errors import CarrierError, required
from daigou.sandbox.store import Json, Tx
from daigou.sandbox.wire import Route

_CONTENTS = ("documents", "gift", "merchandise", "returned_goods", "sample", "dangerous_goods", "other",
             "humanitarian_donation")  # fmt: skip
_INFO = (
    "contents_explanation", "customs_certify", "customs_signer", "eel_pfc", "non_delivery_option",
    "restriction_comments", "restriction_type", "declaration",
)  # fmt: skip


def make_item(tx: Tx, given: Json) -> Json:
    if given.get("id"):
        return rows.need(tx, "customs_item", str(given["id"]))
    for field in ("description", "quantity", "value", "weight", "origin_country"):
        if given.get(field) in (None, ""):
            raise required(f"customs_item.{field}")
    if float(given["quantity"]) < 1 or float(given["value"]) < 0 or float(given["weight"]) < 0:
        raise CarrierError("CUSTOMS_ITEM.PARAMETERS.INVALID", "Quantity, value and weight must not be negative.")
    row = rows.new(
        tx, "cstitem", "CustomsItem", description=given["description"], quantity=float(given["quantity"]),
        value=str(given["value"]), weight=float(given["weight"]), origin_country=given["origin_country"],
        hs_tariff_number=given.get("hs_tariff_number"), code=given.get("code"),
        currency=given.get("currency"), manufacturer=given.get("manufacturer"), eccn=given.get("eccn"),
    )  # fmt: skip
    return tx.put("customs_item", row)


def make_info(tx: Tx, given: Json) -> Json:
    if given.get("id"):
        return rows.need(tx, "customs_info", str(given["id"]))
    items = [make_item(tx, item) for item in given.get("customs_items") or []]
    if not items:
        raise required("customs_info.customs_items")
    contents = given.get("contents_type", "merchandise")
    if contents not in _CONTENTS:
        raise CarrierError("CUSTOMS_INFO.PARAMETERS.INVALID", f"contents_type must be one of {', '.join(_CONTENTS)}")
    kept = {name: given.get(name) for name in _INFO}
    return tx.put("customs_info", rows.new(
        tx, "cstinfo", "CustomsInfo", **kept, contents_type=contents, customs_items=items))  # fmt: skip


def _create_item(tx: Tx, given: Json) -> Json:
    return make_item(tx, rows.part(given, "customs_item"))


def _create_info(tx: Tx, given: Json) -> Json:
    return make_info(tx, rows.part(given, "customs_info"))


def _item(tx: Tx, _given: Json, id: str) -> Json:
    return rows.need(tx, "customs_item", id)


def _info(tx: Tx, _given: Json, id: str) -> Json:
    return rows.need(tx, "customs_info", id)


ROUTES = (
    Route("POST", "/v2/customs_items", _create_item),
    Route("GET", "/v2/customs_items/<id>", _item),
    Route("POST", "/v2/customs_infos", _create_info),
    Route("GET", "/v2/customs_infos/<id>", _info),
)
