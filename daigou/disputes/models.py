"""Cases of payments that a bank took back, and what a lost one took from whom."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from daigou.core.crypto import Sealed, sealed_column
from daigou.core.db import Model
from daigou.core.money import Money
from daigou.core.states import Machine, Stateful

from .rules import DISPUTE


class Dispute(Stateful, Model):
    """One case. Each sending of its evidence has a key of its own, ``dispute-<id>-<tries>``."""

    __tablename__ = "disputes"
    machine: Machine = DISPUTE

    ref: Mapped[str] = mapped_column(String(20), unique=True)
    provider_id: Mapped[str] = mapped_column(String(120), unique=True)
    attempt_id: Mapped[UUID] = mapped_column(ForeignKey("payment_attempts.id"), index=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"))
    subject: Mapped[str] = mapped_column(String(40))
    order_ref: Mapped[str] = mapped_column(String(20))
    reason: Mapped[str] = mapped_column(String(60))
    provider_status: Mapped[str] = mapped_column(String(40))
    currency: Mapped[str] = mapped_column(String(3))
    amount_minor: Mapped[int]
    due_at: Mapped[datetime]
    evidence_sealed = sealed_column("transaction")
    evidence = Sealed("transaction")  # {field: words}, as the officer left them
    # {"field", "file": reference, "name", "size", "provider_id" once the provider has it}
    papers: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, default=list)
    assembled_at: Mapped[datetime | None]
    submitted_at: Mapped[datetime | None]
    settled_at: Mapped[datetime | None]  # its outcome stands in the books
    tries: Mapped[int] = mapped_column(default=0)
    refusal: Mapped[str | None] = mapped_column(String(200))

    __table_args__ = (
        Index("ix_disputes_state", "state", "due_at", "id"),
        Index("ix_disputes_unsettled", "state_since", postgresql_where=text("settled_at IS NULL")),
    )

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, self.currency)

    @property
    def idempotency_key(self) -> str:
        return f"dispute-{self.id}-{self.tries}"

    def parties(self) -> dict[str, object]:
        return {"shopper": self.account_id}

    def facets(self) -> dict[str, object]:
        return {"subject": self.subject, "order_ref": self.order_ref}
