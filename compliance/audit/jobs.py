"""What workers do for the log. Each takes plain ids and may run twice."""

from __future__ import annotations

from uuid import UUID

from . import building, proposals, refusals, timestamps, witnesses


def build_export(export_id: str) -> None:
    building.build(UUID(export_id))


def sum_refusals(actor: str) -> None:
    refusals.sum_up(actor)


def expire_proposals() -> None:
    proposals.expire_due()


def send_copies() -> None:
    """The log's newest checkpoint to whoever keeps copies outside, and a time-stamp on it."""
    witnesses.send_due()
    timestamps.stamp_due()
