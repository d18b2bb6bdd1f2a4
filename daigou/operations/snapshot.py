"""One snapshot of the database, held open, and what it says of itself."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import psycopg
from psycopg import sql

from compliance.audit import log
from daigou import schema


@dataclass(frozen=True, slots=True)
class Moment:
    """What the snapshot says of itself."""

    snapshot: str
    taken_at: datetime
    revision: str
    checkpoint: str | None
    tree_size: int
    rows: dict[str, int]
    storage_keys: list[str]


def freeze(connection: psycopg.Connection[Any]) -> Moment:
    """Hold one snapshot open, and read off it what the manifest says."""
    connection.execute("SET idle_in_transaction_session_timeout = 0")
    connection.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
    snapshot, at = _row(connection, "SELECT pg_export_snapshot(), now()")
    newest = log.latest_checkpoint(connection)
    return Moment(
        snapshot=snapshot,
        taken_at=at,
        revision=_row(connection, "SELECT version_num FROM alembic_version")[0],
        checkpoint=newest.note if newest else None,
        tree_size=newest.size if newest else 0,
        rows=_counted(connection),
        storage_keys=sorted(storage_keys_of(connection)),
    )


def _counted(connection: psycopg.Connection[Any]) -> dict[str, int]:
    """Rows of the tables that must be whole to the last one."""
    names = ("accounts", "orders", "payment_attempts", "ledger_postings", "audit_entries", "stored_files")
    count = sql.SQL("SELECT count(*) FROM {}")
    return {name: _row(connection, count.format(sql.Identifier(name)))[0] for name in names}


def storage_keys_of(connection: psycopg.Connection[Any]) -> Iterator[str]:
    """Of every table that has a column ``storage_key``, without what was deleted."""
    for table in schema.metadata.tables.values():
        if "storage_key" not in table.columns:
            continue
        lives = sql.SQL(" AND deleted_at IS NULL" if "deleted_at" in table.columns else "")
        query = sql.SQL("SELECT storage_key FROM {} WHERE storage_key IS NOT NULL").format(sql.Identifier(table.name))
        yield from (key for (key,) in connection.execute(query + lives))


def _row(connection: psycopg.Connection[Any], query: Any) -> Any:
    return connection.execute(query).fetchone()
