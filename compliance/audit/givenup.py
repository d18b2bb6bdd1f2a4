"""Work of the outbox that was given up: a person has it tried again, or sets it aside with a reason."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from daigou.core import clock
from daigou.core.access import Actor, require
from daigou.core.db import Page, keyset, load_locked, transaction
from daigou.core.errors import Impossible
from daigou.core.i18n import lazy
from daigou.core.outbox import OutboxRow, wake

from . import door, proposals


def waiting(actor: Actor, cursor: str | None = None) -> Page:
    """What was given up, newest first."""
    require(actor, "work.resume")
    statement = select(OutboxRow).where(OutboxRow.failed_at.is_not(None))
    return keyset(statement, OutboxRow.failed_at, OutboxRow.id, cursor=cursor, size=50)


def resume(actor: Actor, row_id: UUID) -> OutboxRow:
    """Try it again from the start; handlers may run twice, so it does no harm."""
    require(actor, "work.resume")
    with transaction():
        row = _locked(row_id)
        row.failed_at, row.attempts, row.due_at = None, 0, clock.now()
        door.note(actor, f"work/{row.id}", "work:resumed", topic=row.topic)
    wake(row.queue)
    return row


def set_aside(actor: Actor, row_id: UUID, reason: str) -> OutboxRow:
    """It will not be done: something else took its place, and the reason says what."""
    require(actor, "work.resume")
    with transaction():
        row = _locked(row_id)
        row.failed_at, row.done_at, row.set_aside = None, clock.now(), proposals.checked(reason)
        door.note(actor, f"work/{row.id}", "work:set_aside", topic=row.topic)
    return row


def _locked(row_id: UUID) -> OutboxRow:
    row: OutboxRow = load_locked(OutboxRow, id=row_id)
    if row.failed_at is None:
        raise Impossible("work.moved_on", lazy("This has been dealt with already."))
    return row
