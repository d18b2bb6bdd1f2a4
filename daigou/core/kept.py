"""Small dated tables, read once a minute by each process instead of once a request."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from typing import Any, TypeVar

from flask import current_app

from . import clock

SECONDS = 60.0
Value = TypeVar("Value")


@dataclass(frozen=True, slots=True)
class _Held:
    day: date
    until: float
    value: Any


def once_a_minute(name: str, read: Callable[[], Value]) -> Value:
    """What ``read`` answered within the last minute of this day (UTC). It must not hand out rows of a session.

    For what changes by dated rows only: another process may go by the old ones for a minute longer.
    """
    held: _Held | None = _shelf().get(name)
    if held is not None and held.day == clock.today() and held.until > time.monotonic():
        return held.value  # type: ignore[no-any-return]
    made = _Held(clock.today(), time.monotonic() + SECONDS, read())
    _shelf()[name] = made
    return made.value  # type: ignore[no-any-return]


def forget(name: str) -> None:
    """After a change of rows: this process reads them anew."""
    _shelf().pop(name, None)


def _shelf() -> dict[str, _Held]:
    shelf: dict[str, _Held] = current_app.extensions.setdefault("kept", {})
    return shelf
