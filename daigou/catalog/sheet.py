"""Listings as a table: the template, an export that no spreadsheet runs, and rows as they were sent back."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from typing import Final

from sqlalchemy import select

from compliance.audit import door
from daigou.core.access import Actor, require
from daigou.core.cells import FORMULA, harmless
from daigou.core.db import db, transaction
from daigou.core.errors import Invalid
from daigou.core.i18n import lazy, nlazy

from . import listing as listings
from .models import Listing

COLUMNS: Final = (
    "category", "title", "brand", "model", "origin", "hs_code", "condition", "description", "price",
    "domestic_freight", "stock", "weight_g", "length_mm", "width_mm", "height_mm", "purchased_on", "usage",
    "function", "accessories", "flaws", "title_zh", "description_zh",
)  # fmt: skip
EXAMPLE: Final = {
    "category": "figures", "title": "Moon Courier Rin, 1/7 scale figure", "origin": "JP", "hs_code": "950300",
    "condition": "new", "price": "18400", "domestic_freight": "800", "stock": "5", "weight_g": "900",
    "length_mm": "300", "width_mm": "200", "height_mm": "200",
}  # fmt: skip
ROWS_MOST: Final = 500
BYTES_MOST: Final = 2 * 2**20
EXPORT_MOST: Final = 20_000


def read(content: bytes) -> list[dict[str, str]]:
    """The rows by column name; Invalid at ``file`` when it is no such table. UTF-8, with commas, semicolons or tabs."""
    if len(content) > BYTES_MOST:
        raise _wrong(lazy("This table is larger than 2 MB. Send it in parts."))
    try:
        text = content.decode("utf-8-sig")
        head = text.splitlines()[0] if text.strip() else ""
        delimiter = max(",;\t", key=head.count)
        reader = csv.DictReader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
        rows = [row for row in reader if any(_texts(row))]
    except (UnicodeDecodeError, csv.Error) as error:
        raise _wrong(lazy("This is no table that can be read. Save it as CSV in UTF-8.")) from error
    unknown = set(reader.fieldnames or ()) - set(COLUMNS)
    if unknown or not rows or "title" not in (reader.fieldnames or ()):
        raise _wrong(lazy("The first line must have the template’s column names, and rows must follow."))
    if len(rows) > ROWS_MOST:
        raise _wrong(nlazy("At most %(num)d row at once.", "At most %(num)d rows at once.", ROWS_MOST))
    return [{name: _undefused(row.get(name) or "") for name in COLUMNS} for row in rows]


def draft_all(actor: Actor, terms: Iterable[listings.Terms]) -> list[Listing]:
    """A draft for each, all or none: one transaction."""
    require(actor, "listing.manage")
    with transaction(), door.together():
        return [listings.draft(actor, each) for each in terms]


def template() -> str:
    return _written([EXAMPLE])


def export(actor: Actor) -> str:
    """The merchant's own listings that have not ended, in the template's columns."""
    require(actor, "listing.manage")
    statement = select(Listing).where(Listing.merchant_id == actor.merchant_id, Listing.state != "ended")
    rows = db.session.execute(statement.order_by(Listing.id).limit(EXPORT_MOST)).scalars()
    return _written(_row(each) for each in rows)


def _undefused(text: str) -> str:
    return text[1:] if text.startswith("'") and text[1:].startswith(FORMULA) else text


def _row(each: Listing) -> dict[str, str]:
    chinese = each.translations.get("zh_Hans", {})
    own = {name: str(getattr(each, name)) for name in COLUMNS if hasattr(Listing, name)}
    return {
        **own, **{name: str(text) for name, text in each.details.items()}, "price": str(each.price.decimal),
        "domestic_freight": str(each.domestic_freight.decimal), "title_zh": chinese.get("title", ""),
        "description_zh": chinese.get("description", ""),
    }  # fmt: skip


def _written(rows: Iterable[Mapping[str, str]]) -> str:
    out = io.StringIO()
    writer = csv.DictWriter(out, COLUMNS, restval="", extrasaction="ignore")
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
