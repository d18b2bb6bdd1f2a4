"""Cosignatures of witnesses (C2SP tlog-cosignature v1) and what is said to one (C2SP tlog-witness). Pure.

A witness has seen that the log only ever grew. It signs "cosignature/v1", "time <Unix seconds>" and the checkpoint's
text; its line in the note holds 4 bytes of key id, 8 of that time and 64 of signature. Its verifier key is written
`name+<hex key id>+base64(0x04 || public key)`, the key id being SHA-256(name || 0x0A || 0x04 || public key)[:4].
"""

import base64
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from compliance.audit import note
from compliance.audit.note import NoteError, Signature

MAX_PROOF: Final = 63
_COSIGNATURE: Final = b"\x04"
_TIME_BYTES, _SIGNATURE_BYTES = 8, 64


@dataclass(frozen=True, slots=True)
class WitnessKey:
    """A witness's verifier key: its name, and the 32 bytes of its Ed25519 public key."""

    name: str
    public: bytes

    @property
    def key_id(self) -> bytes:
        return sha256(self.name.encode() + b"\n" + _COSIGNATURE + self.public).digest()[:4]

    def time_of(self, text: str, line: Signature) -> int | None:
        """The Unix time at which this witness cosigned the checkpoint `text`; None if the line does not hold."""
        mine = (line.name, line.key_id) == (self.name, self.key_id)
        if not mine or len(line.signature) != _TIME_BYTES + _SIGNATURE_BYTES:
            return None
        time = int.from_bytes(line.signature[:_TIME_BYTES], "big")
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(
                line.signature[_TIME_BYTES:], cosigned_text(text, time).encode()
            )
        except InvalidSignature:
            return None
        return time


def cosigned_text(text: str, time: int) -> str:
    """What a witness signs for a checkpoint's text."""
    return f"cosignature/v1\ntime {time}\n{text}"


def parse_key(text: str) -> WitnessKey:
    """The verifier key of a witness; raises NoteError."""
    name, _, rest = text.strip().partition("+")
    key_id, _, encoded = rest.partition("+")
    note.check_name(name)
    raw = note.unb64(encoded)
    if len(raw) != 33 or raw[:1] != _COSIGNATURE:
        raise NoteError("not a witness's key: name+hex+base64 with the type of cosignatures (4) is wanted")
    key = WitnessKey(name, raw[1:])
    if key.key_id.hex() != key_id:
        raise NoteError("not a witness's key: its id does not belong to its name and key")
    return key


def parse_keys(text: str) -> list[WitnessKey]:
    """The verifier keys of a file: one a line; empty lines and lines that begin with # do not count."""
    lines = [line.strip() for line in text.splitlines()]
    keys = [parse_key(line) for line in lines if line and not line.startswith("#")]
    if not keys:
        raise NoteError("no witness's key here: a line of the form name+hex+base64 is wanted")
    return keys


def request(old: int, proof: Sequence[bytes], checkpoint: str) -> str:
    """The body of add-checkpoint: the size that the witness knows, the proof from there, and the signed checkpoint."""
    hashes = "".join(f"{base64.b64encode(h).decode('ascii')}\n" for h in proof)
    return f"old {old}\n{hashes}\n{checkpoint}"


def verified(key: WitnessKey, checkpoint: str, answer: str) -> str:
    """The lines of the answer that are this witness's and hold; raises NoteError if there are none."""
    text = note.parse(checkpoint).text
    lines = [note.parse_signature(line) for line in answer.splitlines() if line]
    good = [line.line() for line in lines[: note.MAX_SIGNATURES] if key.time_of(text, line) is not None]
    if not good:
        raise NoteError("the witness answered without a cosignature of its key that holds")
    return "".join(good)
