"""Inspections of received goods."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index, String, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from daigou.core.db import Model
from daigou.core.states import Machine, Stateful

from .rules import INSPECTION


class Inspection(Stateful, Model):
    """One inspection of one item.

    Photos are stored files about this stream; the report is made when it is concluded.
    """

    __tablename__ = "inspections"
    machine: Machine = INSPECTION

    ref: Mapped[str] = mapped_column(String(20), unique=True)
    item_id: Mapped[UUID] = mapped_column(index=True)
    item_ref: Mapped[str] = mapped_column(String(20))
    order_ref: Mapped[str] = mapped_column(String(20))
    merchant_ref: Mapped[str] = mapped_column(String(20))
    subject: Mapped[str] = mapped_column(String(40))
    template: Mapped[str] = mapped_column(String(40))  # category and version: figures/1
    inspector_id: Mapped[UUID]
    # {"check": {"result": "pass|fail|not_applicable", "note": …}}
    results: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)
    verdict: Mapped[str | None] = mapped_column(String(20))
    remarks: Mapped[str] = mapped_column(Text, default="")
    report_file_id: Mapped[UUID | None]
    concluded_at: Mapped[datetime | None]

    __table_args__ = (Index("ix_inspections_state", "state", "created_at", "id"),)

    def parties(self) -> dict[str, object]:
        return {"inspector": self.inspector_id}

    def facets(self) -> dict[str, object]:
        return {"subject": self.subject, "order_ref": self.order_ref, "merchant_ref": self.merchant_ref}
