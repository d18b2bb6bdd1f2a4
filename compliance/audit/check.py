"""One verification on its way: what its parts share. Pure but for reading the archive."""

import base64
import binascii
import json
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

from compliance.audit import bundle
from compliance.audit.archive import Archive, Damaged
from compliance.audit.checkpoint import Checkpoint, Keyring
from compliance.audit.cosign import WitnessKey
from compliance.audit.manifest import Manifest
from compliance.audit.note import Note, NoteError
from compliance.audit.report import Report

T = TypeVar("T")
Part = Callable[["Check"], None]


@dataclass
class Check:
    """The bundle, what is trusted from outside, and what was found so far."""

    archive: Archive
    manifest: Manifest
    report: Report
    ring: Keyring | None
    witness: tuple[Checkpoint, Note] | None
    roots: dict[int, bytes] = field(default_factory=dict)
    """Roots that the leaves themselves led to, by tree size."""
    tsa_roots: list[Any] = field(default_factory=list)
    """Certificates of the time-stamping service, from outside."""
    stamps: dict[int, datetime] = field(default_factory=dict)
    """Until when a tree of that size existed, by its timestamp."""
    witness_keys: list[WitnessKey] = field(default_factory=list)
    """Keys of witnesses that cosign, from outside."""

    def guarded(self, *parts: Part) -> None:
        """Runs the parts; one part's damage does not keep the next from speaking."""
        for part in parts:
            try:
                part(self)
            except Damaged as error:
                self.report.add("damaged", str(error))

    def over(self, size: int) -> str | None:
        """The member that is the checkpoint of this size; None if the bundle has none."""
        own = f"{bundle.CHECKPOINTS}{size}"
        if own in self.archive:
            return own
        return bundle.CHECKPOINT if size == self.manifest.tree_size else None

    def parsed(self, name: str, parse: Callable[[bytes], T]) -> T | None:
        """A note of the bundle; a finding and None if it is malformed."""
        try:
            return parse(self.archive.read(name))
        except NoteError as error:
            self.report.add("malformed", f"{name}: {error}")
            return None

    def signed(self, signed: Note, what: str, size: int | None = None) -> None:
        """A finding unless a trusted key signed the note (over a tree of `size`); silent without keys."""
        if self.ring is None or self.ring.signer_of(signed, size):
            return
        known = {(vkey.name, vkey.key_id) for vkey in self.ring.vkeys}
        if any((s.name, s.key_id) in known for s in signed.signatures):
            self.report.add("bad_signature", f"{what}: the signature does not hold for this text and size")
        else:
            names = ", ".join(f"{s.name}+{s.key_id.hex()}" for s in signed.signatures)
            self.report.add("other_key", f"{what} is signed by {names}, not by a key that you trust")


def json_object(data: bytes, *names: str) -> dict[str, Any] | None:
    """The JSON object in `data` if it has these fields, else None."""
    try:
        value = json.loads(data)
    except (ValueError, RecursionError):
        return None
    return value if isinstance(value, dict) and all(name in value for name in names) else None


def decoded(text: object) -> bytes | None:
    """Bytes from standard base64, None if it is not."""
    try:
        return base64.b64decode(text, validate=True) if isinstance(text, str) else None
    except (binascii.Error, ValueError):
        return None


def hashes(value: object) -> list[bytes] | None:
    """A list of hashes from their base64; None if it is something else."""
    if not isinstance(value, list) or len(value) > 256:
        return None
    found = [h for h in map(decoded, value) if h is not None and len(h) == 32]
    return found if len(found) == len(value) else None
