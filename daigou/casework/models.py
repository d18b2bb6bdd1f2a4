"""Searches that officers keep, what watched ones raised, and packs made for one case."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from daigou.core.db import Model
from daigou.core.states import Machine, Stateful

from .rules import LEGAL_PACK


class SavedSearch(Model):
    """``facets`` are searching.Facets by name. With ``threshold`` it is watched: so many within ``minutes`` alert."""

    __tablename__ = "saved_searches"

    ref: Mapped[str] = mapped_column(String(20), unique=True)
    code: Mapped[str | None] = mapped_column(String(40), unique=True)  # of those that the house brings
    name: Mapped[str] = mapped_column(String(120))
    owner: Mapped[UUID | None]
    shared: Mapped[bool] = mapped_column(default=False)
    facets: Mapped[dict[str, Any]] = mapped_column(JSONB)
    threshold: Mapped[int | None]
    minutes: Mapped[int | None]
    dropped_at: Mapped[datetime | None]

    __table_args__ = (
        Index("ix_saved_searches_owner", "owner", "created_at", postgresql_where=text("dropped_at IS NULL")),
        Index("ix_saved_searches_shared", "created_at", postgresql_where=text("shared AND dropped_at IS NULL")),
        Index(
            "ix_saved_searches_watched", "id", postgresql_where=text("threshold IS NOT NULL AND dropped_at IS NULL")
        ),
    )


class Alert(Model):
    """A watched search met its threshold within ``since`` and ``created_at``. ``count`` is at least what there was."""

    __tablename__ = "search_alerts"

    search_id: Mapped[UUID] = mapped_column(ForeignKey("saved_searches.id"))
    since: Mapped[datetime]
    count: Mapped[int]
    seen_by: Mapped[UUID | None]
    seen_at: Mapped[datetime | None]

    __table_args__ = (
        Index("ix_search_alerts_search", "search_id", "created_at"),
        Index("ix_search_alerts_created", "created_at", "id"),
        Index("ix_search_alerts_unseen", "id", postgresql_where=text("seen_at IS NULL")),
    )


class Reveal(Model):
    """An officer had a person's name shown, and said what for."""

    __tablename__ = "person_reveals"

    subject: Mapped[str] = mapped_column(String(40))
    officer: Mapped[UUID]
    reason: Mapped[str] = mapped_column(Text)

    __table_args__ = (Index("ix_person_reveals_subject", "subject", "created_at"),)


class LegalPack(Stateful, Model):
    """Everything of one order or case in one file, for a court or an authority."""

    __tablename__ = "legal_packs"
    machine: Machine = LEGAL_PACK

    ref: Mapped[str] = mapped_column(String(20), unique=True)
    about_ref: Mapped[str] = mapped_column(String(20))  # ORD-, RET- or DSP-
    order_ref: Mapped[str] = mapped_column(String(20))
    subject: Mapped[str] = mapped_column(String(40))  # whose key seals it
    requested_by: Mapped[UUID]
    reason: Mapped[str] = mapped_column(Text)
    locale: Mapped[str] = mapped_column(String(20))
    with_people: Mapped[bool] = mapped_column(default=False)  # documents and messages: personal data in clear
    progress: Mapped[int] = mapped_column(default=0)
    storage_key: Mapped[str | None] = mapped_column(Text)
    size: Mapped[int | None]
    sha256: Mapped[str | None] = mapped_column(String(64))
    files: Mapped[int | None]
    error: Mapped[str | None] = mapped_column(String(40))

    __table_args__ = (
        Index("ix_legal_packs_created", "created_at", "id"),
        Index("ix_legal_packs_about", "about_ref", "created_at"),
        Index("ix_legal_packs_asked", "requested_by", "created_at"),
    )

    def parties(self) -> dict[str, object]:
        return {"officer": self.requested_by}
