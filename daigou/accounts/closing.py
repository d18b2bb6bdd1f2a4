"""An account that is closed for good: nobody gets in, and nothing of its own is left to get in by."""

from __future__ import annotations

from uuid import UUID

from compliance.audit import door
from daigou.core.access import system
from daigou.core.db import load_locked

from .models import Account

SYSTEM = system("privacy")


def close(account_id: UUID) -> None:
    """In the caller's transaction. Every session ends, for their number is raised. Closing twice is right."""
    account = load_locked(Account, id=account_id)
    if account.is_("closed") and account.password_hash is None:
        return
    account.password_hash = None
    account.factor_required = False
    account.last_sign_in_at = None
    account.session_epoch += 1
    if account.can("close"):
        door.transition(SYSTEM, account, "close")
