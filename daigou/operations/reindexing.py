"""Blind indexes from one epoch of their key to the next. Who looks something up meanwhile asks for both."""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterator
from typing import Any

from sqlalchemy import ColumnElement, func, or_, select

from daigou import schema  # noqa: F401  every table is known
from daigou.core.crypto import ERASED, vault
from daigou.core.db import Base, db, transaction

PAUSE_SECONDS = 0.2


def columns() -> list[Any]:
    """Every mapped column of blind indexes."""
    found = [
        mapper.attrs[column.key].class_attribute
        for mapper in Base.registry.mappers
        for column in mapper.local_table.columns
        if "blind_index" in column.info
    ]
    return sorted(found, key=str)


def census() -> dict[str, dict[int, int]]:
    """How many rows of each column are of which epoch."""
    counted = {}
    for column in columns():
        epoch = func.get_byte(column, 0)
        with transaction() as session:
            rows = session.execute(select(epoch, func.count()).where(column.is_not(None)).group_by(epoch))
            counted[column.info["blind_index"]] = {int(number): int(count) for number, count in rows}
    return counted


def run(batch: int) -> Iterator[int]:
    """Make anew what is not of the current epoch; how many so far, after each batch."""
    done = 0
    for column in columns():
        while True:
            moved = _batch(column, batch)
            done += moved
            if moved:
                yield done
            elif not _is_left(column):
                break
            else:
                time.sleep(PAUSE_SECONDS)


def _batch(column: Any, limit: int) -> int:
    model, info = column.class_, column.info
    with transaction() as session:
        statement = (
            select(model).where(_other_epoch(column)).order_by(column).limit(limit).with_for_update(skip_locked=True)
        )
        rows = session.execute(statement.execution_options(populate_existing=True)).scalars().all()
        for row in rows:
            setattr(row, column.key, _anew(info["blind_index"], getattr(row, info["of"])))
    db.session.expunge_all()
    return len(rows)


def _anew(name: str, plain: Any) -> bytes:
    """What was erased has nothing to be found by: noise of the right form takes the place of its index."""
    if plain in (None, ERASED):
        return bytes([int(vault().index_keys.current)]) + secrets.token_bytes(32)
    return vault().blind_index(name, plain)


def _is_left(column: Any) -> bool:
    with transaction() as session:
        return session.execute(select(column).where(_other_epoch(column)).limit(1)).first() is not None


def _other_epoch(column: Any) -> ColumnElement[bool]:
    """As ranges, so that the column's own index finds them: the epoch is the first byte."""
    epoch = int(vault().index_keys.current)
    below = column < bytes([epoch])
    return below if epoch == 255 else or_(below, column >= bytes([epoch + 1]))
