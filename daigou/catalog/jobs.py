"""What the catalogue does by itself. Each can run twice."""

from __future__ import annotations

from uuid import UUID

from compliance.qualification import holds
from daigou.accounts.models import Merchant
from daigou.core.access import system
from daigou.core.db import load_locked, transaction

from . import listing
from .bulk import working

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


def work_on_import(import_id: str) -> None:
    """A table of listings, for a while; what is left comes back as work of its own."""
    working.work_on(UUID(import_id))


def forget_imports() -> None:
    """Daily: the rows of tables that were done a month ago."""
    working.forget_old()
