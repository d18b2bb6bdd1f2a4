"""What a merchant claims, the papers that prove it, and who decided."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ForeignKey, Index, String, Text, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column

from daigou.core.crypto import Sealed, index_column, sealed_column
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
    # opening: to become a merchant; change: of one that is; review: opened by us about one that is
    purpose: Mapped[str] = mapped_column(String(10), default="opening")
    changes: Mapped[list[str]] = mapped_column(ARRAY(String(20)), default=list)  # name, bank, address, papers
    asks: Mapped[list[str]] = mapped_column(ARRAY(String(30)), default=list)  # papers of a change; else by paper_rules
    certified_at: Mapped[datetime | None]  # self-certification, Regulation (EU) 2022/2065 art. 30(1)(e)
    rank: Mapped[int] = mapped_column(default=3)  # place in the queue: 0 is late, then by risk, 1 to 3
    risk: Mapped[int] = mapped_column(default=0)
    risk_reasons: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, default=list)  # {"code", "count", "points"}
    due_at: Mapped[datetime | None]
    reviewer_id: Mapped[UUID | None]  # who has taken it

    __table_args__ = (
        Index("ix_applications_queue", "state", "rank", "submitted_at", "id"),
        Index("ix_applications_account", "account_id", "id"),
        Index("ix_applications_merchant", "merchant_id", "id", postgresql_where=text("merchant_id IS NOT NULL")),
        Index(
            "ix_applications_due", "due_at", postgresql_where=text("rank > 0 AND state IN ('submitted', 'in_review')")
        ),
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
    checks: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)  # name of a check: verdict
    dhash: Mapped[int | None] = mapped_column(BigInteger)  # of its picture, as a signed number of 64 bits
    bands: Mapped[list[int] | None] = mapped_column(ARRAY(BigInteger))  # of the hash, for near-duplicates
    reason_code: Mapped[str] = mapped_column(String(30), default="")
    reason: Mapped[str] = mapped_column(Text, default="")

    __table_args__ = (
        Index("ix_application_papers_end", "valid_to", "id", postgresql_where=text("state = 'accepted'")),
        Index("ix_application_papers_bands", "bands", postgresql_using="gin"),
        Index("ix_application_papers_file", "file_id"),
    )

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


class ApplicationFact(Model):
    """What an application shares with others when it is the same: a bank account, an address, a mail domain."""

    __tablename__ = "application_facts"

    application_id: Mapped[UUID] = mapped_column(ForeignKey("applications.id"), index=True)
    subject: Mapped[str] = mapped_column(String(40))
    kind: Mapped[str] = mapped_column(String(10))  # bank, address, domain
    value_index = index_column("application_facts.value", of="value", index=True)
    value_sealed = sealed_column("identity")
    value = Sealed("identity")


class ApplicationNote(Model):
    """What one officer writes for the others. The applicant never sees it."""

    __tablename__ = "application_notes"

    application_id: Mapped[UUID] = mapped_column(ForeignKey("applications.id"), index=True)
    subject: Mapped[str] = mapped_column(String(40))
    author_id: Mapped[UUID]
    words_sealed = sealed_column("identity")
    words = Sealed("identity")


class ChecklistRule(Model):
    """A point that an officer looks at before deciding on applicants of a kind and country (``*``: any)."""

    __tablename__ = "checklist_rules"

    country: Mapped[str] = mapped_column(String(2))
    applicant: Mapped[str] = mapped_column(String(20))
    point: Mapped[str] = mapped_column(String(40))
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    source: Mapped[str] = mapped_column(Text)


class ChecklistTick(Model):
    """That an officer has looked at a point of one application."""

    __tablename__ = "checklist_ticks"

    application_id: Mapped[UUID] = mapped_column(ForeignKey("applications.id"))
    point: Mapped[str] = mapped_column(String(40))
    officer_id: Mapped[UUID]

    __table_args__ = (Index("uq_checklist_ticks", "application_id", "point", unique=True),)


class StaffInterest(Model):
    """What one of our staff has a stake in: they may not decide on applications that share it."""

    __tablename__ = "staff_interests"

    ref: Mapped[str] = mapped_column(String(20), unique=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"), index=True)
    subject: Mapped[str] = mapped_column(String(40))
    kind: Mapped[str] = mapped_column(String(10))  # bank, address, domain
    value_index = index_column("application_facts.value", of="value", index=True)
    value_sealed = sealed_column("account")
    value = Sealed("account")
    ended_at: Mapped[datetime | None]


class CountryRisk(Model):
    """Points that a country adds to an application's risk, with the list that says so."""

    __tablename__ = "country_risks"

    country: Mapped[str] = mapped_column(String(2))
    points: Mapped[int]
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    source: Mapped[str] = mapped_column(Text)
