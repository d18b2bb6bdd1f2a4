"""Everybody known, screened again when lists or rules change: in batches, each of its own transaction."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from daigou.core import outbox
from daigou.core.db import db, transaction

from . import service
from .lists import in_force
from .models import Party

BATCH = 200
AT_ONCE = 2000
"""Parties of one job; the rest is another one's, so that nothing holds a worker for long."""


def rescreen(after: str = "") -> None:
    """Go on behind ``after``. Run twice it does nothing the second time: who has the stamp of now is passed over.

    Also each night, for embargoes and thresholds begin and end with a day.
    """
    for _ in range(AT_ONCE // BATCH):
        after = _batch(after)
        if not after:
            return
    with transaction():
        outbox.put("screening.rescreen", after=after)


def _batch(after: str) -> str:
    """The key of the last one looked at, or nothing when all are done."""
    with transaction():
        now = in_force()
        rows = select(Party).where(Party.screened_with != now.stamp).order_by(Party.id).limit(BATCH)
        if after:
            rows = rows.where(Party.id > UUID(after))
        found = list(db.session.execute(rows.with_for_update()).scalars())
        for party in found:
            service.look(party, now)
    return str(found[-1].id) if found else ""
