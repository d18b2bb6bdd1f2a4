"""The lines of entries.jsonl that hold a plain entry, read without parsing JSON: three times as fast. Pure.

Nearly all entries are plain: ASCII, flat facts, no escapes. For those one pattern over the line says everything that
entry.decode, bundle.entry_line and the tables say; for any other line, and for any that is wrong, the answer is None
and the slow way decides and names the fault. A property test holds the two to the same answers.
"""

import re
from binascii import b2a_base64
from dataclasses import dataclass
from datetime import datetime
from functools import lru_cache
from hashlib import sha256
from typing import Final

from compliance.audit import bundle, entry

_VALUE: Final = r'(?:"[ !#-\[\]-~]*"|-?[1-9][0-9]{0,14}|0|true|false)'
_FACT: Final = rf'"[a-z][a-z0-9_]*":{_VALUE}'
_LINE: Final = re.compile(
    r'\{"actor":"(?P<actor>[A-Za-z0-9_][A-Za-z0-9_:./-]*)","at":"(?P<at>[0-9]{4}-[0-9T:-]{14}\.[0-9]{6}Z)",'
    rf'"entry":"(?P<entry>[A-Za-z0-9+/]+=?=?)","facts":(?P<facts>\{{(?:{_FACT}(?:,{_FACT})*)?\}}),'
    r'"index":(?P<index>0|[1-9][0-9]{0,17}),"kind":"(?P<kind>[a-z][a-z0-9_.]*(?::[a-z0-9_.]+)+)",'
    r'"no":(?P<no>[1-9][0-9]{0,14}),"nonce":"(?P<nonce>[A-Za-z0-9+/]{21}[AQgw]==)","prev":"(?P<prev>[0-9a-f]{64})",'
    r'"stream":"(?P<stream>[a-z][a-z0-9_]*/[A-Za-z0-9_.:-]+)","v":1\}'
)
_FACTS: Final = re.compile(rf'"([a-z][a-z0-9_]*)":({_VALUE})')
_SHAPE_OF_AT: Final = re.compile(r"....-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}:[0-9]{2}\.......Z")
_NO_FACET: Final = '""'
_RISKY: Final = frozenset("=+-@|%")
"""What a spreadsheet may run, as bundle.csv_line has it; control characters are no plain text anyway."""


@dataclass(frozen=True, slots=True)
class Plain:
    """An entry with everything that a verifier compares; `csv` and `ocsf` are its lines in the tables."""

    index: int
    at: str
    raw: bytes
    leaf: bytes
    stream: str
    no: int
    prev: bytes
    csv: str
    ocsf: str


def read(line: bytes) -> Plain | None:
    """The plain entry in a line of entries.jsonl (without its line feed); None: the slow way must look at it."""
    try:
        found = _LINE.fullmatch(line.decode("ascii"))
        if found is None:
            return None
        actor, at, encoded, facts, index, kind, no, nonce, prev, stream = found.groups()
        milliseconds = _milliseconds(at)
    except ValueError:  # not ASCII, or no such time
        return None
    raw = (
        f'{{"actor":"{actor}","at":"{at}","facts":{facts},"kind":"{kind}","no":{no},"nonce":"{nonce}",'
        f'"prev":"{prev}","stream":"{stream}","v":1}}'
    ).encode()
    if b2a_base64(raw, newline=False) != encoded.encode() or len(raw) > entry.MAX_BYTES:
        return None
    pairs = _FACTS.findall(facts)
    named = dict(pairs)
    # In canonical form names rise, and none is there twice.
    if len(named) != len(pairs) or list(named) != sorted(named):
        return None
    ocsf = _ocsf(kind, named.get("outcome") == '"denied"') % (actor, stream, index, milliseconds, facts, actor)
    facets = [named.pop(name, _NO_FACET) for name in entry.FACETS]
    if any(cell[0] != '"' or cell[1] in _RISKY for cell in facets):
        return None
    rest = ",".join([f'""{name}"":{value.replace(_QUOTE, _QUOTES)}' for name, value in named.items()])
    csv = f'"{index}","{at}","{kind}","{stream}","{no}","{actor}",{",".join(facets)},"{{{rest}}}"\r\n'
    leaf = sha256(b"\x00" + raw).digest()
    return Plain(int(index), at, raw, leaf, stream, int(no), bytes.fromhex(prev), csv, ocsf)


_QUOTE, _QUOTES = '"', '""'


def _milliseconds(at: str) -> int:
    """As bundle.ocsf_line has it; raises ValueError for no time, or one in another form."""
    if _SHAPE_OF_AT.fullmatch(at) is None:
        raise ValueError(at)
    return round(datetime.fromisoformat(at).timestamp() * 1000)


@lru_cache(maxsize=4096)
def _ocsf(kind: str, denied: bool) -> str:
    """The line that bundle.ocsf_line writes for this kind, with %s for actor, stream, index, time, facts, actor."""
    index, at, facts = 10**18 - 1, "2001-02-03T04:05:06.789000Z", {"outcome": "denied" if denied else "done"}
    body = {"actor": "<actor>", "stream": "<stream>", "at": at, "kind": kind, "facts": facts}
    text = bundle.ocsf_line(index, b"", body).decode().replace("%", "%%")
    time = str(round(entry.moment(at).timestamp() * 1000))
    marks = ("<actor>", "<stream>", str(index), time, bundle.json_bytes(facts).decode())
    for mark in marks:
        text = text.replace(mark, "%s")
    return text
