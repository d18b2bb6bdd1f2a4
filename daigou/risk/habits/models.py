"""Habits of paying, the dated rows that say what follows from a score, and each payment that waits for a person."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index, String, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from daigou.core.crypto import Sealed, sealed_column
from daigou.core.db import Model
from daigou.core.states import Machine, Stateful

from .rules import CHECK


class SpendingHabit(Model):
    """The habit of one account, as ``rules.as_json`` writes it: figures, no payment of its own can be told from it."""

    __tablename__ = "spending_habits"

    account_id: Mapped[UUID] = mapped_column(unique=True)
    figures: Mapped[dict[str, Any]] = mapped_column(JSONB)
    computed_at: Mapped[datetime] = mapped_column(index=True)


class PaymentCheck(Stateful, Model):
    """A bill whose payment waits, or waited, for a person: points, the signs they come of, and what followed.

    ``signs`` are rows {"code", "points", "what"}; ``verdict`` is hold or freeze; ``version`` is the arithmetic's.
    """

    __tablename__ = "payment_checks"
    machine: Machine = CHECK

    bill_id: Mapped[UUID] = mapped_column(unique=True)
    bill_ref: Mapped[str] = mapped_column(String(20))
    order_ref: Mapped[str] = mapped_column(String(20))
    account_id: Mapped[UUID]
    subject: Mapped[str] = mapped_column(String(40))
    points: Mapped[int]
    verdict: Mapped[str] = mapped_column(String(10))
    signs: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    version: Mapped[int]
    story_sealed = sealed_column("conversation")
    story = Sealed("conversation")  # what the shopper wrote about it
    contested_at: Mapped[datetime | None]

    __table_args__ = (
        Index("ix_payment_checks_account", "account_id", "created_at"),
        Index("ix_payment_checks_created", "created_at"),
    )

    def parties(self) -> dict[str, object]:
        return {"shopper": self.account_id}

    def facets(self) -> dict[str, object]:
        return {"subject": self.subject, "order_ref": self.order_ref}


class HabitThreshold(Model):
    """A dated row: from how many points on a payment asks who it is, waits for a person, or closes the account."""

    __tablename__ = "habit_thresholds"

    verdict: Mapped[str] = mapped_column(String(20))  # step_up, hold, freeze
    points: Mapped[int]
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    source: Mapped[str] = mapped_column(Text)

    __table_args__ = (Index("ix_habit_thresholds_verdict", "verdict", "valid_from"),)


class HabitPrior(Model):
    """A dated row: what people of a tier and country (``*``: elsewhere) usually pay, until their own habit is known.

    ``typical_minor`` in euro cents; ``spread_permille`` is the standard deviation of the logarithm, in thousandths.
    """

    __tablename__ = "habit_priors"

    tier: Mapped[str] = mapped_column(String(20))
    country: Mapped[str] = mapped_column(String(2))
    typical_minor: Mapped[int]
    spread_permille: Mapped[int]
    weight: Mapped[int]
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    source: Mapped[str] = mapped_column(Text)
