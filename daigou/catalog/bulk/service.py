"""A merchant sends a table of listings, watches how far it is, and fetches what was wrong."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import IO, Any
from uuid import UUID

from sqlalchemy import func, insert, select

from compliance.audit import door
from daigou.catalog import sheet
from daigou.catalog.own import merchant_of
from daigou.core import clock, ids, outbox
from daigou.core.access import Actor, require
from daigou.core.db import Page, advisory_lock, after_rollback, db, keyset, load, transaction
from daigou.core.errors import Impossible
from daigou.core.i18n import lazy
from daigou.core.pieces import chunks
from daigou.documents.service import storage

from . import archive, rules
from .models import ImportRow, ListingImport

Counts = dict[str, int]
AT_ONCE = 3
"""Tables of one merchant that are under way together."""


@dataclass(frozen=True, slots=True)
class Sent:
    """A table as it was read, each row with its number, and the archive as it came."""

    rows: Sequence[tuple[int, Mapping[str, str]]]
    archive: IO[bytes] | None
    mode: str
    locale: str


@dataclass(frozen=True, slots=True)
class Progress:
    """How many rows each verdict has; ``done`` of ``total`` have one that stays."""

    counts: Counts
    total: int

    @property
    def done(self) -> int:
        return sum(self.counts.get(name, 0) for name in (rules.KEPT, rules.THERE, rules.WRONG))

    @property
    def percent(self) -> int:
        seen = self.done + self.counts.get(rules.RIGHT, 0) / 2  # checked, but not kept yet
        return int(100 * seen / max(self.total, 1))



def send(actor: Actor, sent: Sent) -> ListingImport:
    """Keep table and archive, and put them to work. Invalid at ``archive``; Impossible while too many are under way."""
    require(actor, "listing.manage")
    packed = archive.checked(sent.archive) if sent.archive is not None else None
    with transaction():
        merchant = merchant_of(actor)
        advisory_lock(f"listing_imports:{merchant.id}")
        _refuse_too_many(merchant.id)
        row = ListingImport(ref=ids.new_ref("IMP"), merchant_id=merchant.id, sent_by=actor.account_id, mode=sent.mode,
                            locale=sent.locale, rows=len(sent.rows))  # fmt: skip
        if packed is not None:
            _keep_archive(row, packed)
        door.created(actor, row, rows=row.rows, photos=packed is not None, mode=row.mode)
        db.session.flush()
        db.session.execute(insert(ImportRow), _rows(row.id, sent.rows))
        outbox.put("listings.import", import_id=row.id)
    return row


def find(actor: Actor, ref: str) -> ListingImport:
    row: ListingImport = load(ListingImport, ref=ref)
    require(actor, "import.view", row)
    return row


def own(actor: Actor, cursor: str | None = None, size: int = 10) -> Page:
    """The merchant's tables, newest first."""
    require(actor, "listing.manage")
    statement = select(ListingImport).where(ListingImport.merchant_id == actor.merchant_id)
    return keyset(statement, ListingImport.id, cursor=cursor, size=size)


def progress(row: ListingImport) -> Progress:
    """From the rows while it is under way; what was counted at its end afterwards."""
    return Progress(dict(row.counts) or counted(row.id), row.rows)


def counted(import_id: UUID) -> Counts:
    statement = select(ImportRow.verdict, func.count()).where(ImportRow.import_id == import_id)
    return {str(verdict): int(count) for verdict, count in db.session.execute(statement.group_by(ImportRow.verdict))}


def wrong(row: ListingImport, cursor: str | None) -> Page:
    """Rows with faults, in the table's order."""
    statement = select(ImportRow).where(ImportRow.import_id == row.id, ImportRow.verdict == rules.WRONG)
    return keyset(statement, ImportRow.number, cursor=cursor, size=50, descending=False)


def to_correct(row: ListingImport) -> str:
    """The rows that were not kept as a table, each with what is wrong with it: to be corrected and sent again."""
    left = ImportRow.verdict.not_in((rules.KEPT, rules.THERE))
    statement = select(ImportRow).where(ImportRow.import_id == row.id, left).order_by(ImportRow.number)
    return sheet.written(_with_faults(each) for each in db.session.execute(statement).scalars())


def _with_faults(row: ImportRow) -> dict[str, str]:
    return {**row.cells, sheet.FAULTS: "; ".join(f"{label}: {words}" for label, words in row.faults)}


def _rows(import_id: UUID, rows: Sequence[tuple[int, Mapping[str, str]]]) -> list[dict[str, Any]]:
    now = clock.now()
    return [
        {"id": ids.new_id(), "created_at": now, "import_id": import_id, "number": number, "cells": dict(cells),
         "key": rules.row_key(cells)[: rules.ITEM_NUMBER], "verdict": rules.WAITING, "faults": []}
        for number, cells in rows
    ]  # fmt: skip


def _keep_archive(row: ListingImport, packed: IO[bytes]) -> None:
    row.archive_key = f"imports/{row.id.hex}"
    after_rollback(partial(storage().delete, row.archive_key))
    storage().put(row.archive_key, _closing(packed))


def _closing(packed: IO[bytes]) -> Iterator[bytes]:
    with packed:
        yield from chunks(packed)


def _refuse_too_many(merchant_id: UUID) -> None:
    busy = select(func.count()).where(
        ListingImport.merchant_id == merchant_id, ListingImport.state.in_(rules.UNDER_WAY)
    )
    if db.session.execute(busy).scalar_one() >= AT_ONCE:
        words = lazy("Three tables of yours are being worked on. Wait until one of them is done.")
        raise Impossible("import.too_many", words)

