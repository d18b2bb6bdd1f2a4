"""Who a notice goes to. Accounts stand above notices, so app.py hands their directory down."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Recipient:
    """Where to write to, under which subject it is sealed, in which language, on which clock."""

    subject: str
    email: str
    locale: str
    zone: str


_find: Callable[[UUID], Recipient] | None = None


def configure(find: Callable[[UUID], Recipient]) -> None:
    global _find
    _find = find


def find(account_id: UUID) -> Recipient:
    if _find is None:
        raise RuntimeError("nobody said how recipients are found")
    return _find(account_id)
