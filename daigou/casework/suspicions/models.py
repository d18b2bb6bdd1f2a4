"""Reports of suspicion and the units that take them."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from sqlalchemy import Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from daigou.core.crypto import Sealed, sealed_column
from daigou.core.db import Model
from daigou.core.states import Machine, Stateful

from .rules import REPORT


class SuspicionReport(Stateful, Model):
    """What was suspected of whom, for which unit. Sealed under a key of its own, which outlives the account: the law
    keeps it for five years after the business ended (Regulation (EU) 2024/1624 art. 77).

    It names its subject in no facet of the log, and in no column that a copy of their data is made from: telling them
    is a crime (art. 73, "tipping off").
    """

    __tablename__ = "suspicion_reports"
    machine: Machine = REPORT

    ref: Mapped[str] = mapped_column(String(20), unique=True)
    about: Mapped[str] = mapped_column(String(40))  # whose account: an opaque reference
    case_ref: Mapped[str] = mapped_column(String(20), default="")
    country: Mapped[str] = mapped_column(String(2))
    unit: Mapped[str] = mapped_column(String(120))
    form: Mapped[str] = mapped_column(String(10))  # goaml, form
    kind: Mapped[str] = mapped_column(String(20))
    sealed_under: Mapped[str] = mapped_column(String(40))
    grounds_sealed = sealed_column("identity", subject="sealed_under")
    grounds = Sealed("identity", subject="sealed_under")
    registration: Mapped[str] = mapped_column(String(60), default="")  # our own number at the unit
    drafted_by: Mapped[UUID | None]
    unit_reference: Mapped[str] = mapped_column(String(80), default="")
    filed_on: Mapped[date | None]
    dropped_because: Mapped[str] = mapped_column(Text, default="")

    __table_args__ = (
        Index("ix_suspicion_reports_created", "created_at", "id"),
        Index("ix_suspicion_reports_about", "about"),
    )


class IntelligenceUnit(Model):
    """A dated row: which unit of a country takes reports, in what shape, where, and by which law."""

    __tablename__ = "intelligence_units"

    country: Mapped[str] = mapped_column(String(2))
    unit: Mapped[str] = mapped_column(String(120))
    form: Mapped[str] = mapped_column(String(10))
    portal: Mapped[str] = mapped_column(String(120))
    currency: Mapped[str] = mapped_column(String(3))
    deadline: Mapped[str] = mapped_column(String(120))
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    source: Mapped[str] = mapped_column(Text)

    __table_args__ = (Index("ix_intelligence_units_country", "country", "valid_from"),)
