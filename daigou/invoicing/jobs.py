"""When invoices are issued. Every job may run twice."""

from __future__ import annotations

from uuid import UUID

from daigou.core import clock

from . import issuing


def for_order(order_id: str) -> None:
    issuing.for_order(UUID(order_id))


def monthly() -> None:
    """On the first days of a month, for the month before."""
    issuing.for_month(clock.today())
