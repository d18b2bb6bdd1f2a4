"""Bytes in the storage that nobody needs any more: files of old bundles and packs, and what no row names.

A process may die after it kept an upload and before its transaction landed; then bytes lie there without a row. Each
key ends with the id of its row (UUIDv7), which says both whose it is and how old: a look at the storage's keys and one
by primary key a thousand of them is enough, and what is a day old and unknown was never committed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from itertools import islice
from typing import Any, Final
from uuid import UUID

from flask import current_app
from sqlalchemy import select

from compliance.audit import door
from daigou.core import clock
from daigou.core.access import system
from daigou.core.db import after_commit, db, load_locked, transaction
from daigou.providers.storage import Storage

from . import retention
from .subject import models

WRITTEN: Final = timedelta(days=1)
"""Far longer than any upload or job takes to commit."""
PLACES: Final = ("files/", "exports/", "packs/", "imports/")
"""Where things are kept by the id of their row. Whatever lies elsewhere is left alone."""
NAMED_BY: Final = ("storage_key", "archive_key")
"""The columns that name what is kept."""
PACKED: Final = ("audit_exports", "legal_packs")
"""Tables of files that were made of other things, and can be made again."""
BATCH: Final = 1_000


def let_go() -> int:
    """Files of bundles and packs past the days of the row "exports": how many. Who asked, why and their hash stay."""
    before = clock.now() - timedelta(days=retention.days_of("exports").days)
    return sum(_let_go(models()[name], before) for name in PACKED)


def _let_go(model: Any, before: datetime) -> int:
    old = select(model.id).where(model.storage_key.is_not(None), model.state_since < before).limit(BATCH)
    keys = db.session.scalars(old).all()
    for key in keys:
        with transaction():
            row = load_locked(model, id=key)
            place, row.storage_key = row.storage_key, None
            door.record(system("privacy"), row, "file_deleted", sha256=row.sha256, reason="retention")
            after_commit(lambda place=place: _storage().delete(place))  # type: ignore[misc]
    return len(keys)


def sweep() -> int:
    """Delete what no row names: how many. What is not named after a row, or is young, is left alone."""
    gone = 0
    found = filter(None, map(_old, _storage().keys()))
    while some := dict(islice(found, BATCH)):
        for key in some.keys() - _known(some.values()):
            _storage().delete(key)
            gone += 1
    return gone


def _old(key: str) -> tuple[str, UUID] | None:
    """The key with the id at its end, if that was made long ago."""
    if not key.startswith(PLACES):
        return None
    try:
        number = UUID(hex=key.rpartition("/")[2])
    except ValueError:
        return None
    made = datetime.fromtimestamp((number.int >> 80) / 1000, UTC) if number.version == 7 else None
    return (key, number) if made is not None and made < clock.now() - WRITTEN else None


def _known(numbers: Iterable[UUID]) -> set[str]:
    """The keys that the rows of these ids name, of every table that has such a column."""
    wanted = list(numbers)
    found: set[str] = set()
    for model, column in _naming():
        named = select(column).where(model.id.in_(wanted), column.is_not(None))
        found.update(db.session.scalars(named))
    return found


def _naming() -> Iterator[tuple[Any, Any]]:
    for model in models().values():
        yield from ((model, getattr(model, name)) for name in NAMED_BY if name in model.__table__.columns)


def _storage() -> Storage:
    found: Storage = current_app.extensions["storage"]
    return found
