"""What of money waits for an officer, oldest first."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from daigou.core.db import db

from .payouts.models import Recourse
from .refunds.models import Refund


def open_claims(limit: int = 100) -> list[Recourse]:
    """What merchants still owe."""
    statement = select(Recourse).where(Recourse.state != "settled").order_by(Recourse.created_at).limit(limit)
    return list(db.session.execute(statement).scalars())


def troubled(model: Any, limit: int = 100) -> list[Any]:
    """Refunds or releases that failed and wait for a person."""
    statement = select(model).where(model.state == "failed").order_by(model.created_at).limit(limit)
    return list(db.session.execute(statement).scalars())


def by_bank(limit: int = 100) -> list[Refund]:
    """Refunds that go to a bank account: those that may be sent first, then those that were named one."""
    statement = select(Refund).where(Refund.state.in_(("bank_wanted", "bank_named", "bank_approved")))
    return list(db.session.execute(statement.order_by(Refund.state, Refund.created_at).limit(limit)).scalars())
