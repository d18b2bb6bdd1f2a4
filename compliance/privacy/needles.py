"""The shapes in which a word may lie around: plain, folded, base64, percent-encoded, escaped, hashed. Pure."""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from urllib.parse import quote, quote_plus

from daigou.core.crypto import normalised


@dataclass(frozen=True, slots=True)
class Needles:
    """``found`` maps each shape, in lower case, to what it is of (``#2 base64``): the words themselves are not told."""

    found: dict[bytes, str]
    pattern: re.Pattern[bytes]

    def named_in(self, hay: bytes) -> set[str]:
        """What of it stands there. Letters beyond ASCII are folded as text, hashes looked for as bytes."""
        found = self.pattern.findall(hay.lower())
        if not hay.isascii():
            found += self.pattern.findall(hay.decode(errors="replace").lower().encode())
        return {self.found[shape] for shape in found}

    def like(self) -> list[str]:
        """For text columns: LIKE patterns of every shape that is text."""
        texts = (_text(shape) for shape in self.found)
        return [f"%{escaped_like(shape)}%" for shape in texts if shape is not None]

    def like_bytes(self) -> list[str]:
        """For byte columns as PostgreSQL's encode(…, 'escape') shows them."""
        return [f"%{escaped_like(escaped_bytes(shape))}%" for shape in self.found]


def of(words: Iterable[str]) -> Needles:
    """Each word by its number from 1: what is printed must not tell it again."""
    found: dict[bytes, str] = {}
    for number, word in enumerate(words, 1):
        for shape, name in _shapes(word):
            found.setdefault(shape.lower(), f"#{number} {name}")
    longest_first = sorted(found, key=len, reverse=True)
    return Needles(found, re.compile(b"|".join(map(re.escape, longest_first)) or b"(?!)"))


def _shapes(word: str) -> Iterator[tuple[bytes, str]]:
    ascii_folded = word.encode().lower().decode()
    folded = (word.lower(), word.upper(), word.casefold(), normalised(word), ascii_folded)
    for text in dict.fromkeys((word, *folded)):
        octets = text.encode()
        yield octets, "plain"
        yield quote(text).encode(), "percent-encoded"
        yield quote_plus(text, safe="@").encode(), "percent-encoded"
        yield json.dumps(text)[1:-1].encode(), "escaped"
        for shape in _base64(octets):
            yield shape, "base64"
        yield octets.hex().encode(), "hex"
        digest = hashlib.sha256(octets)
        yield digest.digest(), "sha256"
        yield digest.hexdigest().encode(), "sha256"
        yield base64.b64encode(digest.digest()).rstrip(b"="), "sha256"


def _base64(octets: bytes) -> Iterator[bytes]:
    """At each of the three places within a longer text; the letters that share bits with a neighbour left out."""
    for shift, skipped in enumerate((0, 2, 3)):
        whole = base64.b64encode(bytes(shift) + octets).rstrip(b"=")
        part = whole[skipped : len(whole) - 1 if (shift + len(octets)) % 3 else len(whole)]
        yield part
        yield part.translate(bytes.maketrans(b"+/", b"-_"))


def _text(shape: bytes) -> str | None:
    try:
        found = shape.decode()
    except UnicodeDecodeError:
        return None
    return None if "\0" in found else found


def escaped_like(text: str) -> str:
    return text.replace("\\", "\\\\").replace("%", "\\%").replace("_", "\\_")


def escaped_bytes(octets: bytes) -> str:
    """As encode(…, 'escape') writes bytes: zero and what is beyond ASCII in octal, a backslash doubled."""
    return "".join("\\\\" if b == 0x5C else f"\\{b:03o}" if b == 0 or b > 0x7F else chr(b) for b in octets)
