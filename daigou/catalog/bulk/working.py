"""The job behind a table of listings. It works a few rows at a time, each in the transaction that says so: whenever it
is stopped, it goes on where it was, and no row becomes two listings."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from datetime import timedelta
from tempfile import TemporaryFile
from uuid import UUID

from sqlalchemy import delete, or_, select

from compliance.audit import door
from daigou.accounts import directory
from daigou.accounts.models import Merchant
from daigou.catalog.models import Listing
from daigou.core import clock, outbox
from daigou.core.access import Actor, can, system
from daigou.core.db import db, load, load_locked, transaction
from daigou.core.i18n import lazy
from daigou.core.zones import UTC
from daigou.documents.service import storage
from daigou.notices import service as notices

from . import archive, reading, rules, taking
from .archive import Archive
from .models import ImportRow, ListingImport
from .service import counted

SYSTEM = system("catalog")
SECONDS = 20.0
"""After so long the rest is left to the next run, so that other work gets its turn."""
FORGET_AT_ONCE = 500
ROWS_AT_ONCE, PHOTO_ROWS_AT_ONCE = 200, 5


def work_on(import_id: UUID, seconds: float = SECONDS) -> None:
    """Until it has ended, or the time is over; at least a few rows."""
    until = time.monotonic() + seconds
    with transaction():
        archive_key = load(ListingImport, id=import_id).archive_key
    with _photos(archive_key) as photos:
        while (left := _advance(import_id, photos)) and time.monotonic() < until:
            pass
    if left:
        with transaction():
            outbox.put("listings.import", import_id=import_id)


def forget_old() -> None:
    """The rows go; what became of them was counted."""
    before = clock.now() - timedelta(days=rules.KEEP_DAYS)
    left = select(ImportRow.id).where(ImportRow.import_id == ListingImport.id).exists()
    old = select(ListingImport).where(
        ListingImport.state.not_in(rules.UNDER_WAY), ListingImport.state_since < before, left
    )
    with transaction() as session:
        tables = session.execute(old.order_by(ListingImport.id).limit(FORGET_AT_ONCE).with_for_update()).scalars().all()
        session.execute(delete(ImportRow).where(ImportRow.import_id.in_([table.id for table in tables])))
        for table in tables:
            door.record(SYSTEM, table, "rows_forgotten", rows=table.rows)


@contextmanager
def _photos(key: str | None) -> Iterator[Archive | None]:
    if key is None or not storage().exists(key):
        yield None
        return
    with TemporaryFile() as file:
        for piece in storage().open(key):
            file.write(piece)
        with archive.opened(file) as photos:
            yield photos


def _advance(import_id: UUID, photos: Archive | None) -> bool:
    """Some rows further; whether anything is left. The table's own row is locked, so two jobs never share rows."""
    with transaction():
        table: ListingImport = load_locked(ListingImport, id=import_id)
        if not table.is_(*rules.UNDER_WAY):
            return False
        with notices.speaking(table.locale, UTC):  # words beside rows, no moments
            _work_on_some(table, photos)
        return table.is_(*rules.UNDER_WAY)


def _work_on_some(table: ListingImport, photos: Archive | None) -> None:
    actor = directory.acting(table.sent_by)
    if actor is None or actor.merchant_id != table.merchant_id or not can(actor, "listing.manage"):
        _end(table, "refuse", "rights")
        return
    if table.is_("checking") and table.mode == rules.RIGHT_ONES:
        door.transition(SYSTEM, table, "keep")
    rows = _next(table, rules.WAITING if table.mode == rules.RIGHT_ONES or table.is_("checking") else rules.RIGHT,
                 PHOTO_ROWS_AT_ONCE if photos else ROWS_AT_ONCE)  # fmt: skip
    if rows:
        _take(actor, table, rows, photos)
    else:
        _next_phase(table)


def _take(actor: Actor, table: ListingImport, rows: Sequence[ImportRow], photos: Archive | None) -> None:
    """Check these rows, and keep them where it is time for that."""
    merchant = load(Merchant, id=table.merchant_id)
    read = reading.reader_for(merchant)
    standing = _standing(table, rows)
    for row in rows:
        if row.key in standing:
            row.verdict, row.listing_ref = rules.THERE, standing[row.key]
            continue
        found = taking.taken(actor, row, read, photos, keep=table.is_("keeping"))
        row.verdict, row.faults, row.listing_ref = found.verdict, found.faults, found.listing_ref
        if found.listing_ref:
            standing[row.key] = found.listing_ref
    db.session.flush()


def _standing(table: ListingImport, rows: Sequence[ImportRow]) -> dict[str, str]:
    """Listings that have these rows' numbers already, by number: the merchant's own, or the reference it exported."""
    keys = [row.key for row in rows]
    statement = select(Listing.item_number, Listing.ref).where(
        Listing.merchant_id == table.merchant_id, Listing.state != "ended",
        or_(Listing.item_number.in_(keys), Listing.ref.in_(keys)),
    )  # fmt: skip
    found = db.session.execute(statement).all()
    return {key: str(ref) for number, ref in found for key in (number, ref)}


def _next(table: ListingImport, verdict: str, most: int) -> Sequence[ImportRow]:
    statement = select(ImportRow).where(ImportRow.import_id == table.id, ImportRow.verdict == verdict)
    return db.session.execute(statement.order_by(ImportRow.number).limit(most)).scalars().all()


def _next_phase(table: ListingImport) -> None:
    if table.is_("keeping"):
        _end(table, "finish", "")
    elif counted(table.id).get(rules.WRONG):
        _end(table, "refuse", "rows")
    else:
        door.transition(SYSTEM, table, "keep")


def _end(table: ListingImport, move: str, why: str) -> None:
    table.counts = counted(table.id)
    door.transition(SYSTEM, table, move, why=why, **{f"rows_{name}": count for name, count in table.counts.items()})
    if table.archive_key is not None:
        storage().delete(table.archive_key)
        table.archive_key = None
    title = lazy("Your table %(ref)s was worked through", ref=table.ref)
    body = lazy("Its page says which rows became listings and what is wrong with the others.")
    notices.tell(table.sent_by, "listings_imported", str(title), str(body), f"/merchant/listings/bulk/{table.ref}")
