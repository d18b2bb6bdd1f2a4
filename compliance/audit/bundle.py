"""The bundle "daigou-audit-bundle/1": names, limits, and how one entry looks in each of its files. Pure.

The exporter writes with these functions and the verifier writes the same again to compare, so nobody
can be shown a table that says something else than the signed entries.
"""

import base64
import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any, Final

from compliance.audit import entry

FORMAT: Final = "daigou-audit-bundle/1"
MANIFEST: Final = "manifest.json"
MANIFEST_NOTE: Final = "manifest.note"
CHECKPOINT: Final = "checkpoint"
LEAVES: Final = "leaves.bin"
RANGE: Final = "range.json"
ENTRIES: Final = "entries.jsonl"
ENTRIES_CSV: Final = "entries.csv"
OCSF: Final = "ocsf.jsonl"
CONSISTENCY: Final = "consistency.jsonl"
CHECKPOINTS: Final = "checkpoints/"
HANDOVERS: Final = "handovers/"
TIMESTAMPS: Final = "timestamps/"
COSIGNED: Final = "cosigned/"
DOCUMENTS: Final = "documents/"
COVER: Final = "COVER.pdf"
REQUIRED: Final = (CHECKPOINT, LEAVES, RANGE, ENTRIES, ENTRIES_CSV, OCSF, CONSISTENCY)

MAX_MANIFEST: Final = 256 << 20
MAX_LINE: Final = 1 << 20
"""Bytes of one line of a .jsonl file; an entry in base64 with its fields beside it fits several times."""

_COLUMNS: Final = ("index", "at", "kind", "stream", "no", "actor", *entry.FACETS, "facts")
CSV_HEAD: Final = (",".join(f'"{name}"' for name in _COLUMNS) + "\r\n").encode()
_QUOTE, _QUOTES = '"', '""'
_FORMULA: Final = ("=", "+", "-", "@", "\t", "\r", "\n", "|", "%")

# Made once: json.dumps would make one for each of a million lines.
_ENCODER: Final = json.JSONEncoder(sort_keys=True, separators=(",", ":"), ensure_ascii=False, check_circular=False)
_OCSF_VERSION: Final = "1.3.0"
_API_ACTIVITY: Final = 6003
_AUTHENTICATION: Final = 3002
_ACTIVITIES: Final = {"created": 1, "viewed": 2, "read": 2, "deleted": 4, "erased": 4}
_UPDATE: Final = 3


@dataclass(frozen=True, slots=True)
class Filter:
    """What an officer asks for. Time decides the range of the log; the rest what is shown of it."""

    since: datetime | None = None
    until: datetime | None = None
    kind: str | None = None
    order_ref: str | None = None
    merchant_ref: str | None = None
    subject: str | None = None
    stream: str | None = None
    """One thing alone, such as ``case/<id>``."""

    def to_json(self) -> dict[str, str]:
        """As it stands in the manifest: times by RFC 3339, `from` inclusive, `to` exclusive."""
        times = {"from": self.since, "to": self.until}
        shown = {name: entry.stamp(at) for name, at in times.items() if at is not None}
        return shown | self.facets()

    @classmethod
    def from_json(cls, data: Mapping[str, str]) -> "Filter":
        """The other way round; raises ValueError for what is no filter."""
        names = {field.name for field in fields(cls)} - {"since", "until"}
        if set(data) - names - {"from", "to"} or not all(isinstance(v, str) for v in data.values()):
            raise ValueError("not a filter")
        since, until = (entry.moment(data[n]) if n in data else None for n in ("from", "to"))
        return cls(since, until, **{name: data[name] for name in names & set(data)})

    def facets(self) -> dict[str, str]:
        """What narrows the entries shown within the range."""
        names = ("kind", "order_ref", "merchant_ref", "subject", "stream")
        return {name: getattr(self, name) for name in names if getattr(self, name) is not None}


def json_bytes(value: object) -> bytes:
    """JSON with sorted keys and no white space, in UTF-8."""
    return _ENCODER.encode(value).encode()


def entry_line(index: int, raw: bytes, body: Mapping[str, Any]) -> bytes:
    """A line of entries.jsonl."""
    return json_bytes(entry_fields(index, raw, body)) + b"\n"


def entry_fields(index: int, raw: bytes, body: Mapping[str, Any]) -> dict[str, Any]:
    """What a line of entries.jsonl says."""
    return {**body, "index": index, "entry": base64.b64encode(raw).decode("ascii")}


def csv_line(index: int, raw: bytes, body: Mapping[str, Any]) -> bytes:
    """A line of entries.csv (RFC 4180), with nothing that a spreadsheet would run as a formula."""
    facts = dict(body["facts"])
    facets = [_cell(facts.pop(name, "")) for name in entry.FACETS]
    start = f'"{index}","{body["at"]}",{_cell(body["kind"])},{_cell(body["stream"])},"{body["no"]}"'
    rest = ",".join((_cell(body["actor"]), *facets, _cell(_ENCODER.encode(facts))))
    return f"{start},{rest}\r\n".encode()


def ocsf_line(index: int, raw: bytes, body: Mapping[str, Any]) -> bytes:
    """A line of ocsf.jsonl: OCSF 1.3 API Activity (6003), or Authentication (3002) for sign-ins."""
    subject, _, action = body["kind"].partition(":")
    denied = body["facts"].get("outcome") == "denied"
    signs_in = subject in ("signin", "session")
    class_uid = _AUTHENTICATION if signs_in else _API_ACTIVITY
    activity = 1 if signs_in else _ACTIVITIES.get(action, _UPDATE)
    event = {
        "activity_id": activity,
        "category_uid": class_uid // 1000,
        "class_uid": class_uid,
        "type_uid": class_uid * 100 + activity,
        "severity_id": 3 if denied else 1,
        "status_id": 2 if denied else 1,
        "time": round(entry.moment(body["at"]).timestamp() * 1000),
        "metadata": {
            "version": _OCSF_VERSION,
            "product": {"name": "daigou", "vendor_name": "daigou"},
            "log_name": body["stream"],
            "sequence": index,
        },
        "actor": {"user": {"uid": body["actor"]}},
        "user": {"uid": body["actor"]},
        "api": {"operation": body["kind"]},
        "src_endpoint": {"svc_name": "daigou"},
        "unmapped": body["facts"],
    }
    return json_bytes(event) + b"\n"


Line = Callable[[int, bytes, Mapping[str, Any]], bytes]
TABLES: Final[dict[str, tuple[bytes, Line]]] = {
    ENTRIES_CSV: (CSV_HEAD, csv_line),
    OCSF: (b"", ocsf_line),
}
"""The tables beside entries.jsonl: what each begins with, and how it writes one entry."""


def _cell(value: object) -> str:
    text = str(value)
    if text.startswith(_FORMULA):
        text = "'" + text
    return f'"{text.replace(_QUOTE, _QUOTES)}"' if _QUOTE in text else f'"{text}"'
