"""Shipments: rated on creation, bought once, then tracked."""

from datetime import UTC, datetime, timedelta

from daigou.sandbox.carrier import addresses, customs, insurances, parcels, rating, rows, s10, trackers
from daigou.sandbox.carrier.errors import CarrierError, required
from daigou.sandbox.store import Json, Tx
from daigou.sandbox.timers import schedule
from daigou.sandbox.wire import Route

HOME = "JP"
FORMS = ("commercial_invoice", "cn22", "cn23", "return_packing_slip", "label_qr_code")


def _create(tx: Tx, given: Json) -> Json:
    fields = rows.part(given, "shipment")
    for name in ("to_address", "from_address", "parcel"):
        if not isinstance(fields.get(name), dict):
            raise required(f"shipment.{name}")
    info = fields.get("customs_info")
    origin = addresses.make(tx, fields["from_address"])
    row = rows.new(
        tx, "shp", "Shipment",
        to_address=addresses.make(tx, fields["to_address"]),
        from_address=origin,
        return_address=origin,
        buyer_address=None,
        parcel=parcels.make(tx, fields["parcel"]),
        customs_info=customs.make_info(tx, info) if info else None,
        options={"currency": "JPY", "payment": {"type": "SENDER"}, **(fields.get("options") or {})},
        reference=fields.get("reference"), status="unknown", is_return=bool(fields.get("is_return")),
        rates=[], messages=[], selected_rate=None, postage_label=None, tracker=None, tracking_code=None,
        insurance=None, refund_status=None, forms=[], fees=[], batch_id=None, scan_form=None, usps_zone=None,
    )  # fmt: skip
    _rate(tx, row)
    return tx.put("shipment", row)


def _rate(tx: Tx, row: Json) -> None:
    """Fill `rates`, and `messages` with the reasons for lines that have no price."""
    row["rates"], row["messages"] = [], []
    if row["from_address"]["country"] != HOME:
        _refuse(row, f"{rating.CARRIER} collects in {HOME} only.")
        return
    grams, volume = parcels.grams(row["parcel"]), parcels.volume_cm3(row["parcel"])
    for line in rating.LINES:
        price = rating.quote(line, row["to_address"]["country"], grams, volume)
        if isinstance(price, str):
            _refuse(row, price)
        else:
            row["rates"].append(_shown_rate(tx, row, price))


def _refuse(row: Json, reason: str) -> None:
    message = {
        "carrier": rating.CARRIER,
        "type": "rate_error",
        "message": reason,
        "carrier_account_id": "ca_nippon",
    }
    row["messages"].append(message)


def _shown_rate(tx: Tx, row: Json, price: rating.Price) -> Json:
    yen = f"{price.yen}.00"
    return rows.new(
        tx, "rate", "Rate", service=price.line.service, carrier=rating.CARRIER, rate=yen, currency="JPY",
        retail_rate=yen, retail_currency="JPY", list_rate=yen, list_currency="JPY", billing_type="easypost",
        delivery_days=price.days, delivery_date=None, delivery_date_guaranteed=False,
        est_delivery_days=price.days, shipment_id=row["id"], carrier_account_id="ca_nippon",
        chargeable_weight_grams=price.chargeable_grams,
    )  # fmt: skip


def _buy(tx: Tx, given: Json, id: str) -> Json:
    row = _edit(tx, id)
    if row["postage_label"]:
        raise CarrierError("SHIPMENT.POSTAGE.EXISTS", "Postage already exists for this shipment.")
    wanted = (given.get("rate") or {}).get("id")
    rate = next((r for r in row["rates"] if r["id"] == wanted), None)
    if rate is None:
        raise CarrierError("SHIPMENT.POSTAGE.RATE_NOT_FOUND", "The rate does not belong to this shipment.", 422)
    if row["to_address"]["country"] != HOME and not row["customs_info"]:
        raise CarrierError("SHIPMENT.POSTAGE.FAILURE", "customs_info is required for international shipments.")
    line = rating.BY_SERVICE[rate["service"]]
    row["tracking_code"] = s10.new(line.indicator, HOME)
    row["selected_rate"], row["status"] = rate, "pre_transit"
    row["postage_label"] = _label(tx, row)
    row["forms"] = [_form(tx, row, "commercial_invoice"), _form(tx, row, "cn23")] if row["customs_info"] else []
    row["fees"] = [_fee("PostageFee", rate["rate"], "JPY")]
    row["tracker"] = trackers.for_shipment(tx, row, rate)
    if given.get("insurance"):
        _insured(tx, row, str(given["insurance"]))
    row["updated_at"] = rows.iso(tx.now)
    return row


