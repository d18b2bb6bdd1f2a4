"""manifest.json as a verifier reads it: every field checked before anything is done with it. Pure."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from compliance.audit import bundle
from compliance.audit.bundle import Filter
from compliance.audit.streams import Head

_FIELDS = frozenset(
    ("format", "origin", "filter", "first", "end", "tree_size", "root_hash", "stream_heads", "files")
)
_HASH = re.compile(r"[0-9a-f]{64}")
_VERSION = re.compile(r"daigou-audit-bundle/\d+")


class ManifestError(ValueError):
    """manifest.json is malformed, or contradicts itself."""


class OtherVersion(ManifestError):
    """A bundle of a format that this program does not know."""


@dataclass(frozen=True, slots=True)
class Manifest:
    """What the bundle says it holds. [first, end) are leaf indexes, `root` 32 bytes."""

    origin: str
    chosen: Filter
    first: int
    end: int
    tree_size: int
    root: bytes
    heads: Mapping[str, Head]
    files: Mapping[str, tuple[str, int]]
    """Name: (SHA-256 in hex, bytes)."""


def parse(data: bytes) -> Manifest:
    """The manifest in these bytes; raises ManifestError, OtherVersion for another format."""
    try:
        fields = json.loads(data, object_pairs_hook=_single)
    except (ValueError, RecursionError) as error:
        raise ManifestError(f"it is not JSON: {error}") from None
    if not isinstance(fields, dict):
        raise ManifestError("it is not an object")
    _check_version(fields.get("format"))
    if set(fields) != _FIELDS:
        raise ManifestError(f"it lacks or adds {', '.join(sorted(set(fields) ^ _FIELDS))}")
    return _built(fields)


def _built(fields: Mapping[str, Any]) -> Manifest:
    try:
        manifest = Manifest(
            origin=_text(fields["origin"]),
            chosen=Filter.from_json(_object(fields["filter"])),
            first=_count(fields["first"]),
            end=_count(fields["end"]),
            tree_size=_count(fields["tree_size"]),
            root=_hash(fields["root_hash"]),
            heads={name: _head(head) for name, head in _object(fields["stream_heads"]).items()},
            files={name: _file(file) for name, file in _object(fields["files"]).items()},
        )
    except (ValueError, KeyError, TypeError) as error:
        raise ManifestError(f"a field is not of its form: {error}") from None
    if not manifest.first <= manifest.end <= manifest.tree_size:
        raise ManifestError("first <= end <= tree_size does not hold")
    return manifest


def _check_version(version: object) -> None:
    if version == bundle.FORMAT:
        return
    if isinstance(version, str) and _VERSION.fullmatch(version):
        raise OtherVersion(f"the bundle is of format {version}; this program knows {bundle.FORMAT}")
    raise ManifestError("it does not say of which format it is")


def _single(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    found = dict(pairs)
    if len(found) != len(pairs):
        raise ValueError("a key is there twice")
    return found


def _object(value: object) -> dict[str, Any]:
    if not isinstance(value, dict):
        raise TypeError("an object is wanted")
    return value


def _text(value: object) -> str:
    if not isinstance(value, str):
        raise TypeError("a string is wanted")
    return value


def _count(value: object) -> int:
    if type(value) is not int or not 0 <= value < 2**62:
        raise TypeError("a count is wanted")
    return value


def _hash(value: object) -> bytes:
    text = _text(value)
    if not _HASH.fullmatch(text):
        raise ValueError("64 hexadecimal digits are wanted")
    return bytes.fromhex(text)


def _head(value: object) -> Head:
    head = _object(value)
    return _count(head["no"]), _hash(head["hash"]), _count(head["index"])


def _file(value: object) -> tuple[str, int]:
    file = _object(value)
    return _hash(file["sha256"]).hex(), _count(file["size"])
