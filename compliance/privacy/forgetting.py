"""What lies around of somebody whose keys are gone: closed, blurred, deleted. Twice is right."""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable
from uuid import UUID

from sqlalchemy import delete, exists, select, update

from daigou.core import clock
from daigou.core.crypto import vault
from daigou.core.db import db
from daigou.documents import service as documents
from daigou.documents.models import StoredFile

from .actor import SYSTEM
from .subject import FREE_WORDS, GOES, Person, models, owned_by, places, sealed_of

_close: Callable[[UUID], None] | None = None


def configure(close: Callable[[UUID], None]) -> None:
    """Accounts stand above: app.py hands down how one is closed, inside a transaction. Closing twice is right."""
    global _close
    _close = close


def forget(person: Person, gone: Iterable[str]) -> None:
    """What lies around of a person whose keys of these purposes are gone. Joins the transaction; twice is right."""
    without = set(gone)
    if _close is None:
        raise RuntimeError("nobody said how accounts are closed")
    _close(person.account_id)
    _blur_indexes(person, without)
    if "account" in without:
        _delete_rows(person)
    _destroy_files(person, without)


def _delete_rows(person: Person) -> None:
    for model in places(GOES):
        db.session.execute(delete(model).where(owned_by(model, person)))
    addresses, parcels = models()["addresses"], models()["parcels"]
    unused = ~exists().where(parcels.address_id == addresses.id)
    db.session.execute(delete(addresses).where(owned_by(addresses, person), unused))
    used = owned_by(addresses, person) & addresses.archived_at.is_(None)
    db.session.execute(update(addresses).where(used).values(archived_at=clock.now()))
    for table, columns in FREE_WORDS.items():
        model = models()[table]
        db.session.execute(update(model).where(owned_by(model, person)).values(dict.fromkeys(columns, "")))


def _blur_indexes(person: Person, without: set[str]) -> None:
    """What equal values are found by goes with its value; where a row must have one, noise takes its place.

    An account's always goes: nobody signs in there again.
    """
    for model in models().values():
        blind = [c for c in model.__table__.columns if "blind_index" in c.info]
        purposes = {sealed.purpose for sealed in sealed_of(model).values()}
        if blind and (purposes <= without or model.__tablename__ == "accounts"):
            for row in db.session.scalars(select(model).where(owned_by(model, person))):
                for column in blind:
                    setattr(row, column.key, None if column.nullable else _noise(row.id))


def _noise(row_id: UUID) -> bytes:
    """Of the form of an index in the present epoch, so that `daigou keys reindex` leaves it alone. It says nothing of
    the value, and is the same each time."""
    return bytes([int(vault().index_keys.current)]) + hashlib.sha256(b"erased|" + row_id.bytes).digest()


def _destroy_files(person: Person, without: set[str]) -> None:
    rows = select(StoredFile).where(
        StoredFile.subject == person.subject, StoredFile.purpose.in_(without), StoredFile.deleted_at.is_(None),
        StoredFile.data_key_id.is_not(None),
    )  # fmt: skip
    for file in db.session.scalars(rows):
        documents.destroy(SYSTEM, file, "erasure")
