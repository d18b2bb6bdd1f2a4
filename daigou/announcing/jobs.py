"""What sends announcements on. Each can run twice: nobody is told the same thing twice."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from . import service


def tell_everybody(announcement_id: str, after: str | None = None) -> None:
    """A security announcement to every account."""
    service.tell_everybody(UUID(announcement_id), UUID(after) if after else None)


def send_letter(month: str | None = None, after: str | None = None) -> None:
    """The letter of the month that is over: cases and tips of the safety centre (S100)."""
    until = datetime.fromisoformat(month) if month else service.first_of_month()
    service.send_letter(until, UUID(after) if after else None)
