"""Checkpoints of the log (C2SP tlog-checkpoint) and the hand-over of its key. Pure.

origin                            a checkpoint: the tree's name,
20852163                          its size as a decimal number,
CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2  and the base64 of its root; then as a signed note goes

daigou-audit-handover/1           a hand-over, signed by the old key and by the new:
example.com/log
20852163                          the old key signs trees up to this size, the new one from it on
<verifier key, old>
<verifier key, new>

sha256:<hex of manifest.json>     the note beside a bundle's manifest
"""

import base64
import binascii
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from typing import Final

from compliance.audit import note
from compliance.audit.note import Note, NoteError, Signer, Vkey

HANDOVER: Final = "daigou-audit-handover/1"
_SIZE = re.compile(r"0|[1-9][0-9]{0,18}")
_MANIFEST: Final = "sha256:"


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What the log says of itself: `size` leaves, with this `root` (32 bytes)."""

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    def text(self) -> str:
        lines = [self.origin, str(self.size), base64.b64encode(self.root).decode("ascii")]
        return "".join(f"{line}\n" for line in (*lines, *self.extensions))


@dataclass(frozen=True, slots=True)
class Handover:
    """From `size` leaves on, `new` signs for the log `origin` in the place of `old`."""

    origin: str
    size: int
    old: Vkey
    new: Vkey

    def text(self) -> str:
        return "".join(f"{x}\n" for x in (HANDOVER, self.origin, self.size, self.old, self.new))


@dataclass(frozen=True, slots=True)
class Keyring:
    """The keys that may sign for the log, each with the sizes [from, to] that it may sign (None: no end)."""

    reach: tuple[tuple[Vkey, int, int | None], ...]

    @classmethod
    def trusting(cls, vkeys: Iterable[Vkey]) -> "Keyring":
        """A ring of keys that came from outside: they may sign any size."""
        return cls(tuple((vkey, 0, None) for vkey in vkeys))

    @property
    def vkeys(self) -> list[Vkey]:
        return [vkey for vkey, _, _ in self.reach]

    def follow(self, handovers: Iterable[Handover]) -> "Keyring":
        """This ring and every key that the hand-overs lead to from it, forwards or backwards."""
        reach, left = list(self.reach), list(handovers)
        while step := next((h for h in left if {h.old, h.new} & {k for k, _, _ in reach}), None):
            left.remove(step)
            known = {k for k, _, _ in reach}
            if step.new not in known:
                reach.append((step.new, step.size, None))
            if step.old not in known:
                reach.append((step.old, 0, step.size))
        return Keyring(tuple(reach))

    def signer_of(self, signed: Note, size: int | None = None) -> Vkey | None:
        """The key of this ring that signed the note, and that may sign for a tree of that size."""
        for vkey, first, last in self.reach:
            fits = size is None or (first <= size and (last is None or size <= last))
            if fits and signed.signed_by(vkey):
                return vkey
        return None


def make(checkpoint: Checkpoint, signers: Sequence[Signer]) -> str:
    """The signed checkpoint, with one line for each of `signers`."""
    check_origin(checkpoint.origin)
    if len(checkpoint.root) != 32 or checkpoint.size < 0:
        raise NoteError("not a checkpoint: the root has 32 bytes and the size is no negative number")
    return note.make(checkpoint.text(), signers)


def parse(data: bytes | str) -> tuple[Checkpoint, Note]:
    """The checkpoint and the note that carries it; raises NoteError. **Nothing is verified yet.**"""
    signed = note.parse(data)
    lines = signed.text[:-1].split("\n")
    if len(lines) < 3 or not lines[0] or "" in lines[3:] or not _SIZE.fullmatch(lines[1]):
        raise NoteError("not a checkpoint: origin, size and root are wanted, one a line")
    check_origin(lines[0])
    return Checkpoint(lines[0], int(lines[1]), _root(lines[2]), tuple(lines[3:])), signed


def verify(data: bytes | str, origin: str, vkeys: Iterable[Vkey]) -> Checkpoint:
    """The checkpoint, if it is of the log `origin` and one of `vkeys` signed it; raises NoteError."""
    checkpoint, signed = parse(data)
    if checkpoint.origin != origin:
        raise NoteError("this checkpoint is of another log")
    if not signed.signers(vkeys):
        raise NoteError("no key that is trusted here signed this checkpoint")
    return checkpoint


def check_origin(origin: str) -> None:
    """An origin is one line without spaces that no other kind of note begins with; raises NoteError."""
    bad = not origin or any(c.isspace() or not c.isprintable() for c in origin)
    if bad or origin == HANDOVER or origin.startswith(_MANIFEST):
        # A signature over one kind of text must never pass for one over another kind.
        raise NoteError("an origin is like example.com/log: no white space, no reserved word")


def make_handover(origin: str, size: int, old: Signer, new: Signer) -> str:
    """The note by which `old` hands the log over to `new` at `size` leaves."""
    check_origin(origin)
    return note.make(Handover(origin, size, old.vkey, new.vkey).text(), [old, new])


def verify_handover(data: bytes | str, origin: str) -> Handover:
    """The hand-over, if both keys that it names signed it; raises NoteError.

    It says nothing of whether either key is to be trusted: Keyring.follow does.
    """
    signed = note.parse(data)
    lines = signed.text[:-1].split("\n")
    if len(lines) != 5 or lines[:2] != [HANDOVER, origin] or not _SIZE.fullmatch(lines[2]):
        raise NoteError("not a hand-over of this log's key")
    handover = Handover(origin, int(lines[2]), note.parse_vkey(lines[3]), note.parse_vkey(lines[4]))
    if len(signed.signers({handover.old, handover.new})) != 2:
        raise NoteError("a hand-over must be signed by the old key and by the new one")
    return handover


def manifest_text(digest: bytes) -> str:
    """The text that is signed beside a manifest, of the 32-byte SHA-256 of manifest.json."""
    return f"{_MANIFEST}{digest.hex()}\n"


def manifest_digest(manifest: bytes) -> bytes:
    return sha256(manifest).digest()


def _root(text: str) -> bytes:
    try:
        root = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        root = b""
    if len(root) != 32 or base64.b64encode(root).decode("ascii") != text:
        raise NoteError("not a checkpoint: the root is not 32 bytes in base64")
    return root
