"""Announcements."""

from __future__ import annotations

from typing import Any

from sqlalchemy import Index, String
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from daigou.core.db import Model
from daigou.core.states import Machine, Stateful

from .rules import ANNOUNCEMENT


class Announcement(Stateful, Model):
    """What we tell everybody. ``texts`` are {"en": {"title", "body"}, "zh_Hans": …}; English is always there."""

    __tablename__ = "announcements"
    machine: Machine = ANNOUNCEMENT

    ref: Mapped[str] = mapped_column(String(20), unique=True)
    kind: Mapped[str] = mapped_column(String(10))
    texts: Mapped[dict[str, Any]] = mapped_column(JSONB)

    __table_args__ = (Index("ix_announcements_shown", "state", "created_at", "id"),)
