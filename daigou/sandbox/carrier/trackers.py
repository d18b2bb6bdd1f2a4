"""Trackers: a parcel's way, told by webhooks as it goes."""

from datetime import UTC, datetime, timedelta
from typing import Any

from daigou.sandbox.carrier import events, rating, rows, s10, timeline
from daigou.sandbox.carrier.errors import CarrierError, required
from daigou.sandbox.store import Json, Tx
from daigou.sandbox.timers import schedule, works
from daigou.sandbox.wire import Route

# EasyPost's test codes, which stand in one state for ever.
_TEST_CODES = {
    "EZ1000000001": ("pre_transit", ()),
    "EZ2000000002": ("in_transit", ("accepted", "departed")),
    "EZ3000000003": ("out_for_delivery", ("accepted", "departed", "customs", "released", "out")),
    "EZ4000000004": ("delivered", timeline.NORMAL),
    "EZ5000000005": ("return_to_sender", ("accepted", "departed", "customs", "returning", "returned")),
    "EZ6000000006": ("failure", ("accepted", "departed", "lost")),
    "EZ7000000007": ("unknown", ()),
}


def for_shipment(tx: Tx, shipment: Json, rate: Json) -> Json:
    country = shipment["to_address"]["country"]
    days = rate["delivery_days"]
    return _make(tx, shipment["tracking_code"], rating.CARRIER, country, shipment["id"], days)


def _make(tx: Tx, code: str, carrier: str, country: str, shipment: str | None = None, days: int = 7) -> Json:
    due = datetime.fromtimestamp(tx.now, UTC) + timedelta(days=days)
    row = rows.new(
        tx, "trk", "Tracker", tracking_code=code, status="unknown", status_detail="unknown", signed_by=None,
        weight=None, est_delivery_date=due.strftime("%Y-%m-%dT%H:%M:%SZ"), shipment_id=shipment,
        carrier=carrier, tracking_details=[], carrier_detail=None, finalized=False, is_return=False, fees=[],
        public_url=f"{tx.settings.public_url}/track/{code}",
        _country=country, _script=list(timeline.NORMAL), _last="",
    )  # fmt: skip
    tx.put("tracker", row)
    if code in _TEST_CODES:
        _stand(tx, row)
        return row
    _add(tx, row, timeline.CREATED, ("Osaka", "JP"))
    events.emit(tx, "tracker.created", row)
    _next_later(tx, row)
    return row


def _stand(tx: Tx, row: Json) -> None:
    status, steps = _TEST_CODES[row["tracking_code"]]
    row["status"], row["_script"] = status, []
    for name in steps:
        step = timeline.STEPS[name]
        _add(tx, row, step, timeline.place(name, step, row["_country"]))
    events.emit(tx, "tracker.created", row)


def _add(tx: Tx, row: Json, step: timeline.Step, place: tuple[str, str]) -> None:
    city, country = place
    row["tracking_details"].append(
        {
            "object": "TrackingDetail",
            "message": step.message,
            "description": step.message,
            "status": step.status,
            "status_detail": step.detail,
            "datetime": rows.iso(tx.now),
            "source": row["carrier"],
            "carrier_code": step.carrier_code,
            "tracking_location": {
                "object": "TrackingLocation",
                "city": city,
                "state": None,
                "country": country,
                "zip": None,
            },
        }
    )
    row.update(status=step.status, status_detail=step.detail, updated_at=rows.iso(tx.now))


def _next_later(tx: Tx, row: Json) -> None:
    if tx.settings.tracker_step_seconds > 0 and row["_script"]:
        schedule(
            tx,
            "tracker.step",
            f"{row['id']}/{len(row['tracking_details'])}",
            tx.settings.tracker_step_seconds,
        )


@works("tracker.step")
def _step_later(tx: Tx, subject: str) -> None:
    """The subject carries the length it was planned at, so a step by hand makes the planned one void."""
    key, _, length = subject.partition("/")
    row = tx.peek("tracker", key)
    if row is not None and len(row["tracking_details"]) == int(length):
        advance(tx, key)


def advance(tx: Tx, key: str) -> Json:
    """The next step of its script; nothing when it has arrived or waits for a person."""
    row = _edit(tx, key)
    if not row["_script"]:
        return row
    name = row["_script"].pop(0)
    before = {"status": row["status"]}
    step = timeline.STEPS[name]
    _add(tx, row, step, timeline.place(name, step, row["_country"]))
    row["_last"] = name
    row["finalized"] = name in timeline.FINAL
    if name == "delivered":
        row["signed_by"] = "RECIPIENT"
    events.emit(tx, "tracker.updated", row, before)
    _next_later(tx, row)
    return row


def branch(tx: Tx, key: str, outcome: str) -> Json:
    """Another course from here on, as a person chose it. Raises CarrierError for an unknown one."""
    if outcome == "step":
        return advance(tx, key)
    if outcome not in timeline.BRANCHES:
        raise CarrierError("CONTROL.INVALID", f"outcome must be step or one of {', '.join(timeline.BRANCHES)}")
    row = _edit(tx, key)
    if row["finalized"]:
        raise CarrierError("CONTROL.INVALID", "This parcel's way has ended.")
    row["_script"] = list(timeline.BRANCHES[outcome])
    return advance(tx, key)


def _edit(tx: Tx, key: str) -> Json:
    rows.need(tx, "tracker", key)
    return tx.edit("tracker", key) or {}


def _create(tx: Tx, given: Json) -> Json:
    """One tracker for a code and carrier, however often it is asked for: EasyPost answers with the first."""
    fields = rows.part(given, "tracker")
    code = str(fields.get("tracking_code") or "").strip().upper()
    if not code:
        raise required("tracker.tracking_code")
    carrier = fields.get("carrier") or rating.CARRIER
    if code not in _TEST_CODES and not s10.valid(code):
        raise CarrierError("TRACKER.CREATE.ERROR", f"{code} is not a tracking code of {carrier}.")
    for row in tx.rows("tracker"):
        if row["tracking_code"] == code and row["carrier"] == carrier:
            return row
    return _make(tx, code, carrier, "DE")


def _retrieve(tx: Tx, _given: Json, id: str) -> Json:
    row = tx.peek("tracker", id)
    return row or _by_code(tx, id) or rows.need(tx, "tracker", id)


def _by_code(tx: Tx, code: str) -> Json | None:
    return next((row for row in tx.rows("tracker") if row["tracking_code"] == code), None)


def _list(tx: Tx, given: Json) -> Json:
    filters: dict[str, Any] = {k: given[k] for k in ("tracking_code", "carrier") if given.get(k)}
    found = rows.page(tx, "tracker", given, lambda row: all(row[k] == v for k, v in filters.items()))
    return {"trackers": found["data"], "has_more": found["has_more"]}


def _delete(tx: Tx, _given: Json, id: str) -> Json:
    rows.need(tx, "tracker", id)
    tx.drop("tracker", id)
    return {}


ROUTES = (
    Route("POST", "/v2/trackers", _create),
    Route("GET", "/v2/trackers", _list),
    Route("GET", "/v2/trackers/<id>", _retrieve),
    Route("DELETE", "/v2/trackers/<id>", _delete),
)
