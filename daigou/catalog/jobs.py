"""What the catalogue does by itself. Each can run twice."""

from __future__ import annotations

from uuid import UUID

from compliance.audit import door
from compliance.qualification import holds
from daigou.accounts.models import Merchant
from daigou.core.access import system
from daigou.core.db import load, load_locked, transaction
from daigou.risk.models import RiskCase

from . import letters, publishing
from .bulk import working
from .models import Listing

SYSTEM = system("catalog")


def follow_check(case_id: str) -> None:
    """An officer has decided: the listing is shown, or goes back to its merchant, who reads why."""
    with transaction():
        case = load(RiskCase, id=UUID(case_id))
        found = load_locked(Listing, id=case.about_id)
        if not found.is_("in_review"):
            return
        if case.is_("cleared"):
            publishing.show(SYSTEM, found)
        else:
            door.transition(SYSTEM, found, "refuse", case=case.ref)
        letters.decided(found, case)


def follow_holds(merchant_id: str) -> None:
    """A merchant's listings rest while anything holds it, and come back with the last reason's end."""
    key = UUID(merchant_id)
    with transaction():
        merchant = load_locked(Merchant, id=key)  # whoever publishes or holds waits here
        if holds.is_held(key) or not merchant.is_("active"):
            publishing.pause_all(SYSTEM, key)
        else:
            publishing.resume_all(SYSTEM, key)


def work_on_import(import_id: str) -> None:
    """A table of listings, for a while; what is left comes back as work of its own."""
    working.work_on(UUID(import_id))


def forget_imports() -> None:
    """Daily: the rows of tables that were done a month ago."""
    working.forget_old()
