"""Work for later, recorded in the transaction that wants it.

``put`` writes a row; when the transaction lands, a hint goes to RQ; the worker takes due rows of its queue and calls
the topic's handler. A lost hint loses nothing: ``sweep`` sends it again. A handler may run twice and must not mind.
"""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import Index, String, Text, select, update
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from . import clock
from .db import Model, after_commit, db, transaction

log = logging.getLogger(__name__)

LEASE = timedelta(minutes=5)  # longer than any handler; after it the row is taken to be abandoned
GIVE_UP_AFTER = 12  # attempts; with the back-off below about a day, then a person looks
BATCH = 50


class OutboxRow(Model):
    __tablename__ = "outbox"

    topic: Mapped[str] = mapped_column(String(80))
    queue: Mapped[str] = mapped_column(String(20))
    payload: Mapped[dict[str, Any]] = mapped_column(JSONB)
    due_at: Mapped[datetime] = mapped_column(default=clock.now)
    attempts: Mapped[int] = mapped_column(default=0)
    done_at: Mapped[datetime | None]
    failed_at: Mapped[datetime | None]
    last_error: Mapped[str | None] = mapped_column(Text)
    set_aside: Mapped[str | None] = mapped_column(Text)  # why a person had it not done

    __table_args__ = (
        Index("ix_outbox_due", "queue", "due_at", postgresql_where="done_at IS NULL AND failed_at IS NULL"),
        Index("ix_outbox_failed", "failed_at", postgresql_where="failed_at IS NOT NULL"),
    )


@dataclass(frozen=True, slots=True)
class Topic:
    """``handler(**payload)`` runs on ``queue``."""

    queue: str
    handler: Callable[..., None]


_topics: dict[str, Topic] = {}
_wake: Callable[[str], None] | None = None


def configure(topics: Mapping[str, Topic], wake: Callable[[str], None]) -> None:
    """app.py gives the one table of topics and the way to hint a queue."""
    global _wake
    _topics.clear()
    _topics.update(topics)
    _wake = wake


def put(topic: str, delay: timedelta | None = None, **payload: Any) -> OutboxRow:
    """Record work inside the running transaction. Payload values are JSON: ids as strings, never personal data."""
    queue = _topics[topic].queue
    plain = {k: str(v) if isinstance(v, UUID) else v for k, v in payload.items()}
    row = OutboxRow(topic=topic, queue=queue, payload=plain, due_at=clock.now() + (delay or timedelta(0)))
    db.session.add(row)
    if delay is None:
        after_commit(lambda: wake(queue), once=f"wake:{queue}")
    return row


def wake(queue: str) -> None:
    """Hint that a queue has work. A dead Redis is no reason to fail what has already landed."""
    try:
        if _wake is not None:
            _wake(queue)
    except Exception:
        log.warning("queue not woken; the sweep will", extra={"queue": queue}, exc_info=True)


def drain(queue: str, limit: int = BATCH) -> int:
    """Do due work of one queue, a row at a time; how many rows were tried."""
    tried = 0
    while tried < limit:
        taken = _take(queue)
        if taken is None:
            break
        tried += 1
        _run(taken)
    return tried


def sweep() -> list[str]:
    """Queues that have due work nobody was told of."""
    statement = (
        select(OutboxRow.queue)
        .where(OutboxRow.done_at.is_(None), OutboxRow.failed_at.is_(None), OutboxRow.due_at <= clock.now())
        .distinct()
    )
    queues = list(db.session.execute(statement).scalars())
    for queue in queues:
        wake(queue)
    return queues


def _take(queue: str) -> OutboxRow | None:
    """The oldest due row, leased.

    Its due time moves past the lease before the work begins, so a crash brings it back.
    """
    with transaction() as session:
        statement = (
            select(OutboxRow)
            .where(
                OutboxRow.queue == queue,
                OutboxRow.due_at <= clock.now(),
                OutboxRow.done_at.is_(None),
                OutboxRow.failed_at.is_(None),
            )
            .order_by(OutboxRow.due_at)
            .limit(1)
            .with_for_update(skip_locked=True)
        )
        row = session.execute(statement).scalar_one_or_none()
        if row is not None:
            row.attempts += 1
            row.due_at = clock.now() + LEASE
        return row


def _run(row: OutboxRow) -> None:
    try:
        _topics[row.topic].handler(**row.payload)
    except Exception as error:
        log.exception("outbox work failed", extra={"topic": row.topic, "outbox_id": str(row.id)})
        db.session.rollback()
        _settle(row, failed=error)
    else:
        _settle(row)
    finally:
        db.session.expunge_all()


def _settle(row: OutboxRow, failed: Exception | None = None) -> None:
    values: dict[str, Any] = {"done_at": clock.now()}
    if failed is not None:
        values = {
            "last_error": f"{type(failed).__name__}: {failed}"[:2000],
            "due_at": clock.now() + back_off(row.attempts),
            "failed_at": clock.now() if row.attempts >= GIVE_UP_AFTER else None,
        }
    with transaction() as session:
        session.execute(update(OutboxRow).where(OutboxRow.id == row.id).values(**values))


def back_off(attempts: int) -> timedelta:
    """2, 4, 8 … seconds, at most four hours."""
    return timedelta(seconds=min(2**attempts, 4 * 3600))
