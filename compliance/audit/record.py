"""A record of entries for those concerned: `daigou-order-record/1`, one JSON file that proves itself.

    {"format": "daigou-order-record/1", "about": "ORD-…", "origin": …, "checkpoint": the signed note,
     "entries": [{"index", "at", "kind", "leaf_hash", "hashes": [base64…], "entry": base64 of the leaf, or absent}]}

Each `leaf_hash` leads by its `hashes` (RFC 6962) to the root that the checkpoint's signature covers. Where the exact
bytes are there, their SHA-256 over 0x00 || bytes is the leaf hash; they are left out where they name somebody else.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Final

from . import checkpoint, entry, merkle, note
from .checkpoint import Checkpoint
from .log import Proof, StoredCheckpoint
from .note import NoteError
from .report import Report

FORMAT: Final = "daigou-order-record/1"
MOST_BYTES: Final = 32 * 1024 * 1024


@dataclass(frozen=True, slots=True)
class Line:
    """One entry of a record; ``body`` is the exact leaf where it may be handed out."""

    at: str
    kind: str
    proof: Proof
    body: bytes | None


def write(about: str, signed: StoredCheckpoint, lines: Iterable[Line]) -> bytes:
    """The file."""
    origin = checkpoint.parse(signed.note)[0].origin
    rows = [_row(line) for line in lines]
    said = {"format": FORMAT, "about": about, "origin": origin, "checkpoint": signed.note, "entries": rows}
    return json.dumps(said, ensure_ascii=False, indent=1).encode()


def _row(line: Line) -> dict[str, Any]:
    bytes_of = {} if line.body is None else {"entry": _b64(line.body)}
    proof = {"leaf_hash": _b64(line.proof.leaf_hash), "hashes": [_b64(h) for h in line.proof.hashes]}
    return {"index": line.proof.index, "at": line.at, "kind": line.kind, **proof, **bytes_of}


def verify(data: bytes, vkeys: str | None) -> Report:
    """What is wrong with a record; nothing of it is trusted. Without the log's key it is self-consistent at best."""
    report = Report()
    try:
        said = _parsed(data)
        seen, signed = checkpoint.parse(said["checkpoint"])
        known = note.parse_vkeys(vkeys) if vkeys is not None else None
    except (KeyError, NoteError, ValueError, RecursionError) as error:
        report.readable = False
        report.add("unreadable", f"this is no record: {error}")
        return report
    report.facts["about"] = str(said.get("about"))
    report.facts["entries"] = len(said["entries"])
    report.facts["hashes only"] = sum("entry" not in row for row in said["entries"] if isinstance(row, dict))
    report.facts["tree size"] = seen.size
    if said.get("origin") != seen.origin:
        report.add("origin", "the record says another log than its checkpoint")
    if known is not None and not signed.signers(known):
        report.add("signature", "the checkpoint is not signed by the key that you trust")
    report.authenticated = known is not None
    for number, row in enumerate(said["entries"]):
        if fault := _fault(row, seen, said.get("about")):
            report.add("entry", f"entry {number} of the record: {fault}")
    return report


def _parsed(data: bytes) -> dict[str, Any]:
    if len(data) > MOST_BYTES:
        raise ValueError("it is too large")
    said = json.loads(data)
    if not isinstance(said, dict) or said.get("format") != FORMAT or not isinstance(said.get("entries"), list):
        raise ValueError(f"not of the format {FORMAT}")
    return said


def _fault(row: Any, seen: Checkpoint, about: Any) -> str | None:
    """What is wrong with one entry of it."""
    try:
        index, leaf, hashes = int(row["index"]), _unb64(row["leaf_hash"]), [_unb64(h) for h in row["hashes"]]
        body = _unb64(row["entry"]) if "entry" in row else None
        if not 0 <= index < seen.size or not merkle.verify_inclusion(index, seen.size, leaf, hashes, seen.root):
            return "its hashes do not lead to the signed root"
        if body is None:
            return None
        fields = entry.decode(body)
    except (KeyError, TypeError, ValueError):
        return "it is not readable"
    if merkle.leaf_hash(body) != leaf:
        return "its bytes are not what was hashed"
    told = (row.get("at"), row.get("kind"), about)
    itself = (fields["at"], fields["kind"], fields["facts"].get("order_ref"))
    return None if told == itself else "its bytes say something else than the record"


def _b64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def _unb64(text: Any) -> bytes:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, TypeError) as error:
        raise ValueError("not base64") from error
