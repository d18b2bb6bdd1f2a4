"""What carriers say, in our words. A table as data; the carrier's own words are kept beside ours."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

# (status, detail) of EasyPost's trackers, with "" for any detail -> ours.
# https://docs.easypost.com/docs/trackers lists them; "held" abroad is customs in the postal world.
STATUSES: Mapping[tuple[str, str], str] = {
    ("unknown", ""): "announced",
    ("pre_transit", ""): "announced",
    ("in_transit", ""): "in_transit",
    ("in_transit", "received_at_origin_facility"): "accepted",
    ("in_transit", "held"): "customs",
    ("in_transit", "awaiting_information"): "customs_information_required",
    ("in_transit", "delivery_exception"): "customs_duty_due",
    ("out_for_delivery", ""): "out_for_delivery",
    ("available_for_pickup", ""): "out_for_delivery",
    ("delivered", ""): "delivered",
    ("return_to_sender", ""): "returning",
    ("return_to_sender", "delivered"): "returned",
    ("failure", ""): "failed",
    ("failure", "lost"): "lost",
    ("failure", "damaged"): "damaged",
    ("failure", "return"): "returning",
    ("error", ""): "failed",
    ("cancelled", ""): "failed",
}
# UPU's EMSEVT codes say more than EasyPost's words about customs, so they go first (UPU M40).
POSTAL_CODES: Mapping[str, str] = {
    "EMA": "accepted",
    "EMB": "accepted",
    "EMC": "in_transit",
    "EMD": "in_transit",
    "EDB": "customs",
    "EDC": "customs_released",
    "EMF": "in_transit",
    "EMG": "in_transit",
}
# Held by customs (EME): the carrier's words say for what.
HELD_BY_CUSTOMS = "EME"

# Which move of the parcel's machine a status asks for. What stands in no row is shown and moves nothing.
MOVES: Mapping[str, str] = {
    "accepted": "travel",
    "in_transit": "travel",
    "customs": "enter_customs",
    "customs_information_required": "enter_customs",
    "customs_duty_due": "enter_customs",
    "customs_released": "clear_customs",
    "out_for_delivery": "go_out",
    "delivered": "deliver",
    "returned": "turn_back",
    "lost": "lose",
    "damaged": "damage",
    "seized": "seize",
}
# What customs wants of the shopper: told at once.
ASKING = ("customs_information_required", "customs_duty_due")
_RANK = {m: n for n, m in enumerate(("travel", "enter_customs", "clear_customs", "go_out", "deliver"))}
# CBV 2.0 words of a passport's stamp for each move.
STAMPS: Mapping[str, tuple[str, str]] = {
    "travel": ("transporting", "in_transit"),
    "enter_customs": ("holding", "in_transit"),
    "clear_customs": ("departing", "in_transit"),
    "deliver": ("arriving", "active"),
    "turn_back": ("receiving", "returned"),
    "lose": ("transporting", "unknown"),
    "damage": ("transporting", "damaged"),
    "seize": ("holding", "unavailable"),
}


@dataclass(frozen=True, slots=True)
class Scan:
    """One event as the aggregator tells it. ``postal_code`` is UPU's, where the carrier gives one."""

    at: datetime
    status: str
    detail: str = ""
    postal_code: str = ""
    message: str = ""
    city: str = ""
    country: str = ""


def normalised(scan: Scan) -> str:
    """Our word for a scan: the postal code where it is plain, else status and detail, else the status alone."""
    if scan.status == "return_to_sender" or scan.postal_code == HELD_BY_CUSTOMS:
        return _by_words(scan, "customs" if scan.postal_code == HELD_BY_CUSTOMS else "returning")
    return POSTAL_CODES.get(scan.postal_code) or _by_words(scan, "in_transit")


def _by_words(scan: Scan, otherwise: str) -> str:
    exact = STATUSES.get((scan.status, scan.detail))
    return exact or STATUSES.get((scan.status, ""), otherwise)


def reached(statuses: Iterable[str]) -> set[str]:
    """The stages that these scans stand for."""
    return {MOVES[s] for s in statuses if s in MOVES}


def furthest(statuses: Iterable[tuple[datetime, str]]) -> str | None:
    """The move that all scans together ask for. A late or reversed scan asks for nothing that was passed already.

    What ends a journey badly counts by time: the last word of lost, damaged, returned or delivered. Scans of one moment
    stand in the carrier's order.
    """
    moves = [(at, n, MOVES[s]) for n, (at, s) in enumerate(statuses) if s in MOVES]
    ends = [found for found in moves if found[2] not in _RANK or found[2] == "deliver"]
    if ends:
        return max(ends)[2]
    return max((m for *_, m in moves), key=_RANK.__getitem__, default=None)
