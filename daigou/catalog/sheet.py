"""Listings as a table: the template, an export that no spreadsheet runs, and rows as they were sent back."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from sqlalchemy import select

from daigou.core.access import Actor, require
from daigou.core.cells import FORMULA, harmless
from daigou.core.db import db
from daigou.core.errors import Invalid
from daigou.core.i18n import lazy, nlazy

from .models import Listing

COLUMNS: Final = (
    "item_number", "category", "title", "brand", "model", "origin", "hs_code", "condition", "description", "price",
    "domestic_freight", "stock", "weight_g", "length_mm", "width_mm", "height_mm", "purchased_on", "usage",
    "function", "accessories", "flaws", "title_zh", "description_zh", "photos",
)  # fmt: skip
FAULTS: Final = "what_is_wrong"
"""A column of tables that come back to be corrected; what stands in it is not read."""
EXAMPLE: Final = {
    "item_number": "RIN-7-2024",
    "category": "figures", "title": "Moon Courier Rin, 1/7 scale figure", "origin": "JP", "hs_code": "950300",
    "condition": "new", "price": "18400", "domestic_freight": "800", "stock": "5", "weight_g": "900",
    "length_mm": "300", "width_mm": "200", "height_mm": "200",
}  # fmt: skip
ROWS_MOST: Final = 10_000
BYTES_MOST: Final = 16 * 2**20
UTF_16: Final = (b"\xff\xfe", b"\xfe\xff")
EXPORT_MOST: Final = 20_000


def read(content: bytes) -> list[tuple[int, dict[str, str]]]:
    """The rows by column name, each with its number in a spreadsheet; Invalid at ``file`` when it is no such table.
    UTF-8, or UTF-16 as spreadsheets save "Unicode text"; with commas, semicolons or tabs."""
    if len(content) > BYTES_MOST:
        raise _wrong(lazy("This table is larger than %(megabytes)s MB. Send it in parts.", megabytes=BYTES_MOST >> 20))
    if content.startswith(b"PK\x03\x04"):
        raise _wrong(lazy("This is a workbook or an archive. Save the table as CSV in UTF-8 and send that."))
    try:
        reader, rows = _parsed(content.decode("utf-16" if content.startswith(UTF_16) else "utf-8-sig"))
    except (UnicodeDecodeError, csv.Error) as error:
        raise _wrong(lazy("This is no table that can be read. Save it as CSV in UTF-8.")) from error
    unknown = set(reader.fieldnames or ()) - {*COLUMNS, FAULTS}
    if unknown or not rows or "title" not in (reader.fieldnames or ()):
        raise _wrong(lazy("The first line must have the template’s column names, and rows must follow."))
    if len(rows) > ROWS_MOST:
        raise _wrong(nlazy("At most %(num)d row at once.", "At most %(num)d rows at once.", ROWS_MOST))
    return [(number, {name: _undefused(row.get(name) or "") for name in COLUMNS}) for number, row in rows]


def _parsed(text: str) -> tuple[csv.DictReader[str], list[tuple[int, dict[str, str]]]]:
    head = text.splitlines()[0] if text.strip() else ""
    delimiter = max(",;\t", key=head.count)
    reader = csv.DictReader(io.StringIO(text.replace("\0", ""), newline=""), delimiter=delimiter, strict=True)
    return reader, [(number, row) for number, row in enumerate(reader, start=2) if any(_texts(row))]


def template() -> str:
    return written([EXAMPLE], COLUMNS)


def export(actor: Actor) -> str:
    """The merchant's own listings that have not ended, in the template's columns."""
    require(actor, "listing.manage")
    statement = select(Listing).where(Listing.merchant_id == actor.merchant_id, Listing.state != "ended")
    rows = db.session.execute(statement.order_by(Listing.id).limit(EXPORT_MOST)).scalars()
    return written((_row(each) for each in rows), COLUMNS)


def _undefused(text: str) -> str:
    return text[1:] if text.startswith("'") and text[1:].startswith(FORMULA) else text


def _row(each: Listing) -> dict[str, str]:
    chinese = each.translations.get("zh_Hans", {})
    own = {name: str(getattr(each, name)) for name in COLUMNS if hasattr(Listing, name)}
    return {
        **own, **{name: str(text) for name, text in each.details.items()}, "price": str(each.price.decimal),
        "domestic_freight": str(each.domestic_freight.decimal), "title_zh": chinese.get("title", ""),
        "description_zh": chinese.get("description", ""), "photos": "",
        "item_number": each.ref if each.item_number.startswith("auto:") else each.item_number or each.ref,
    }  # fmt: skip


def written(rows: Iterable[Mapping[str, str]], columns: Sequence[str] = (*COLUMNS, FAULTS)) -> str:
    """Rows as a table that spreadsheets open and run nothing of."""
    out = io.StringIO()
    writer = csv.DictWriter(out, columns, restval="", extrasaction="ignore")
    writer.writeheader()
    for row in rows:
        writer.writerow({name: harmless(text) for name, text in row.items()})
    return "\ufeff" + out.getvalue()


def _texts(row: Mapping[str, object]) -> list[str]:
    """What stands in a row; too many cells make a list, which is no text."""
    if None in row:
        raise csv.Error("a row has more cells than the first line")
    return [text.strip() for text in row.values() if isinstance(text, str)]


def _wrong(words: object) -> Invalid:
    return Invalid({"file": words}, code="sheet.invalid")
