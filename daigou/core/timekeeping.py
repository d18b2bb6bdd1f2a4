"""The database's time for every host: whose clock is off is put right, and said so.

Hosts that keep time (NTP) are never touched: what is off by less than ``TOLERATED`` stays as it is. Each process asks
once a minute, on a connection that is being taken from the pool anyway.
"""

from __future__ import annotations

import logging
import time
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from typing import Any

import psycopg
from itsdangerous import TimestampSigner
from sqlalchemy import Engine, event
from sqlalchemy.exc import DBAPIError

from . import clock

log = logging.getLogger(__name__)

TOLERATED = timedelta(seconds=2)
EVERY_SECONDS = 60.0


class Timekeeper:
    """Compares this process's clock with the database behind ``engine``, at once and then now and then."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._asked_at = float("-inf")
        event.listen(engine, "checkout", self._taken)

    def look(self) -> None:
        """For who needs the time before it needs the database. One that is away is asked another time."""
        if self._is_due():
            with suppress(DBAPIError), self._engine.connect():
                pass

    def _is_due(self) -> bool:
        return time.monotonic() - self._asked_at >= EVERY_SECONDS

    def _taken(self, connection: psycopg.Connection[Any], *_: Any) -> None:
        if self._is_due():
            self._asked_at = time.monotonic()
            _compare(connection)


def _compare(connection: psycopg.Connection[Any]) -> None:
    before = datetime.now(UTC)
    try:
        row = connection.execute("SELECT clock_timestamp()").fetchone()
        connection.rollback()
    except psycopg.Error:
        return  # who takes it learns by its own statement that it is dead
    after = datetime.now(UTC)
    if row is not None:
        put_right(row[0] - (before + (after - before) / 2), waited=after - before)


def put_right(off: timedelta, waited: timedelta = timedelta(0)) -> None:
    """``off`` is what the database's clock is ahead of ours, as well as ``waited`` for its answer lets us know."""
    right = off if abs(off) > TOLERATED + waited else timedelta(0)
    if abs(right - clock.system.off) > TOLERATED:
        log.warning("this host’s clock is off: it goes by the database’s", extra={"seconds": right.total_seconds()})
    clock.system.off = right


def sign_by_it() -> None:
    """Cookies and forms that another host has signed are neither too old here nor from the future."""
    TimestampSigner.get_timestamp = lambda self: int(clock.system.now().timestamp())  # type: ignore[method-assign]
