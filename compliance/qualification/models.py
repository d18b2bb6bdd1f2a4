"""What a merchant claims, the papers that prove it, and who decided."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from daigou.core.crypto import Sealed, sealed_column
from daigou.core.db import Model
from daigou.core.states import Machine, Stateful

from .rules import APPLICATION, PAPER


class Application(Stateful, Model):
    """One application of one account to become (or change) a merchant."""

    __tablename__ = "applications"
    machine: Machine = APPLICATION

    ref: Mapped[str] = mapped_column(String(20), unique=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"))
    merchant_id: Mapped[UUID | None] = mapped_column(ForeignKey("merchants.id"))
    subject: Mapped[str] = mapped_column(String(40))
    kind: Mapped[str] = mapped_column(String(20))  # individual, company, brand
    country: Mapped[str] = mapped_column(String(2))
    trade_name: Mapped[str] = mapped_column(String(120), default="")
    # {"legal_name", "representative", "registration_number", "address", "city", "phone", "about"}
    claims_sealed = sealed_column("identity")
    claims = Sealed("identity")
    submitted_at: Mapped[datetime | None]
    decided_by: Mapped[UUID | None]
    decided_at: Mapped[datetime | None]
    decision_reason: Mapped[str] = mapped_column(Text, default="")

    __table_args__ = (
        Index("ix_applications_queue", "state", "submitted_at", "id"),
        Index("ix_applications_account", "account_id", "id"),
    )

    def parties(self) -> dict[str, object]:
        return {"shopper": self.account_id, "merchant": self.merchant_id}

    def facets(self) -> dict[str, object]:
        return {"subject": self.subject}


class Paper(Stateful, Model):
    """One document of an application: what kind, what it says, and what the officer made of it."""

    __tablename__ = "application_papers"
    machine: Machine = PAPER

    ref: Mapped[str] = mapped_column(String(20), unique=True)
    application_id: Mapped[UUID] = mapped_column(ForeignKey("applications.id"), index=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"))
    subject: Mapped[str] = mapped_column(String(40))
    kind: Mapped[str] = mapped_column(String(30))
    file_id: Mapped[UUID] = mapped_column(ForeignKey("stored_files.id"))
    issuer: Mapped[str] = mapped_column(String(120), default="")
    country: Mapped[str] = mapped_column(String(2), default="")  # of the issuer
    number_sealed = sealed_column("identity")
    number = Sealed("identity")
    valid_from: Mapped[date | None]
    valid_to: Mapped[date | None]
    checks: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)
    reason: Mapped[str] = mapped_column(Text, default="")

    def parties(self) -> dict[str, object]:
        return {"shopper": self.account_id, "merchant": None}

    def facets(self) -> dict[str, object]:
        return {"subject": self.subject}


class PaperRule(Model):
    """That applicants of a kind and country (``*``: any) must send a paper, or may (``needed`` false)."""

    __tablename__ = "paper_rules"

    country: Mapped[str] = mapped_column(String(2))
    applicant: Mapped[str] = mapped_column(String(20))
    paper: Mapped[str] = mapped_column(String(30))
    needed: Mapped[bool]
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    source: Mapped[str] = mapped_column(Text)
