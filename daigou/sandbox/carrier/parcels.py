"""Parcels: weight in ounces, sides in inches, as EasyPost wants them wherever the sender is."""

from typing import Any

from daigou.sandbox.carrier import rows
from daigou.sandbox.carrier.errors import CarrierError
from daigou.sandbox.store import Json, Tx
from daigou.sandbox.wire import Route

GRAMS_PER_OUNCE = 28.349523125
CM_PER_INCH = 2.54


def make(tx: Tx, given: Json) -> Json:
    if given.get("id"):
        return rows.need(tx, "parcel", str(given["id"]))
    sides = {name: _positive(given, name, needed=False) for name in ("length", "width", "height")}
    weight = _positive(given, "weight", needed=True)
    package = given.get("predefined_package")
    return tx.put("parcel", rows.new(tx, "prcl", "Parcel", **sides, weight=weight, predefined_package=package))


def _positive(given: Json, name: str, needed: bool) -> float | None:
    value: Any = given.get(name)
    if value is None and not needed:
        return None
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = 0
    if not 0 < number < 1e6:
        detail = {"field": name, "message": "must be greater than 0"}
        raise CarrierError("PARCEL.PARAMETERS.INVALID", f"Invalid {name}.", 422, [detail])
    return number


def grams(parcel: Json) -> float:
    return float(parcel["weight"]) * GRAMS_PER_OUNCE


def volume_cm3(parcel: Json) -> float:
    """Zero when a side is not known, so that only the weight counts."""
    found = 1.0
    for name in ("length", "width", "height"):
        found *= float(parcel[name] or 0) * CM_PER_INCH
    return found


def _create(tx: Tx, given: Json) -> Json:
    return make(tx, rows.part(given, "parcel"))


def _retrieve(tx: Tx, _given: Json, id: str) -> Json:
    return rows.need(tx, "parcel", id)


ROUTES = (Route("POST", "/v2/parcels", _create), Route("GET", "/v2/parcels/<id>", _retrieve))
