"""The provider's lines as we read them, one run a day, and each difference that a run found."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from daigou.core.db import Model, db
from daigou.core.states import Machine, Stateful

from .rules import FINDING, RUN


class ProviderLine(db.Model):  # type: ignore[name-defined, misc]
    """A line of the provider's own books. ``day`` is its UTC day there."""

    __tablename__ = "provider_lines"

    id: Mapped[str] = mapped_column(String(120), primary_key=True)
    day: Mapped[date]
    at: Mapped[datetime]
    available_on: Mapped[datetime]
    kind: Mapped[str] = mapped_column(String(60))
    source: Mapped[str] = mapped_column(String(120))
    currency: Mapped[str] = mapped_column(String(3))
    gross_minor: Mapped[int]
    fee_minor: Mapped[int]

    __table_args__ = (
        Index("ix_provider_lines_day", "day", "id"),
        Index("ix_provider_lines_available", "available_on"),
    )


class ReconciliationRun(Stateful, Model):
    """One UTC day of both books, beside each other. ``figures`` by currency: lines, gross, fee, net, all theirs."""

    __tablename__ = "reconciliation_runs"
    machine: Machine = RUN

    day: Mapped[date] = mapped_column(unique=True)
    finished_at: Mapped[datetime | None]
    theirs: Mapped[int] = mapped_column(default=0)
    matched: Mapped[int] = mapped_column(default=0)
    figures: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)


class Finding(Stateful, Model):
    """A difference. ``key`` is the provider's line or our transaction's key: met often, it is one finding."""

    __tablename__ = "reconciliation_findings"
    machine: Machine = FINDING

    ref: Mapped[str] = mapped_column(String(20), unique=True)
    run_id: Mapped[UUID] = mapped_column(ForeignKey("reconciliation_runs.id"))
    day: Mapped[date]
    key: Mapped[str] = mapped_column(String(160), unique=True)
    kind: Mapped[str] = mapped_column(String(10))  # timing, fee, fault
    code: Mapped[str] = mapped_column(String(20))
    line_kind: Mapped[str] = mapped_column(String(60))
    source: Mapped[str] = mapped_column(String(120), default="")
    transaction_id: Mapped[UUID | None] = mapped_column(ForeignKey("ledger_transactions.id"))
    currency: Mapped[str] = mapped_column(String(3))
    theirs_minor: Mapped[int | None]
    ours_minor: Mapped[int | None]
    seen_no: Mapped[int]  # the run's number in its stream when it last found this
    reason: Mapped[str] = mapped_column(Text, default="")  # why it was resolved
    resolved_by: Mapped[UUID | None]

    __table_args__ = (
        Index("ix_reconciliation_findings_day", "day", "id"),
        Index("ix_reconciliation_findings_run", "run_id", postgresql_where=text("state = 'open'")),
        Index("ix_reconciliation_findings_open", "kind", "day", "id", postgresql_where=text("state = 'open'")),
    )

    @property
    def off_minor(self) -> int:
        """By how much ours is too small."""
        return (self.theirs_minor or 0) - (self.ours_minor or 0)
