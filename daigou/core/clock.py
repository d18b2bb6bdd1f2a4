"""What time it is. Injectable, so that a test can stand on any day without waiting for it."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import UTC, date, datetime, timedelta
from typing import Protocol


class Clock(Protocol):
    def now(self) -> datetime: ...


class SystemClock:
    def now(self) -> datetime:
        return datetime.now(UTC)


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
_system = SystemClock()


def now() -> datetime:
    """The current instant, aware, in UTC."""
    return (_clock.get() or _system).now()


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
