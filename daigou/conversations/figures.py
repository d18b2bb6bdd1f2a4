"""What people write to us about, counted: by topic and month (S62)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import func, select

from daigou.core import clock
from daigou.core.access import Actor, require
from daigou.core.db import Page, db, keyset

from . import rules
from .models import Conversation

MONTHS = 12


@dataclass(frozen=True, slots=True)
class Month:
    """``counts`` by topic, of every topic; ``start`` is the month's first moment, UTC."""

    start: datetime
    counts: dict[str, int]

    @property
    def total(self) -> int:
        return sum(self.counts.values())


def by_month(actor: Actor) -> list[Month]:
    """The last twelve months, newest first; one statement by the index of what people asked us."""
    require(actor, "support.work")
    starts = _starts()
    month = func.date_trunc("month", Conversation.created_at, "UTC")
    statement = (
        select(month, Conversation.topic, func.count())
        .where(Conversation.kind == rules.HELP, Conversation.created_at >= starts[-1])
        .group_by(month, Conversation.topic)
    )
    found = {(start, topic): int(count) for start, topic, count in db.session.execute(statement)}
    return [Month(start, {topic: found.get((start, topic), 0) for topic in rules.TOPICS}) for start in starts]


def about(actor: Actor, topic: str, cursor: str | None = None) -> Page:
    """What people wrote to us about one topic, newest first."""
    require(actor, "support.work")
    statement = select(Conversation).where(Conversation.kind == rules.HELP, Conversation.topic == topic)
    return keyset(statement, Conversation.created_at, Conversation.id, cursor=cursor)


def _starts() -> list[datetime]:
    start = clock.now().replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    found = [start]
    while len(found) < MONTHS:
        start = start.replace(year=start.year - (start.month == 1), month=start.month - 1 or 12)
        found.append(start)
    return found
