"""Pure rules of passports: EPCIS 2.0 events in the words of GS1's Core Business Vocabulary 2.0. Nothing personal."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

CONTEXT = "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld"

# CBV 2.0, section 7.1 and 7.2. There is no customs step: customs is ``holding``.
_STEPS = """
accepting arriving assembling collecting commissioning consigning decommissioning departing destroying disassembling
dispensing encoding entering_exiting holding inspecting installing loading other packing picking receiving removing
repackaging repairing replacing reserving retail_selling sampling shipping staging_outbound stocking storing
transforming transporting unloading unpacking void_shipping
"""
_STANDINGS = """
active available completeness_inferred completeness_verified conformant container_closed container_open damaged
destroyed disposed expired in_progress in_transit inactive mismatch_class mismatch_instance mismatch_quantity
needs_replacement no_pedigree_match non_conformant non_sellable_other recalled reserved retail_sold returned
sellable_accessible sellable_not_accessible stolen unavailable unknown
"""
BIZ_STEPS = frozenset(_STEPS.split())
DISPOSITIONS = frozenset(_STANDINGS.split())
# What a piece of evidence is among CBV's business transaction types.
TRANSACTION_TYPES = {
    "receipt": "po",
    "invoice": "inv",
    "qc_report": "testres",
    "certificate": "cert",
    "customs_form": "desadv",
    "return": "rma",
}
_FIRST = frozenset({"commissioning"})  # an item's identity begins here: action ADD
_DIGEST = re.compile(r"[0-9a-f]{64}")
_CODE = re.compile(r"[\w./ +:-]{0,80}")

Evidence = Mapping[str, Any]


class NotAllowed(ValueError):
    """Something that may not stand in a passport: a word outside the vocabulary, or evidence that is no digest."""


@dataclass(frozen=True, slots=True)
class Happening:
    """One event before it is written. ``place`` is a town and country, ``who`` a role or a company: never a person.

    ``parent`` makes it an AggregationEvent: the container that the item went into (ADD) or came out of (DELETE).
    """

    id: UUID
    item_uri: str
    step: str
    disposition: str
    place: str
    who: str
    evidence: Evidence
    at: datetime
    recorded_at: datetime
    parent: str | None = None
    removed: bool = False


def check(event: Happening) -> None:
    """Raises NotAllowed for a word that CBV 2.0 does not have, or evidence that could carry personal data."""
    if event.step not in BIZ_STEPS:
        raise NotAllowed(f"not a business step of CBV 2.0: {event.step}")
    if event.disposition not in DISPOSITIONS:
        raise NotAllowed(f"not a disposition of CBV 2.0: {event.disposition}")
    for name, value in event.evidence.items():
        if not all(_allowed(v) for v in (value if isinstance(value, list | tuple) else [value])):
            raise NotAllowed(f"evidence {name!r} must be a digest, a number or a short code")


def _allowed(value: object) -> bool:
    return value is None or isinstance(value, int) or (isinstance(value, str) and bool(_CODE.fullmatch(value)))


def is_digest(value: object) -> bool:
    """SHA-256 in hexadecimal."""
    return isinstance(value, str) and bool(_DIGEST.fullmatch(value))


def digests(evidence: Evidence) -> list[tuple[str, str]]:
    """(what it is, SHA-256 in hexadecimal) of every proof among the evidence."""
    pairs = ((k, v) for k, vs in evidence.items() for v in (vs if isinstance(vs, list | tuple) else [vs]))
    return [(name, value) for name, value in pairs if is_digest(value)]


def document(event: Happening, base_url: str) -> dict[str, Any]:
    """The event as EPCIS 2.0 JSON-LD. Evidence is named by its digest alone (RFC 6920)."""
    place = {"id": f"{base_url}/id/place/{slug(event.place)}"}
    common = {
        "eventID": f"urn:uuid:{event.id}",
        "eventTime": event.at.isoformat(),
        "eventTimeZoneOffset": "+00:00",
        "recordTime": event.recorded_at.isoformat(),
        "bizStep": event.step,
        "disposition": event.disposition,
        "readPoint": place,
        "bizLocation": place,
        "bizTransactionList": [
            {"type": TRANSACTION_TYPES[name], "bizTransaction": digest_uri(value)}
            for name, value in digests(event.evidence)
            if name in TRANSACTION_TYPES
        ],
        "daigou:place": event.place,
        "daigou:party": event.who,
        "daigou:evidence": dict(event.evidence),
    }
    return {**_what(event), **common}


def _what(event: Happening) -> dict[str, Any]:
    if event.parent is not None:
        action = "DELETE" if event.removed else "ADD"
        return {
            "type": "AggregationEvent",
            "action": action,
            "parentID": event.parent,
            "childEPCs": [event.item_uri],
        }
    action = "ADD" if event.step in _FIRST else "OBSERVE"
    return {"type": "ObjectEvent", "action": action, "epcList": [event.item_uri]}


def epcis(events: Iterable[Mapping[str, Any]], made_at: datetime, base_url: str) -> dict[str, Any]:
    """A whole EPCIS document around events."""
    return {
        "@context": [CONTEXT, {"daigou": f"{base_url}/id/epcis/"}],
        "type": "EPCISDocument",
        "schemaVersion": "2.0",
        "creationDate": made_at.isoformat(),
        "epcisBody": {"eventList": [dict(e) for e in events]},
    }


def digest(event: Mapping[str, Any]) -> str:
    """SHA-256 of the event's canonical form: sorted keys, no spaces, UTF-8. The audit log keeps it."""
    plain = json.dumps(event, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(plain.encode()).hexdigest()


def digest_uri(hexadecimal: str) -> str:
    """RFC 6920: ``ni:///sha-256;<base64url>``."""
    return "ni:///sha-256;" + base64.urlsafe_b64encode(bytes.fromhex(hexadecimal)).decode().rstrip("=")


def slug(text: str) -> str:
    """A place's name as the end of an address."""
    return "-".join(re.findall(r"\w+", text.casefold())) or "unknown"
