"""Whether a restored deployment is the one that was backed up: the checks of a journey's end, on the result."""

from __future__ import annotations

import base64
from collections.abc import Iterator
from typing import Any

import psycopg
from flask import current_app
from psycopg import sql

from compliance.audit import checkpoint, log
from compliance.audit import service as audit
from compliance.audit.log import LogDamaged
from compliance.audit.note import NoteError
from daigou.core.config import Config
from daigou.core.crypto import Sealed, vault
from daigou.core.db import Base, transaction
from daigou.core.keystore import KeyDestroyed
from daigou.payments.books import check_all
from daigou.providers.storage import Storage

from . import dumping
from .restore import Restored


def prove(restored: Restored) -> Iterator[str]:
    """What does not hold, in words; nothing when all does. Runs inside the restored deployment's application.

    The provider is not asked: what it moved since the backup is no fault of the restore (`daigou ledger check` tells).
    """
    for check in (_rows, _log, _tombstones, _files, _sealed, _fsck, _books):
        yield from check(restored)


def _rows(restored: Restored) -> Iterator[str]:
    """Nothing was lost on the way; what the log gained since is ours."""
    with _connected() as connection:
        for table, count in restored.source.said.facts["rows"].items():
            query = sql.SQL("SELECT count(*) FROM {}").format(sql.Identifier(table))
            found = connection.execute(query).fetchone()
            if found is None or found[0] < count:
                yield f"{table} holds {found and found[0]} rows, the backup had {count}"


def _log(restored: Restored) -> Iterator[str]:
    """The restored log leads to the checkpoint of the backup's moment, which its key signed."""
    kept = restored.source.said.facts["checkpoint"]
    if kept is None:
        return
    config: Config = current_app.extensions["config"]
    try:
        said = checkpoint.verify(base64.b64decode(kept), config.log_origin, audit.keyring().vkeys)
        with audit.connected() as connection:
            if log.root_at(connection, said.size) != said.root:
                yield f"the log does not lead to the checkpoint at {said.size} entries"
    except (NoteError, LogDamaged) as error:
        yield f"the checkpoint of the backup: {error}"


def _tombstones(restored: Restored) -> Iterator[str]:
    with current_app.extensions["keystore_engine"].connect() as connection:
        rows = connection.exec_driver_sql("SELECT subject, purpose FROM tombstones").all()
        alive = connection.exec_driver_sql(
            "SELECT count(*) FROM data_keys JOIN tombstones USING (subject, purpose)"
        ).scalar_one()
    known = {tuple(row) for row in rows}
    if lost := [row for row in restored.source.dead if (row["subject"], row["purpose"]) not in known]:
        yield f"{len(lost)} tombstones were not replayed"
    if alive:
        yield f"{alive} keys of erased people are there again"


def _files(restored: Restored) -> Iterator[str]:
    storage: Storage = current_app.extensions["storage"]
    gone = set(restored.source.said.facts["gone"])
    with _connected() as connection:
        keys = connection.execute("SELECT storage_key FROM stored_files WHERE deleted_at IS NULL").fetchall()
    missing = [key for (key,) in keys if key not in gone and not storage.exists(key)]
    if missing:
        yield f"{len(missing)} files that rows name are not there, among them {missing[0]}"


def _sealed(restored: Restored) -> Iterator[str]:
    """One value of each sealed column opens: keys, KEK and rows belong together."""
    for mapper in Base.registry.mappers:
        for name, value in vars(mapper.class_).items():
            if isinstance(value, Sealed):
                yield from _opens(mapper.class_, name, value)


def _opens(model: Any, name: str, value: Sealed) -> Iterator[str]:
    column = getattr(model, value.column)
    with transaction() as session:
        row = session.query(model).filter(column.is_not(None)).order_by(model.id.desc()).limit(1).one_or_none()
        if row is None:
            return
        try:
            vault().open(f"{model.__tablename__}|{value.column}|{row.id}", getattr(row, value.column))
        except KeyDestroyed:
            return  # erased: so it must be
        except Exception as error:
            yield f"{model.__tablename__}.{name} does not open: {type(error).__name__}"


def _fsck(restored: Restored) -> Iterator[str]:
    report = audit.check()
    if report.exit_code:
        yield from (f"audit fsck: {line}" for line in report.lines())


def _books(restored: Restored) -> Iterator[str]:
    return iter(check_all(with_provider=False).faults)


def _connected() -> psycopg.Connection[Any]:
    config: Config = current_app.extensions["config"]
    return psycopg.connect(dumping.plain(config.database_url))
