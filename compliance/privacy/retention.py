"""How long things are kept, and the nightly job that lets them go. Rows of one country come before the general ones.

What is swept here is of no one country (work, forms, links, notices): the general row counts. Orders and payments are
kept or erased subject by subject; their rows say until when.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import or_, select, text

from compliance.audit import door
from daigou.core import clock
from daigou.core.access import Actor, require, system
from daigou.core.db import db, transaction
from daigou.core.errors import Unavailable
from daigou.core.i18n import lazy

from .models import KeepingRule

ANYWHERE: Final = "*"
BATCH: Final = 1_000
"""Rows of one transaction: long enough to be quick, short enough to hold up nobody."""
MOST: Final = 100_000
"""Rows of one kind in one night; the rest goes the next."""


@dataclass(frozen=True, slots=True)
class Kind:
    """``where`` picks what has had its time in ``table``; ``:before`` is the moment until which it has."""

    table: str
    where: str
    words: object


SWEPT: Final[dict[str, Kind]] = {
    "outbox": Kind("outbox", "done_at < :before", lazy("Work that is done")),
    "forms": Kind("submissions", "created_at < :before", lazy("Numbers of forms that were sent")),
    "tokens": Kind("account_tokens", "expires_at < :before", lazy("One-time links that have ended")),
    "notices": Kind("notices", "created_at < :before", lazy("Notices and the mails of them")),
    "sessions": Kind("account_sessions", "last_seen_at < :before", lazy("Sessions that have ended")),
    "codes": Kind("account_codes", "expires_at < :before", lazy("Codes that were sent by mail or text message")),
    "webhooks": Kind("inbox_events", "done_at < :before", lazy("What providers sent us")),
}
KEPT: Final[dict[str, object]] = {
    "transactions": lazy("Orders, payments and their papers"),
    "exports": lazy("Files of exports"),
    "circle_posts": lazy("Posts in circles that were found wrong"),
}


def words_of(kind: str) -> object:
    return SWEPT[kind].words if kind in SWEPT else KEPT.get(kind, kind)


def days_of(kind: str, country: str = ANYWHERE) -> KeepingRule:
    """The row in force today. Unavailable where none stands: then nothing of it may be erased."""
    found = db.session.scalars(_rows_today().where(KeepingRule.kind == kind)).all()
    for place in (country, ANYWHERE):
        if row := next((row for row in found if row.country == place), None):
            return row
    words = lazy("No row says how long this is kept. An officer has to enter one.")
    raise Unavailable("retention.no_rule", words, kind=kind)


def table_of_rules(actor: Actor) -> Sequence[KeepingRule]:
    """Every row in force today."""
    require(actor, "privacy.view")
    return db.session.scalars(_rows_today()).all()


def _rows_today():  # type: ignore[no-untyped-def]
    today = clock.today()
    return (
        select(KeepingRule)
        .where(KeepingRule.valid_from <= today, or_(KeepingRule.valid_to.is_(None), KeepingRule.valid_to > today))
        .order_by(KeepingRule.kind, KeepingRule.country, KeepingRule.valid_from.desc())
    )


def sweep() -> dict[str, int]:
    """The nightly job: how many rows of each kind went. Run twice, the second finds nothing."""
    gone = {kind: _sweep(kind) for kind in SWEPT}
    with transaction():
        door.note(system("privacy"), "retention/all", "retention:applied", outcome="done", **gone)
    return gone


def _sweep(kind: str) -> int:
    before, gone = clock.now() - timedelta(days=days_of(kind).days), 0
    while gone < MOST:
        done = _delete(SWEPT[kind], before)
        gone += done
        if done < BATCH:
            break
    return gone


def _delete(kind: Kind, before: datetime) -> int:
    statement = text(
        f"DELETE FROM {kind.table} WHERE id IN (SELECT id FROM {kind.table} WHERE {kind.where}"  # noqa: S608 (words of this file alone)
        " ORDER BY id LIMIT :batch FOR UPDATE SKIP LOCKED)"
    )
    with transaction() as session:
        return int(session.execute(statement, {"before": before, "batch": BATCH}).rowcount)  # type: ignore[attr-defined]
