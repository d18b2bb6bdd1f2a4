"""An item's passport: EPCIS 2.0 events, append-only."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index, String
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from daigou.core.db import Model


class Passport(Model):
    """``ref`` is the public, unguessable name in the passport's address; it says nothing of the order."""

    __tablename__ = "passports"

    ref: Mapped[str] = mapped_column(String(20), unique=True)
    item_id: Mapped[UUID] = mapped_column(unique=True)
    title: Mapped[str] = mapped_column(String(160))
    brand: Mapped[str] = mapped_column(String(80), default="")
    origin: Mapped[str] = mapped_column(String(2))
    uri: Mapped[str] = mapped_column(String(200), unique=True)  # the item's identity in EPCIS


class PassportEvent(Model):
    """One EPCIS event. ``document`` is the event as exported; the columns are for our own pages."""

    __tablename__ = "passport_events"

    passport_id: Mapped[UUID]
    at: Mapped[datetime]
    biz_step: Mapped[str] = mapped_column(String(40))
    disposition: Mapped[str] = mapped_column(String(40))
    place: Mapped[str] = mapped_column(String(120), default="")
    who: Mapped[str] = mapped_column(String(120), default="")  # a role or a company, never a person
    evidence: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)  # digests and references
    document: Mapped[dict[str, Any]] = mapped_column(JSONB)

    __table_args__ = (Index("ix_passport_events_passport", "passport_id", "at", "id"),)
