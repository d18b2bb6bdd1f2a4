"""Watched searches: when enough has happened within the time, officers hear of it, once for that time."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

from sqlalchemy import select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from compliance.audit import door, searching
from daigou.core import clock, ids, outbox
from daigou.core.access import Actor, require, system
from daigou.core.db import Page, db, keyset, transaction

from . import searches
from .models import Alert, SavedSearch

REFERENCE = Path(__file__).with_name("reference.json")


def seed() -> None:
    """The alerts that the house brings. One that was dropped stays dropped."""
    rows = [
        {"id": ids.new_id(), "ref": ids.new_ref("SRC"), "created_at": clock.now(), "shared": True, "owner": None, **row}
        for row in json.loads(REFERENCE.read_text())["alerts"]
    ]
    fresh = insert(SavedSearch).on_conflict_do_nothing(index_elements=["code"]).returning(SavedSearch)
    with transaction() as session:
        for row in session.scalars(fresh, rows).all():
            facts: dict[str, Any] = {"search": row.ref, "watched": row.threshold is not None, "house": row.code}
            door.note(system("casework"), f"saved_search/{row.id}", "saved_search:kept", **facts)


def check() -> int:
    """The job: raise what is due. How many. Each search has a transaction of its own; two at once raise it once."""
    seed()
    watched = select(SavedSearch.id).where(SavedSearch.threshold.is_not(None), SavedSearch.dropped_at.is_(None))
    keys = db.session.scalars(watched.order_by(SavedSearch.id)).all()
    return sum(_check(key) for key in keys)


def _check(key: object) -> bool:
    with transaction() as session:
        held = select(SavedSearch).where(SavedSearch.id == key).with_for_update(skip_locked=True)
        row = session.scalars(held.execution_options(populate_existing=True)).one_or_none()
        if row is None or row.threshold is None or row.dropped_at is not None:
            return False
        since = clock.now() - timedelta(minutes=row.minutes or 1)
        if _was_told(session, row, since):
            return False
        count = searching.count_up_to(searches.facets_of(row, since=since), searches.MOST_COUNTED)
        if count < row.threshold:
            return False
        alert = Alert(search_id=row.id, since=since, count=count)
        session.add(alert)
        facts: dict[str, Any] = {"search": row.ref, "count": count, "threshold": row.threshold}
        door.note(system("casework"), f"saved_search/{row.id}", "saved_search:alerted", **facts)
        outbox.put("alert.raised", alert_id=alert.id)
    return True


def _was_told(session: Session, row: SavedSearch, since: object) -> bool:
    told = select(Alert.id).where(Alert.search_id == row.id, Alert.created_at > since).limit(1)
    return session.scalars(told).first() is not None


def raised(actor: Actor, cursor: str | None = None) -> tuple[Page, dict[object, SavedSearch]]:
    """Alerts, newest first, and their searches: two queries."""
    require(actor, "audit.view")
    page = keyset(select(Alert), Alert.created_at, Alert.id, cursor=cursor)
    wanted = select(SavedSearch).where(SavedSearch.id.in_({row.search_id for row in page.rows}))
    return page, {row.id: row for row in db.session.scalars(wanted)}


def see(actor: Actor) -> None:
    """Everything raised so far has been looked at by this officer, for all."""
    require(actor, "audit.view")
    with transaction() as session:
        unseen = update(Alert).where(Alert.seen_at.is_(None))
        done = session.execute(unseen.values(seen_at=clock.now(), seen_by=actor.account_id).returning(Alert.id)).all()
        if done:
            door.note(actor, f"audit/{actor.account_id}", "saved_search:alerts_seen", count=len(done))
