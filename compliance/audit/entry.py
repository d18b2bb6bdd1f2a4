"""The exact bytes of one audit entry: the leaf of the log.

An entry is one JSON object in the canonical form of RFC 8785 (keys sorted, no white space, UTF-8,
no floats), with all strings in Unicode form NFC:

    {"actor": "sub_… or system", "at": "2026-11-21T08:00:00.000000Z", "facts": {…},
     "kind": "order:paid", "no": 1, "nonce": base64 of 16 random bytes, "prev": hex of 32 bytes,
     "stream": "order/<uuid>", "v": 1}

`no` counts from 1 within `stream`; `prev` is the leaf hash of the stream's entry before, 64 zeros
for the first. Facts hold strings, integers, booleans and lists of these, **never personal data**:
subject references and salted hashes only, for a leaf can't be erased. The nonce keeps a leaf hash
from being guessed out of its contents.

The facets by which officers search (subject, order_ref, merchant_ref, outcome) are columns beside
the entry, and stand among the facts under the same names: so an edited column is found by fsck.
"""

import base64
import binascii
import json
import os
import re
import unicodedata
from collections.abc import Mapping
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Final

VERSION: Final = 1
NONCE_BYTES: Final = 16
GENESIS: Final = bytes(32)
"""`prev` of a stream's first entry."""
MAX_BYTES: Final = 65_535
"""Longest entry: the length must fit the 16 bits that tlog-tiles gives it."""
MAX_INT: Final = 2**53 - 1
"""Greatest integer that RFC 8785 (section 3.2.2.3, IEEE 754 doubles) carries without loss."""
FACETS: Final = ("subject", "order_ref", "merchant_ref", "outcome")

_FIELDS = frozenset(("v", "nonce", "at", "kind", "stream", "no", "prev", "actor", "facts"))
_KIND = re.compile(r"[a-z][a-z0-9_.]*(:[a-z0-9_.]+)+")
_STREAM = re.compile(r"[a-z][a-z0-9_]*/[A-Za-z0-9_.:-]+")
_NAME = re.compile(r"[a-z][a-z0-9_]*")
_AT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z")
_HASH = re.compile(r"[0-9a-f]{64}")
_AT_FORMAT = "%Y-%m-%dT%H:%M:%S.%fZ"
_DEPTH = 4
_ENCODER: Final = json.JSONEncoder(
    sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False, check_circular=False
)


class EntryError(ValueError):
    """These fields, or these bytes, are no entry. The message names the field, never its value."""


def encode(fields: Mapping[str, Any]) -> bytes:
    """The canonical leaf bytes of an entry.

    `fields`: at (aware datetime), kind, stream, no, prev (32 bytes), actor, facts (mapping), and as
    options nonce (16 bytes; random if left out) and the FACETS, which go among the facts where they
    are not None.
    Raises EntryError for anything that the format can't carry.
    """
    unknown = set(fields) - _FIELDS - set(FACETS)
    if unknown:
        raise EntryError(f"unknown fields: {', '.join(sorted(unknown))}")
    missing = _FIELDS - {"v", "nonce", "facts"} - set(fields)
    if missing:
        raise EntryError(f"missing fields: {', '.join(sorted(missing))}")
    nonce = fields.get("nonce")
    body = {
        "v": VERSION,
        "nonce": base64.b64encode(os.urandom(NONCE_BYTES) if nonce is None else nonce).decode("ascii"),
        "at": stamp(fields["at"]),
        "kind": fields["kind"],
        "stream": fields["stream"],
        "no": fields["no"],
        "prev": bytes(fields["prev"]).hex(),
        "actor": fields["actor"],
        "facts": _facts(fields),
    }
    _check(body)
    return _canonical(body)


def decode(data: bytes) -> dict[str, Any]:
    """The fields of an entry as they stand in it (strings, not datetimes or bytes).

    Raises EntryError unless `data` is the one canonical encoding of a valid entry: two readers can't see two
    different entries in the same bytes, and no two encodings of one entry exist.
    """
    if len(data) > MAX_BYTES:
        raise EntryError("the entry is too long")
    try:
        body = json.loads(data)
    except (ValueError, RecursionError):
        raise EntryError("the entry is not JSON") from None
    if not isinstance(body, dict) or set(body) != _FIELDS:
        raise EntryError("the entry lacks fields, or has others")
    _check(body)
    if _canonical(body) != bytes(data):
        raise EntryError("the entry is not in canonical form")
    return body


def is_encoding(body: dict[str, Any], data: bytes) -> bool:
    """True if `decode(data)` would be `body`: for a reader that has the fields already, at half the price."""
    try:
        _check(body)
        return set(body) == _FIELDS and _canonical(body) == data
    except (EntryError, KeyError):
        return False


