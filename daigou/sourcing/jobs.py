"""What happens to wishes by itself."""

from __future__ import annotations

from daigou.core.access import system

from . import service


def expire_due() -> None:
    """Open again what a merchant's price ran out for; close what nobody answered."""
    for request_id in service.overdue():
        service.expire(system("sourcing"), request_id)
