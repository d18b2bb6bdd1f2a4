"""What was found and what a person made of it, and how each shop stands."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index, String, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from daigou.core.db import Model
from daigou.core.states import Machine, Stateful

from .rules import CASE


class RiskCase(Stateful, Model):
    """Something that one merchant wrote, offered or was told of, or a shopper's payment: ``about_id`` names it.

    ``reasons`` are rows {"code", …}: codes and words of our own lists, never what a person wrote.
    """

    __tablename__ = "risk_cases"
    machine: Machine = CASE

    ref: Mapped[str] = mapped_column(String(20), unique=True)
    kind: Mapped[str] = mapped_column(String(20))  # listing, message, review, payment
    about_id: Mapped[UUID]
    about_ref: Mapped[str] = mapped_column(String(20))
    merchant_id: Mapped[UUID | None]
    merchant_ref: Mapped[str] = mapped_column(String(20), default="")
    subject: Mapped[str | None] = mapped_column(String(40))  # whose payment it is about
    reasons: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    decide_until: Mapped[datetime]
    ruling: Mapped[str] = mapped_column(Text, default="")
    decided_by: Mapped[UUID | None]
    # By the learned model: how likely it will be upheld, in thousandths. It orders the queue and decides nothing.
    likelihood: Mapped[int] = mapped_column(default=0)

    __table_args__ = (
        Index("uq_risk_cases_open", "about_id", unique=True, postgresql_where=text("state = 'open'")),
        Index("ix_risk_cases_queue", "state", "decide_until", "id"),
        Index("ix_risk_cases_likely", "state", "likelihood", "id"),
        Index("ix_risk_cases_about", "about_id", "created_at"),
        Index("ix_risk_cases_merchant", "merchant_id", "created_at"),
    )

    def facets(self) -> dict[str, object]:
        found = {"merchant_ref": self.merchant_ref, "subject": self.subject}
        return {name: value for name, value in found.items() if value}


class MerchantStanding(Model):
    """A shop's figures, kept by the room of reputation and read by lower ones. Averages in hundredths of a mark.

    ``positive_permille`` is of reviewers, None while there are none; ``score`` runs from 0 to 100.
    """

    __tablename__ = "merchant_standings"

    merchant_id: Mapped[UUID] = mapped_column(unique=True)
    sales: Mapped[int]
    reviewers: Mapped[int]
    positive_permille: Mapped[int | None]
    goods: Mapped[int | None]
    described: Mapped[int | None]
    communication: Mapped[int | None]
    dispatch: Mapped[int | None]
    answer_minutes: Mapped[int | None]
    complaints: Mapped[int]
    complaints_recent: Mapped[int]
    violations: Mapped[int]
    score: Mapped[int]
    computed_at: Mapped[datetime]
