"""The provider's pages of one bill: never more than one that can be paid."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from daigou.core import outbox
from daigou.core.db import db

from .models import Attempt

OPEN = ("intended", "open")


def close_all(account_id: UUID) -> None:
    """Inside the running transaction: whoever is in this account shall pay on no page of it."""
    statement = select(Attempt.id).where(
        Attempt.account_id == account_id, Attempt.source == "provider", Attempt.state.in_(OPEN)
    )
    for key in db.session.execute(statement).scalars():
        outbox.put("payment.close", attempt_id=key)


def close_others(bill_id: UUID, but: UUID | None = None) -> None:
    """Inside the transaction that makes them wrong: each other open page is taken away by a job, at once."""
    statement = select(Attempt.id).where(
        Attempt.bill_id == bill_id, Attempt.source == "provider", Attempt.state.in_(OPEN)
    )
    for key in db.session.execute(statement).scalars():
        if key != but:
            outbox.put("payment.close", attempt_id=key)
