"""Audits of ourselves, what they found, changes of the law, and the last results of scans."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from daigou.core.db import Model
from daigou.core.states import Machine, Stateful

from .rules import AUDIT, FINDING, LAW, OPEN


class ComplianceAudit(Stateful, Model):
    """One walk through a standard's check-list."""

    __tablename__ = "compliance_audits"
    machine: Machine = AUDIT

    ref: Mapped[str] = mapped_column(String(20), unique=True)
    standard: Mapped[str] = mapped_column(String(40))
    version: Mapped[str] = mapped_column(String(40))
    due_on: Mapped[date]
    owner: Mapped[UUID | None]  # the officer who walks it
    closed_by: Mapped[UUID | None]
    conclusion: Mapped[str] = mapped_column(Text, default="")

    __table_args__ = (
        UniqueConstraint("standard", "due_on"),
        Index("ix_compliance_audits_due", "due_on", "id"),
    )


class AuditPoint(Model):
    """One point of the list: the verdict, what was said, and what the system answered at that moment."""

    __tablename__ = "compliance_audit_points"

    audit_id: Mapped[UUID] = mapped_column(ForeignKey("compliance_audits.id"))
    code: Mapped[str] = mapped_column(String(40))
    position: Mapped[int]
    verdict: Mapped[str] = mapped_column(String(20), default=OPEN)
    remark: Mapped[str] = mapped_column(Text, default="")
    evidence: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)  # name -> what the system said
    answered_by: Mapped[UUID | None]
    answered_at: Mapped[datetime | None]

    __table_args__ = (UniqueConstraint("audit_id", "code"),)


class Finding(Stateful, Model):
    """Something that is not as it should be, with an owner and a day."""

    __tablename__ = "compliance_findings"
    machine: Machine = FINDING

    ref: Mapped[str] = mapped_column(String(20), unique=True)
    audit_id: Mapped[UUID | None] = mapped_column(ForeignKey("compliance_audits.id"), index=True)
    code: Mapped[str] = mapped_column(String(40), default="")  # the point of the list
    severity: Mapped[str] = mapped_column(String(10))
    what: Mapped[str] = mapped_column(Text)
    owner: Mapped[UUID]
    due_on: Mapped[date]
    mended_by: Mapped[UUID | None]
    outcome: Mapped[str] = mapped_column(Text, default="")  # how it was mended, or why it is accepted
    told_late: Mapped[date | None]  # the owner was reminded of a passed day

    __table_args__ = (
        Index("ix_compliance_findings_open", "due_on", "id", postgresql_where=text("state IN ('open', 'mended')")),
        Index("ix_compliance_findings_created", "created_at", "id"),
    )


class LawChange(Stateful, Model):
    """A change of the law or of a scheme's rules, from the day we noticed it to what it changed here."""

    __tablename__ = "law_changes"
    machine: Machine = LAW

    ref: Mapped[str] = mapped_column(String(20), unique=True)
    jurisdiction: Mapped[str] = mapped_column(String(20))  # a country, EU, or a scheme's name
    title: Mapped[str] = mapped_column(String(200))
    source: Mapped[str] = mapped_column(Text)  # where it is published
    in_force_on: Mapped[date]
    noticed_by: Mapped[UUID]
    assessment: Mapped[str] = mapped_column(Text, default="")

    __table_args__ = (Index("ix_law_changes_force", "in_force_on", "id"),)


class LawChangeRow(Model):
    """A dated rule row that was made or ended because of a change of the law."""

    __tablename__ = "law_change_rows"

    law_change_id: Mapped[UUID] = mapped_column(ForeignKey("law_changes.id"))
    table: Mapped[str] = mapped_column("rule_table", String(60))
    row_id: Mapped[UUID]

    __table_args__ = (
        UniqueConstraint("law_change_id", "rule_table", "row_id"),
        Index("ix_law_change_rows_row", "rule_table", "row_id"),
    )


class Scan(Model):
    """One run of one scan and what it found."""

    __tablename__ = "security_scans"

    kind: Mapped[str] = mapped_column(String(20))
    outcome: Mapped[str] = mapped_column(String(10))  # clean, found, failed
    looked_at: Mapped[str] = mapped_column(Text)
    findings: Mapped[list[dict[str, str]]] = mapped_column(JSONB)

    __table_args__ = (Index("ix_security_scans_kind", "kind", "created_at", "id"),)
