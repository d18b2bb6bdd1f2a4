"""The job that writes an export’s bundle, one at a time."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from datetime import timedelta
from functools import partial
from tempfile import TemporaryFile
from typing import IO, Any, Final
from uuid import UUID

from sqlalchemy import update

from daigou.core import faults, outbox
from daigou.core.access import system
from daigou.core.db import load_locked, transaction
from daigou.core.pieces import chunks, measure

from . import door, papers, service
from .bundle import Filter
from .export import NothingToExport, Progress, Summary, WitnessDisagrees
from .exports import needs_two, second_person, storage
from .log import LogDamaged
from .models import Export

_BUILDER: Final = 4715
"""Advisory lock: one bundle is built at a time, so that exports never take all workers."""
_AGAIN: Final = timedelta(seconds=30)

# What went wrong, as it is kept in the row; the page has the words.
DAMAGED, WITNESS, NOTHING = "damaged", "witness", "nothing"


def build(export_id: UUID) -> None:
    """The job. Safe to run twice: one at a time builds, and what is ready or has failed for good stays so."""
    with _alone() as alone:
        row = _begin(export_id) if alone else None
        if row is not None:
            _build(row)
    if not alone:
        with transaction():
            outbox.put("export.build", delay=_AGAIN, export_id=export_id)


@contextmanager
def _alone() -> Iterator[bool]:
    """Whether this is the only builder. A lock of the session: it outlives transactions, and ends with the process."""
    with service.connected() as connection:
        taken = bool(connection.execute("SELECT pg_try_advisory_lock(%s)", (_BUILDER,)).fetchone()[0])  # type: ignore[index]
        try:
            yield taken
        finally:
            if taken and not connection.closed:
                connection.execute("SELECT pg_advisory_unlock(%s)", (_BUILDER,))


def _begin(export_id: UUID) -> Export | None:
    with transaction():
        faults.step("export.begin")
        row: Export = load_locked(Export, id=export_id)
        if row.is_("requested") and _may_build(row):
            door.transition(system("audit"), row, "build")
        return row if row.is_("building") else None


def _may_build(row: Export) -> bool:
    asked = second_person(row)
    return not needs_two(row) or (asked is not None and asked.is_("approved"))


def _build(row: Export) -> None:
    with TemporaryFile() as file:
        try:
            summary = _write(row, file)
        except (LogDamaged, WitnessDisagrees, NothingToExport) as error:
            _fail(row, {LogDamaged: DAMAGED, WitnessDisagrees: WITNESS}.get(type(error), NOTHING))
            return
        size, digest = measure(file)
        key = f"exports/{row.id.hex}"
        storage().put(key, chunks(file))
        faults.point("export.after_effect")
    _finish(row, key, size, digest, summary)


def _write(row: Export, file: IO[bytes]) -> Summary:
    service.sequence_due()  # what was written a moment ago belongs into the bundle too
    open_papers = partial(papers.opened, ref=row.ref) if row.with_documents else None
    wish = service.Wish(Filter.from_json(row.filter), row.witness, row.locale, row.recipient, open_papers)
    return service.write_for(file, wish, _teller(row.id))


def _teller(export_id: UUID) -> Progress:
    """Writes the progress into the row when it is another percent; what is left is the packing."""
    shown = -1

    def tell(done: int, total: int) -> None:
        nonlocal shown
        percent = min(99, 100 * done // max(total, 1))
        if percent != shown:
            shown = percent
            with transaction() as session:
                session.execute(update(Export).where(Export.id == export_id).values(progress=percent))

    return tell


def _finish(row: Export, key: str, size: int, digest: str, summary: Summary) -> None:
    with transaction():
        faults.step("export.finish")
        done: Export = load_locked(Export, id=row.id)
        held: dict[str, Any] = asdict(summary)
        done.storage_key, done.size, done.sha256, done.holds, done.progress = key, size, digest, held, 100
        door.transition(system("audit"), done, "finish", sha256=digest, size=size, shown=summary.shown)


def _fail(row: Export, error: str) -> None:
    with transaction():
        failed: Export = load_locked(Export, id=row.id)
        failed.error = error
        door.transition(system("audit"), failed, "fail", error=error)