def _label(tx: Tx, row: Json) -> Json:
    url = f"{tx.settings.public_url}/documents/{row['id']}/label.pdf"
    today = datetime.fromtimestamp(tx.now, UTC)
    return rows.new(
        tx, "pl", "PostageLabel", label_url=url, label_pdf_url=url, label_zpl_url=None, label_epl2_url=None,
        label_file=None, label_file_type="application/pdf", label_size="4x6", label_type="default",
        label_resolution=203, label_date=rows.iso(tx.now), integrated_form="none",
        _valid_until=(today + timedelta(days=30)).isoformat(),
    )  # fmt: skip


def _form(tx: Tx, row: Json, kind: str) -> Json:
    url = f"{tx.settings.public_url}/documents/{row['id']}/{kind}.pdf"
    return rows.new(tx, "form", "Form", form_type=kind, form_url=url, submitted_electronically=False)


def _fee(kind: str, amount: str, currency: str) -> Json:
    return {
        "object": "Fee",
        "type": kind,
        "amount": amount,
        "currency": currency,
        "charged": True,
        "refunded": False,
    }


def _insure(tx: Tx, given: Json, id: str) -> Json:
    row = _edit(tx, id)
    if not row["tracking_code"]:
        raise CarrierError("SHIPMENT.INSURE.NO_POSTAGE", "Buy the shipment before insuring it.")
    if row["insurance"]:
        raise CarrierError("SHIPMENT.INSURE.EXISTS", "This shipment is already insured.")
    _insured(tx, row, str(given.get("amount") or ""))
    return row


def _insured(tx: Tx, row: Json, amount: str) -> None:
    cover = insurances.make(tx, amount, row["tracking_code"], row["reference"], row["id"])
    row["insurance"] = cover["amount"]
    row["fees"].append(cover["fee"])


def _refund(tx: Tx, _given: Json, id: str) -> Json:
    return ask_refund(tx, _edit(tx, id))


def ask_refund(tx: Tx, row: Json) -> Json:
    """A label that no parcel has used yet can be given back. Raises CarrierError else."""
    tracker = tx.edit("tracker", (row["tracker"] or {}).get("id", ""))
    if tracker is None:
        raise CarrierError("SHIPMENT.REFUND.UNAVAILABLE", "There is no postage to refund.")
    if tracker["status"] not in ("unknown", "pre_transit") or row["refund_status"]:
        raise CarrierError("SHIPMENT.REFUND.UNAVAILABLE", "This postage was used or is refunded already.")
    row["refund_status"] = "submitted"
    tracker["_script"] = []
    schedule(tx, "label.refunded", row["id"], tx.settings.tracker_step_seconds or 1)
    return row


def _rerate(tx: Tx, _given: Json, id: str) -> Json:
    row = _edit(tx, id)
    if row["postage_label"]:
        raise CarrierError("SHIPMENT.POSTAGE.EXISTS", "Postage already exists for this shipment.")
    _rate(tx, row)
    return {"rates": row["rates"]}


def _label_as(tx: Tx, _given: Json, id: str) -> Json:
    return rows.need(tx, "shipment", id)


def _add_form(tx: Tx, given: Json, id: str) -> Json:
    row = _edit(tx, id)
    kind = rows.part(given, "form").get("type")
    if kind not in FORMS:
        raise CarrierError("SHIPMENT.FORM.INVALID", f"type must be one of {', '.join(FORMS)}")
    row["forms"].append(_form(tx, row, str(kind)))
    return row


def _edit(tx: Tx, key: str) -> Json:
    rows.need(tx, "shipment", key)
    return tx.edit("shipment", key) or {}


def _retrieve(tx: Tx, _given: Json, id: str) -> Json:
    row = rows.need(tx, "shipment", id)
    tracker = tx.peek("tracker", (row["tracker"] or {}).get("id", ""))
    return {**row, "tracker": tracker, "status": tracker["status"] if tracker else row["status"]}


def _list(tx: Tx, given: Json) -> Json:
    bought = given.get("purchased", "").lower() != "false"
    reference = given.get("reference")
    found = rows.page(
        tx, "shipment", given,
        lambda row: bool(row["postage_label"]) == bought and reference in (None, row["reference"]),
    )  # fmt: skip
    return {"shipments": found["data"], "has_more": found["has_more"]}


ROUTES = (
    Route("POST", "/v2/shipments", _create),
    Route("GET", "/v2/shipments", _list),
    Route("GET", "/v2/shipments/<id>", _retrieve),
    Route("POST", "/v2/shipments/<id>/buy", _buy),
    Route("POST", "/v2/shipments/<id>/insure", _insure),
    Route("POST", "/v2/shipments/<id>/refund", _refund),
    Route("POST", "/v2/shipments/<id>/rerate", _rerate),
    Route("GET", "/v2/shipments/<id>/label", _label_as),
    Route("POST", "/v2/shipments/<id>/forms", _add_form),
)
