"""What workers do for the log. Each takes plain ids and may run twice."""

from __future__ import annotations

from uuid import UUID

from . import exports, proposals, refusals


def build_export(export_id: str) -> None:
    exports.build(UUID(export_id))


def sum_refusals(actor: str) -> None:
    refusals.sum_up(actor)


def expire_proposals() -> None:
    proposals.expire_due()
