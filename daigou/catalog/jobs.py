"""What the catalogue does by itself. Each can run twice."""

from __future__ import annotations

from uuid import UUID

from compliance.qualification import holds
from daigou.accounts.models import Merchant
from daigou.core.access import system
from daigou.core.db import load_locked, transaction

from . import listing

SYSTEM = system("catalog")


def follow_holds(merchant_id: str) -> None:
    """A merchant's listings rest while anything holds it, and come back with the last reason's end."""
    key = UUID(merchant_id)
    with transaction():
        merchant = load_locked(Merchant, id=key)  # whoever publishes or holds waits here
        if holds.is_held(key) or not merchant.is_("active"):
            listing.pause_all(SYSTEM, key)
        else:
            listing.resume_all(SYSTEM, key)
