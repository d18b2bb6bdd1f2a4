"""What of money waits for an officer, oldest first."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from daigou.core.db import Page, keyset

from .payouts.models import Recourse
from .refunds.models import Refund


def open_claims(cursor: str | None) -> Page:
    """What merchants still owe."""
    statement = select(Recourse).where(Recourse.state != "settled")
    return keyset(statement, Recourse.created_at, Recourse.id, cursor=cursor, descending=False)


def troubled(model: Any, cursor: str | None) -> Page:
    """Refunds or releases that failed and wait for a person."""
    statement = select(model).where(model.state == "failed")
    return keyset(statement, model.created_at, model.id, cursor=cursor, descending=False)


def by_bank(cursor: str | None) -> Page:
    """Refunds that go to a bank account: those that may be sent first, then those that were named one."""
    statement = select(Refund).where(Refund.state.in_(("bank_wanted", "bank_named", "bank_approved")))
    return keyset(statement, Refund.state, Refund.created_at, Refund.id, cursor=cursor, descending=False)
