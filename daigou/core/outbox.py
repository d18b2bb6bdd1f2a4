"""Work for later, recorded in the transaction that wants it.

``put`` writes a row; when the transaction lands, a hint goes to RQ; the worker takes due rows of its queue and calls
the topic's handler. A lost hint loses nothing: ``sweep`` sends it again. A handler may run twice and must not mind.

Who works on a row holds an advisory lock named after it, on a connection that dies with the process. So the sweep knows
which work was abandoned, and gives it back at once; the lease is only for a host that nobody hears of any more.
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, LiteralString
from uuid import UUID

import psycopg
from flask import current_app
from sqlalchemy import Index, String, Text, insert, select, update
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from . import clock, ids
from .db import CONNECTING, Model, after_commit, as_sent, db, transaction, write_last

log = logging.getLogger(__name__)

LEASE = timedelta(minutes=5)  # after it the row is looked at again, whoever seems to have it
GIVE_UP_AFTER = 12  # attempts; with the back-off below about a day, then a person looks
BATCH = 50
MANY = 1000  # rows in hand at once


class OutboxRow(Model):
    __tablename__ = "outbox"

    topic: Mapped[str] = mapped_column(String(80))
    queue: Mapped[str] = mapped_column(String(20))
    payload: Mapped[dict[str, Any]] = mapped_column(JSONB)
    due_at: Mapped[datetime] = mapped_column(default=clock.now)
    attempts: Mapped[int] = mapped_column(default=0)
    leased: Mapped[bool] = mapped_column(default=False)  # somebody has begun and not said how it ended
    done_at: Mapped[datetime | None]
    failed_at: Mapped[datetime | None]
    last_error: Mapped[str | None] = mapped_column(Text)
    set_aside: Mapped[str | None] = mapped_column(Text)  # why a person had it not done

    __table_args__ = (
        Index("ix_outbox_due", "queue", "due_at", postgresql_where="done_at IS NULL AND failed_at IS NULL"),
        Index("ix_outbox_leased", "id", postgresql_where="leased"),
        Index("ix_outbox_failed", "failed_at", postgresql_where="failed_at IS NOT NULL"),
    )


_ROW = OutboxRow.__table__
_PUT = as_sent(insert(_ROW), *(column.name for column in _ROW.columns if not column.nullable))
_NOT_BEGUN = {"attempts": 0, "leased": False}


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


def put(topic: str, delay: timedelta | None = None, **payload: Any) -> UUID:
    """Record work inside the running transaction; answers with the key of its row, which is written with the commit.

    Payload values are JSON: ids as strings, never personal data.
    """
    queue, key, now = _topics[topic].queue, ids.new_id(), clock.now()
    plain = {k: str(v) if isinstance(v, UUID) else v for k, v in payload.items()}
    due = now + (delay or timedelta(0))
    named = {"id": key, "created_at": now, "topic": topic, "queue": queue, "payload": json.dumps(plain), "due_at": due}
    write_last(_PUT, {**_NOT_BEGUN, **named})
    if delay is None:
        after_commit(lambda: wake(queue), once=f"wake:{queue}")
    return key


def queue_of(topic: str) -> str:
    """Which queue works on this topic; for those who write their row themselves, and wake it."""
    return _topics[topic].queue


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
    """Queues that have due work nobody was told of, that of dead workers among it."""
    _free_abandoned()
    statement = (
        select(OutboxRow.queue)
        .where(OutboxRow.done_at.is_(None), OutboxRow.failed_at.is_(None), OutboxRow.due_at <= clock.now())
        .distinct()
    )
    queues = list(db.session.execute(statement).scalars())
    for queue in queues:
        wake(queue)
    return queues


def _free_abandoned() -> None:
    """Rows that were begun and that no living process holds are due now."""
    with transaction() as session:
        begun = session.execute(select(OutboxRow.id).where(OutboxRow.leased).limit(MANY)).scalars().all()
    guard = _guard()
    for key in begun:
        if guard.hold(key):
            with transaction() as session:
                session.execute(
                    update(OutboxRow)
                    .where(OutboxRow.id == key, OutboxRow.leased)
                    .values(leased=False, due_at=clock.now())
                )
            guard.let_go(key)


def _guard() -> Guard:
    """This process's connection for the locks: one that a fork brought along is not used."""
    found: Guard | None = current_app.extensions.get("outbox_guard")
    if found is None or found.pid != os.getpid():
        found = current_app.extensions["outbox_guard"] = Guard(current_app.extensions["config"].database_url)
    return found


class Guard:
    """Session-level advisory locks. When the connection is lost, so are they: at worst a handler runs twice."""

    def __init__(self, url: str) -> None:
        self.pid = os.getpid()
        self._url = url.replace("postgresql+psycopg:", "postgresql:")
        self._connection: psycopg.Connection[Any] | None = None

    def __del__(self) -> None:
        if self._connection is not None and self.pid == os.getpid():  # a fork's copy is its parent's to close
            self._connection.close()

    def hold(self, key: UUID) -> bool:
        """Whether the work is ours now. Not, while another process has it in hand."""
        return bool(self._ask("SELECT pg_try_advisory_lock(hashtextextended(%s, 0))", key))

    def let_go(self, key: UUID) -> None:
        try:
            self._ask("SELECT pg_advisory_unlock(hashtextextended(%s, 0))", key)
        except psycopg.Error:
            self._connection = None  # the locks went with it

    def _ask(self, statement: LiteralString, key: UUID) -> Any:
        try:
            return self._asked(statement, key)
        except psycopg.OperationalError:
            self._connection = None  # the server was restarted: once more on a fresh connection
            return self._asked(statement, key)

    def _asked(self, statement: LiteralString, key: UUID) -> Any:
        if self._connection is None or self._connection.closed:
            self._connection = psycopg.connect(self._url, autocommit=True, **CONNECTING)
        row = self._connection.execute(statement, (f"outbox/{key}",)).fetchone()
        return row[0] if row else None


def _take(queue: str) -> OutboxRow | None:
    """The oldest due row that nobody has in hand, leased.

    Its due time moves past the lease before the work begins, so a crash brings it back.
    """
    while (row := _lease(queue)) is not None:
        if row.leased:
            return row
    return None


def _lease(queue: str) -> OutboxRow | None:
    """The oldest due row; one whose lease ran out while its worker lives is put off, not leased."""
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
            row.due_at = clock.now() + LEASE
            row.leased = _guard().hold(row.id)
            row.attempts += row.leased
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
    values: dict[str, Any] = {"done_at": clock.now(), "leased": False}
    if failed is not None:
        values = {
            "leased": False,
            "last_error": f"{type(failed).__name__}: {failed}"[:2000],
            "due_at": clock.now() + back_off(row.attempts),
            "failed_at": clock.now() if row.attempts >= GIVE_UP_AFTER else None,
        }
    with transaction() as session:
        session.execute(update(OutboxRow).where(OutboxRow.id == row.id).values(**values))
    _guard().let_go(row.id)


def back_off(attempts: int) -> timedelta:
    """2, 4, 8 … seconds, at most four hours."""
    return timedelta(seconds=min(2**attempts, 4 * 3600))
