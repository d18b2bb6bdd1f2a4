"""OFAC's SDN.CSV with ALT.CSV (aliases) and ADD.CSV (addresses): no header, "-0-" is empty, sorted by no promise.

SDN: ent_num, name, type, program, title, call sign, vessel type, tonnage, GRT, flag, owner, remarks.
ALT: ent_num, alt_num, type, name, remarks. ADD: ent_num, add_num, address, city, country, remarks. A Ctrl-Z ends them.
"""

from __future__ import annotations

import csv
import re
from collections import defaultdict
from collections.abc import Iterator
from io import TextIOWrapper
from typing import IO, Final

from .entry import Damaged, Read, codes, refuse_cut, unique, years_in

_END: Final = "\x1a"
_KINDS: Final = {"individual": "person", "vessel": "vessel", "aircraft": "aircraft", "": "entity"}
_BORN: Final = re.compile(r"\bDOB ([^;]*)")
_OF: Final = re.compile(r"\b(?:nationality|citizen) ([^;.]*)")
_WEAK: Final = re.compile(r"a\.k\.a\. '([^']+)'")


def read(sdn: IO[bytes], alt: IO[bytes] | None = None, add: IO[bytes] | None = None) -> Iterator[Read]:
    """Entries in the order of SDN.CSV. The two small files are held in memory, the large one is streamed."""
    aliases, places = _grouped(alt, "ALT.CSV", 5, 3), _grouped(add, "ADD.CSV", 6, 4)
    seen: set[str] = set()
    for row in _rows(sdn, "SDN.CSV", 12):
        if row[0] in seen:
            raise Damaged(f"SDN.CSV: entry {row[0]} stands in it twice")
        seen.add(row[0])
        yield _entry(row, aliases.pop(row[0], []), places.pop(row[0], []))
    if aliases or places:
        raise Damaged(f"entry {next(iter({**aliases, **places}))} has aliases or addresses but is missing from SDN.CSV")


def _entry(row: list[str], aliases: list[str], places: list[str]) -> Read:
    number, name, kind, programme, *rest = row
    flag, remarks = rest[-3], rest[-1]
    born = " ".join(_BORN.findall(remarks))
    return Read(
        entry_id=number,
        kind=_KINDS.get(kind.strip().casefold(), "entity"),
        names=unique([name, *aliases, *_WEAK.findall(remarks)]),
        countries=codes([*places, *_OF.findall(remarks), flag]),
        years=years_in(born),
        programme=programme,
        remarks=remarks,
    )


def _grouped(file: IO[bytes] | None, called: str, columns: int, wanted: int) -> dict[str, list[str]]:
    found: dict[str, list[str]] = defaultdict(list)
    for row in _rows(file, called, columns) if file else ():
        found[row[0]].append(row[wanted])
    return dict(found)


def _rows(file: IO[bytes], called: str, columns: int) -> Iterator[list[str]]:
    """Rows with "-0-" as empty. A row with another number of columns means a cut or foreign file."""
    refuse_cut(file, called)
    text = TextIOWrapper(file, encoding="utf-8", errors="strict", newline="")
    number = 0
    try:
        for number, row in enumerate(csv.reader(text, strict=True), start=1):
            if not row or row[0].startswith(_END):
                continue
            if len(row) != columns or not row[0].strip().isdigit():
                raise Damaged(f"{called}, line {number}: {columns} columns beginning with a number were expected")
            yield ["" if value.strip() == "-0-" else value.strip() for value in row]
    except (csv.Error, UnicodeDecodeError) as error:
        raise Damaged(f"{called}, near line {number + 1}: {error}") from error
    finally:
        text.detach()
