"""State machines as data.

A Machine is a table of moves; it decides and never writes. Writing is done by compliance.audit.door.transition(), in
one place, together with the audit entry. The Stateful mixin makes a row's state unwritable for everybody else.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import BigInteger, DateTime, LargeBinary, String, event
from sqlalchemy.orm import Mapped, declared_attr, mapped_column, validates

from . import clock
from .errors import Impossible
from .i18n import lazy


@dataclass(frozen=True, slots=True)
class Move:
    """One row of a machine: from any of ``sources`` to ``target``, for those who hold ``permission``."""

    name: str
    sources: frozenset[str]
    target: str
    permission: str


def move(name: str, sources: str, target: str, permission: str) -> Move:
    """A row as it stands in rules.py: sources separated by spaces."""
    return Move(name, frozenset(sources.split()), target, permission)


class Machine:
    """``name`` is the prefix of its audit tags; ``moves`` are its whole behaviour."""

    def __init__(self, name: str, initial: str, *moves: Move) -> None:
        self.name = name
        self.initial = initial
        self.moves = moves
        self._by_name: dict[str, list[Move]] = {}
        for row in moves:
            self._by_name.setdefault(row.name, []).append(row)
        self.states = {initial} | {m.target for m in moves} | {s for m in moves for s in m.sources}
        self._refuse_ambiguity()

    def find(self, state: str, name: str) -> Move:
        """The row that applies, or Impossible with both names in its facts."""
        for row in self._by_name[name]:
            if state in row.sources:
                return row
        raise Impossible(
            f"{self.name}.{name}",
            lazy("This can’t be done now: it has already moved on. The page shows how it stands."),
            state=state,
            move=name,
        )

    def possible(self, state: str) -> list[Move]:
        """Every row that leads out of this state."""
        return [m for m in self.moves if state in m.sources]

    def permission(self, name: str, state: str) -> str:
        """What the move needs from this state; where it is impossible, what it would need elsewhere."""
        rows = self._by_name[name]
        return next((m for m in rows if state in m.sources), rows[0]).permission

    def can(self, state: str, name: str) -> bool:
        return any(state in m.sources for m in self._by_name[name])

    @property
    def final(self) -> frozenset[str]:
        """States that nothing leads out of."""
        return frozenset(s for s in self.states if not self.possible(s))

    def _refuse_ambiguity(self) -> None:
        for name, rows in self._by_name.items():
            sources = [s for m in rows for s in m.sources]
            if len(sources) != len(set(sources)):
                raise ValueError(f"{self.name}.{name}: two rows for one state")


_door_open: ContextVar[bool] = ContextVar("door_open", default=False)


@contextmanager
def door() -> Iterator[None]:
    """For compliance.audit.door only: states may be written inside."""
    token = _door_open.set(True)
    try:
        yield
    finally:
        _door_open.reset(token)


class Stateful:
    """A row with a life: its state, since when, and the head of its own audit stream."""

    machine: Machine  # each model names its own

    state: Mapped[str] = mapped_column(String(40))
    stream_no: Mapped[int] = mapped_column(BigInteger, default=0)
    stream_head: Mapped[bytes] = mapped_column(LargeBinary, default=b"\0" * 32)

    @declared_attr
    def state_since(cls) -> Mapped[datetime]:
        return mapped_column(DateTime(timezone=True), default=clock.now)

    @validates("state")
    def _refuse_other_hands(self, key: str, value: str) -> str:
        if not _door_open.get():
            raise RuntimeError(f"{type(self).__name__}.state is written by audit.transition() only")
        return value

    @property
    def stream(self) -> str:
        """The name of this row's audit stream: its machine and its key."""
        return f"{self.machine.name}/{self.id}"  # type: ignore[attr-defined]

    def can(self, name: str) -> bool:
        return self.machine.can(self.state, name)

    def is_(self, *states: str) -> bool:
        return self.state in states


@event.listens_for(Stateful, "init", propagate=True)
def _start(target: Any, args: Any, kwargs: dict[str, Any]) -> None:
    if "state" in kwargs:
        raise RuntimeError("a thing starts in its machine's initial state")
    with door():
        target.state = target.machine.initial
        target.stream_no = 0
        target.stream_head = b"\0" * 32
