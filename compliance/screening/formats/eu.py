"""The European Union's consolidated financial sanctions list as CSV: semicolons, one header, one row for each fact.

Rows of one entity stand together. Columns are found by name, for the Commission adds some now and then.
"""

from __future__ import annotations

import csv
from collections.abc import Iterator
from io import TextIOWrapper
from itertools import groupby
from typing import IO, Final

from .entry import Damaged, Read, codes, refuse_cut, unique, years_in

_ID, _NAME = "Entity_LogicalId", "NameAlias_WholeName"
_KIND: Final = ("Entity_SubjectType", "Entity_SubjectType_ClassificationCode")
_COUNTRIES: Final = ("Citizenship_CountryIso2Code", "Address_CountryIso2Code")
_BORN: Final = ("BirthDate_BirthDate", "BirthDate_Year")
Row = dict[str, str]


def read(file: IO[bytes]) -> Iterator[Read]:
    """Every entity, its rows put together. Damaged when a column lacks, a row is short or an entity comes twice."""
    seen: set[str] = set()
    for number, rows in groupby(_rows(file), key=lambda row: row[_ID].strip()):
        if number in seen or not number:
            raise Damaged(f"EU list: entity {number or '(none)'} stands in two places")
        seen.add(number)
        yield _entry(number, list(rows))


def _rows(file: IO[bytes]) -> Iterator[Row]:
    refuse_cut(file, "EU list")
    text = TextIOWrapper(file, encoding="utf-8-sig", newline="")
    reader = csv.DictReader(text, delimiter=";", strict=True)
    try:
        missing = {_ID, _NAME} - set(reader.fieldnames or ())
        if missing:
            raise Damaged(f"EU list: the column {min(missing)} is missing")
        for row in reader:
            if None in row or None in row.values():
                raise Damaged(f"EU list, line {reader.line_num}: it has not as many columns as the header")
            yield row
    except (csv.Error, UnicodeDecodeError) as error:
        raise Damaged(f"EU list, near line {reader.line_num + 1}: {error}") from error
    finally:
        text.detach()


def _entry(number: str, rows: list[Row]) -> Read:
    kinds = {value.strip().casefold() for value in _all(rows, _KIND)}
    return Read(
        entry_id=number,
        kind="person" if kinds & {"p", "person"} else "entity",
        names=unique(_all(rows, (_NAME,))),
        countries=codes(_all(rows, _COUNTRIES)),
        years=years_in(" ".join(_all(rows, _BORN))),
        programme=next(iter(_all(rows, ("Entity_Regulation_Programme",))), ""),
        remarks=next(iter(_all(rows, ("Entity_EU_ReferenceNumber",))), ""),
    )


def _all(rows: list[Row], columns: tuple[str, ...]) -> list[str]:
    return [row[name] for row in rows for name in columns if row.get(name)]
