"""Signed notes with Ed25519: C2SP signed-note (https://c2sp.org/signed-note), pure.

    text, each line ended by a line feed
    (empty line)
    — <key name> base64(key id || signature)

The key id is the first 4 bytes of SHA-256(name || 0x0A || 0x01 || public key). A verifier key is
written `name+hex of the key id+base64(0x01 || public key)`, a signing key
`PRIVATE+KEY+name+hex of the key id+base64(0x01 || 32 secret bytes)`.
"""

import base64
import binascii
import os
import stat
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path
from typing import Final

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

MAX_NOTE_BYTES: Final = 1 << 20
MAX_SIGNATURES: Final = 100
_ED25519: Final = b"\x01"
_DASH: Final = "— "
_PRIVATE: Final = "PRIVATE+KEY+"


class NoteError(ValueError):
    """These bytes are no signed note, or no key."""


class KeyFileError(NoteError):
    """The key file can't be used; the message says how to mend it."""


@dataclass(frozen=True, slots=True)
class Vkey:
    """A verifier key: the name, and the 32 bytes of the Ed25519 public key."""

    name: str
    public: bytes

    @property
    def key_id(self) -> bytes:
        """First 4 bytes of SHA-256(name || 0x0A || 0x01 || public key)."""
        return sha256(self.name.encode() + b"\n" + _ED25519 + self.public).digest()[:4]

    def verifies(self, text: str, signature: bytes) -> bool:
        """True if `signature` (64 bytes) is this key's over the note's text."""
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, text.encode())
        except InvalidSignature:
            return False
        return True

    def __str__(self) -> str:
        return f"{self.name}+{self.key_id.hex()}+{_b64(_ED25519 + self.public)}"


@dataclass(frozen=True, slots=True)
class Signature:
    """One signature line: name, 4 bytes of key id, and what follows them."""

    name: str
    key_id: bytes
    signature: bytes

    def line(self) -> str:
        return f"{_DASH}{self.name} {_b64(self.key_id + self.signature)}\n"


@dataclass(frozen=True, slots=True)
class Note:
    """A note: its text (with its last line feed) and its signatures."""

    text: str
    signatures: tuple[Signature, ...]

    def __str__(self) -> str:
        return f"{self.text}\n{''.join(s.line() for s in self.signatures)}"

    def signed_by(self, vkey: Vkey) -> bool:
        """True if a signature line is of this key and holds. Unknown keys' lines are passed over."""
        lines = [s for s in self.signatures if (s.name, s.key_id) == (vkey.name, vkey.key_id)]
        return bool(lines) and all(vkey.verifies(self.text, s.signature) for s in lines)

    def signers(self, vkeys: Iterable[Vkey]) -> list[Vkey]:
        """Those of the keys that signed this note."""
        return [vkey for vkey in vkeys if self.signed_by(vkey)]


@dataclass(frozen=True, slots=True)
class Signer:
    """A signing key. Its secret never shows in a repr."""

    name: str
    key: Ed25519PrivateKey

    @property
    def vkey(self) -> Vkey:
        return Vkey(self.name, self.key.public_key().public_bytes_raw())

    def sign(self, text: str) -> Signature:
        return Signature(self.name, self.vkey.key_id, self.key.sign(text.encode()))

    def secret(self) -> str:
        """The form of a key file. Whoever sees it can sign."""
        seed = _b64(_ED25519 + self.key.private_bytes_raw())
        return f"{_PRIVATE}{self.name}+{self.vkey.key_id.hex()}+{seed}"

    def __repr__(self) -> str:
        return f"Signer({self.vkey})"


def make(text: str, signers: Sequence[Signer]) -> str:
    """The note over `text`, signed by each of `signers`."""
    check_text(text)
    return str(Note(text, tuple(signer.sign(text) for signer in signers)))


def parse(data: bytes | str) -> Note:
    """The note in `data`; raises NoteError. Nothing is verified yet."""
    text = _decoded(data)
    body, blank, signatures = text.rpartition("\n\n")
    if not blank or not signatures.endswith("\n"):
        raise NoteError("not a signed note: no signature lines after an empty line")
    lines = signatures[:-1].split("\n")
    if len(lines) > MAX_SIGNATURES:
        raise NoteError("not a signed note: too many signatures")
    check_text(body + "\n")
    return Note(body + "\n", tuple(parse_signature(line) for line in lines))


def check_text(text: str) -> None:
    """Raises NoteError for text that a note can't carry."""
    if not text.endswith("\n") or any(ord(c) < 0x20 and c != "\n" for c in text):
        raise NoteError("not the text of a note: control characters, or no line feed at its end")


