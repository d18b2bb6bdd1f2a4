"""What identity does by itself. Each can run twice."""

from __future__ import annotations

import logging
from uuid import UUID

from daigou.core.db import db
from daigou.providers.payment import Trouble

from . import checking, expiring, retention

log = logging.getLogger(__name__)


def refetch(check_id: str) -> None:
    checking.refetch(UUID(check_id))


def cancel(check_id: str) -> None:
    checking.cancel_there(UUID(check_id))


def destroy_due() -> None:
    """Every image that has reached its last day. One that fails holds up no other; tomorrow's run tries it again."""
    for check_id in retention.due():
        try:
            retention.destroy(check_id)
        except Trouble as trouble:
            log.warning("not redacted yet", extra={"about": str(check_id), "code": trouble.code})
        except Exception:
            db.session.rollback()
            log.exception("images were not destroyed", extra={"about": str(check_id)})


def lower_expired() -> None:
    """Daily: reminders of identity documents that end, and the tiers of those that have."""
    expiring.lower_expired()


def forget(account_id: str) -> None:
    """Their owner was erased: the provider destroys what it holds of every check. Trouble: the job is tried again."""
    retention.forget(UUID(account_id))