def stamp(at: datetime) -> str:
    """RFC 3339 in UTC with microseconds and Z; the only form of a time within an entry."""
    if at.tzinfo is None:
        raise EntryError("at: a time without a zone")
    return at.astimezone(UTC).strftime(_AT_FORMAT).rjust(27, "0")


def moment(text: str) -> datetime:
    """The time that `stamp` wrote."""
    if not _AT.fullmatch(text):
        raise EntryError("at: not of the form that an entry wants")
    return datetime.fromisoformat(text)


def _facts(fields: Mapping[str, Any]) -> dict[str, Any]:
    facts = {name: _normal(value, 1) for name, value in dict(fields.get("facts") or {}).items()}
    for facet in FACETS:
        value = fields.get(facet)
        if value is None:
            continue
        if facts.setdefault(facet, _normal(value, 1)) != _normal(value, 1):
            raise EntryError(f"facts.{facet}: differs from the facet of that name")
    return facts


def _normal(value: Any, depth: int) -> Any:
    """The value with its strings in NFC and its tuples as lists."""
    if isinstance(value, str):
        return unicodedata.normalize("NFC", value)
    if isinstance(value, list | tuple) and depth < _DEPTH:
        return [_normal(item, depth + 1) for item in value]
    return value


def _check(body: dict[str, Any]) -> None:
    if body["v"] != VERSION or type(body["v"]) is not int:
        raise EntryError("v: not a version that this program knows")
    _match("kind", _KIND, body["kind"])
    _match("stream", _STREAM, body["stream"])
    _match("at", _AT, body["at"])
    _match("prev", _HASH, body["prev"])
    _check_at(body["at"])
    _check_nonce(body["nonce"])
    if type(body["no"]) is not int or not 1 <= body["no"] <= MAX_INT:
        raise EntryError("no: not a whole number from 1 on")
    if not isinstance(body["actor"], str) or not body["actor"]:
        raise EntryError("actor: not a subject reference")
    _check_value("actor", body["actor"], 1)
    _check_facts(body["facts"])


def _match(name: str, pattern: re.Pattern[str], value: object) -> None:
    if not isinstance(value, str) or not pattern.fullmatch(value) or not value.isascii():
        raise EntryError(f"{name}: not of the form that an entry wants")


def _check_at(text: str) -> None:
    try:
        datetime.fromisoformat(text)
    except ValueError:
        raise EntryError("at: no such time") from None


def _check_nonce(text: object) -> None:
    try:
        raw = base64.b64decode(text, validate=True) if isinstance(text, str) else b""
    except (binascii.Error, ValueError):
        raw = b""
    if len(raw) != NONCE_BYTES or base64.b64encode(raw).decode("ascii") != text:
        raise EntryError(f"nonce: not {NONCE_BYTES} bytes")


def _check_facts(facts: object) -> None:
    if not isinstance(facts, dict):
        raise EntryError("facts: not an object")
    for name, value in facts.items():
        # ASCII names sort the same by code point and by UTF-16 unit, which RFC 8785 asks for.
        if not _is_name(name):
            raise EntryError("facts: a name that is not [a-z][a-z0-9_]*")
        _check_value(f"facts.{name}", value, 1)


@lru_cache(maxsize=1024)
def _is_name(name: object) -> bool:
    return isinstance(name, str) and _NAME.fullmatch(name) is not None


def _check_value(name: str, value: object, depth: int) -> None:
    if isinstance(value, str):
        _check_text(name, value)
    elif isinstance(value, list) and depth < _DEPTH:
        for item in value:
            _check_value(name, item, depth + 1)
    elif isinstance(value, bool):
        return
    elif not isinstance(value, int):
        raise EntryError(f"{name}: a {type(value).__name__} can't stand in an entry")
    elif abs(value) > MAX_INT:
        raise EntryError(f"{name}: the number is too large; write it as a string")


def _check_text(name: str, value: str) -> None:
    if value.isascii():
        return
    if not unicodedata.is_normalized("NFC", value):
        raise EntryError(f"{name}: not in Unicode form NFC")
    try:
        value.encode("utf-8")
    except UnicodeEncodeError:
        raise EntryError(f"{name}: half a surrogate pair") from None


def _canonical(body: dict[str, Any]) -> bytes:
    """RFC 8785: Python's own string escapes are the ones of section 3.2.2.2."""
    data = _ENCODER.encode(body).encode("utf-8")
    if len(data) > MAX_BYTES:
        raise EntryError("the entry is too long")
    return data
