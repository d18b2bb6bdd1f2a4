"""What time it is. Injectable, so that a test can stand on any day without waiting for it.

All hosts have one time, that of the database they share: a host whose own clock is off is put right by it
(timekeeping.py), so that a lease, a deadline, a signature or a key means the same everywhere.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    def now(self) -> datetime: ...


class SystemClock:
    """This host's clock, and how far it is off."""

    def __init__(self) -> None:
        self.off = timedelta(0)  # what to add to it

    def now(self) -> datetime:
        return datetime.now(UTC) + self.off

    def unix_milliseconds(self) -> int:
        return time.time_ns() // 1_000_000 + self.off // timedelta(milliseconds=1)


class FixedClock:
    """A clock that moves only when told to."""

    def __init__(self, at: datetime) -> None:
        if at.tzinfo is None:
            raise ValueError("a clock needs an aware datetime")
        self._at = at

    def now(self) -> datetime:
        return self._at

    def advance(self, by: timedelta) -> None:
        self._at += by


_clock: ContextVar[Clock | None] = ContextVar("clock", default=None)
system = SystemClock()


def now() -> datetime:
    """The current instant, aware, in UTC."""
    return (_clock.get() or system).now()


def today() -> date:
    """The current day in UTC: the day by which dated rule rows are chosen."""
    return now().date()


@contextmanager
def use(clock: Clock) -> Iterator[None]:
    """Run the block under another clock."""
    token = _clock.set(clock)
    try:
        yield
    finally:
        _clock.reset(token)
