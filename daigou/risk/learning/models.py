"""Each model that was learned, with what it was learned from and how good it was. None is ever changed."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import Index, String, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from daigou.core.db import Model
from daigou.core.states import Machine, Stateful

from .rules import MODEL


class LearnedModel(Stateful, Model):
    """``weights`` are rows {"sign", "weight"}; ``figures`` are ``rules.Figures`` on the held-out examples.

    ``digest`` is of the examples: the same ones are learned from once.
    """

    __tablename__ = "learned_models"
    machine: Machine = MODEL

    ref: Mapped[str] = mapped_column(String(20), unique=True)
    digest: Mapped[str] = mapped_column(String(64), unique=True)
    since: Mapped[datetime]
    until: Mapped[datetime]
    examples: Mapped[int]
    wrong: Mapped[int]
    intercept: Mapped[float]
    weights: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    figures: Mapped[dict[str, Any]] = mapped_column(JSONB)
    version: Mapped[int]  # of the signs that it was learned from

    __table_args__ = (
        Index("uq_learned_models_active", "state", unique=True, postgresql_where=text("state = 'active'")),
        Index("ix_learned_models_created", "created_at", "id"),
    )
