"""What documents do by themselves. Can run twice."""

from __future__ import annotations

from uuid import UUID

from . import service


def erase(file_id: str) -> None:
    service.erase(UUID(file_id))