def parse_vkey(text: str) -> Vkey:
    """The verifier key written `name+hex+base64`; raises NoteError."""
    name, key_id, public = _key_parts(text.strip())
    vkey = Vkey(name, public)
    if vkey.key_id != key_id:
        raise NoteError("not a verifier key: its id does not belong to its name and key")
    return vkey


def parse_vkeys(text: str) -> list[Vkey]:
    """The verifier keys of a file: one a line; empty lines and lines that begin with # do not count."""
    lines = [line.strip() for line in text.splitlines()]
    keys = [parse_vkey(line) for line in lines if line and not line.startswith("#")]
    if not keys:
        raise NoteError("no verifier key here: a line of the form name+hex+base64 is wanted")
    return keys


def parse_signer(text: str) -> Signer:
    """The signing key written `PRIVATE+KEY+name+hex+base64`; raises NoteError."""
    text = text.strip()
    if not text.startswith(_PRIVATE):
        raise NoteError("not a signing key: it does not begin with PRIVATE+KEY+")
    name, key_id, seed = _key_parts(text.removeprefix(_PRIVATE))
    signer = Signer(name, Ed25519PrivateKey.from_private_bytes(seed))
    if signer.vkey.key_id != key_id:
        raise NoteError("not a signing key: its id does not belong to its name and key")
    return signer


def generate(name: str) -> Signer:
    """A new signing key of that name (no white space, no plus)."""
    check_name(name)
    return Signer(name, Ed25519PrivateKey.generate())


def create_key_file(path: Path, name: str) -> Signer:
    """Make a key and write it to a new file that only its owner reads. Never overwrites."""
    signer = generate(name)
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        # Written aside and linked into place: no reader ever sees half a key, and a link never replaces.
        with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            os.fchmod(file.fileno(), 0o600)
            file.write(signer.secret() + "\n")
            file.flush()
            os.fsync(file.fileno())
        os.link(draft, path)
    except FileExistsError:
        raise KeyFileError(f"{path} exists; a log's key is never overwritten") from None
    except OSError as error:
        raise KeyFileError(f"{path} can't be written: {error.strerror}") from None
    finally:
        draft.unlink(missing_ok=True)
    return signer


def load_key_file(path: Path) -> Signer:
    """The key in a file. Refuses one that others can read."""
    try:
        mode = stat.S_IMODE(path.stat().st_mode)
        if mode & 0o077:
            raise KeyFileError(f"{path} can be read by others; mend with: chmod 600 {path}")
        return parse_signer(path.read_text("utf-8"))
    except OSError as error:
        raise KeyFileError(f"{path} can't be read: {error.strerror}") from None


def _decoded(data: bytes | str) -> str:
    if len(data) > MAX_NOTE_BYTES:
        raise NoteError("not a signed note: too long")
    try:
        return data if isinstance(data, str) else data.decode("utf-8")
    except UnicodeDecodeError:
        raise NoteError("not a signed note: not UTF-8") from None


def parse_signature(line: str) -> Signature:
    """A line `— <name> <base64>`; raises NoteError."""
    name, space, encoded = line.removeprefix(_DASH).partition(" ")
    raw = unb64(encoded)
    if not line.startswith(_DASH) or not name or not space or len(raw) < 5:
        raise NoteError("not a signed note: a malformed signature line")
    return Signature(name, raw[:4], raw[4:])


def _key_parts(text: str) -> tuple[str, bytes, bytes]:
    """Name, key id and the 32 bytes behind the algorithm byte."""
    name, _, rest = text.partition("+")
    key_id, _, encoded = rest.partition("+")
    check_name(name)
    try:
        number = bytes.fromhex(key_id)
    except ValueError:
        number = b""
    raw = unb64(encoded)
    if len(number) != 4 or key_id != number.hex() or len(raw) != 33 or raw[:1] != _ED25519:
        raise NoteError("not an Ed25519 key of the form name+hex+base64")
    return name, number, raw[1:]


def check_name(name: str) -> None:
    """Raises NoteError for what can't name a key."""
    if not name or "+" in name or any(c.isspace() or not c.isprintable() for c in name):
        raise NoteError("a key's name has no white space and no plus, and is not empty")


def unb64(text: str) -> bytes:
    """Bytes from standard base64; raises NoteError."""
    try:
        raw = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        raw = b""
    # Spare bits of the last digit must be zero, or one signature could be written in several ways.
    if not text or _b64(raw) != text:
        raise NoteError("malformed base64")
    return raw


def _b64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")
