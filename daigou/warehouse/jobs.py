"""What the warehouse does by itself. Every job may run twice."""

from __future__ import annotations

from uuid import UUID

from daigou.core.access import system

from . import reports, service, storage


def report(inspection_id: str) -> None:
    """Write the report of a concluded inspection."""
    reports.write(UUID(inspection_id))


def accept_silent() -> int:
    """Items nobody objected to within a week."""
    return service.accept_silent(system("warehouse"))


def remind_of_storage() -> int:
    """Letters to shoppers whose free storage ends soon."""
    return storage.remind()
