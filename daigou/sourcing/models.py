"""Wishes: a shopper pastes a link, a merchant answers with a price."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from daigou.core.db import Model
from daigou.core.money import Money
from daigou.core.states import Machine, Stateful

from .rules import SOURCING


class SourcingRequest(Stateful, Model):
    __tablename__ = "sourcing_requests"
    machine: Machine = SOURCING

    ref: Mapped[str] = mapped_column(String(20), unique=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"))
    subject: Mapped[str] = mapped_column(String(40))
    country: Mapped[str] = mapped_column(String(2))  # where the goods are to be bought
    url: Mapped[str] = mapped_column(Text)
    title: Mapped[str] = mapped_column(String(160))
    wishes: Mapped[str] = mapped_column(Text, default="")
    quantity: Mapped[int]
    # The merchant's answer
    merchant_id: Mapped[UUID | None] = mapped_column(ForeignKey("merchants.id"))
    category: Mapped[str | None] = mapped_column(String(30))
    origin: Mapped[str | None] = mapped_column(String(2))
    hs_code: Mapped[str | None] = mapped_column(String(12))
    price_minor: Mapped[int | None]
    domestic_freight_minor: Mapped[int | None]
    currency: Mapped[str | None] = mapped_column(String(3))
    measures: Mapped[dict[str, Any] | None] = mapped_column(JSONB)  # weight_g, length_mm, width_mm, height_mm
    answer: Mapped[str] = mapped_column(Text, default="")
    quoted_at: Mapped[datetime | None]
    valid_until: Mapped[datetime | None]

    __table_args__ = (
        Index("ix_sourcing_requests_queue", "country", "state", "created_at", "id"),
        Index("ix_sourcing_requests_account", "account_id", "created_at", "id"),
        Index("ix_sourcing_requests_merchant", "merchant_id", "created_at", "id"),
    )

    @property
    def price(self) -> Money | None:
        return None if self.price_minor is None or self.currency is None else Money(self.price_minor, self.currency)

    @property
    def domestic_freight(self) -> Money | None:
        freight, currency = self.domestic_freight_minor, self.currency
        return None if freight is None or currency is None else Money(freight, currency)

    def parties(self) -> dict[str, object]:
        return {"shopper": self.account_id, "merchant": self.merchant_id}

    def facets(self) -> dict[str, object]:
        return {"subject": self.subject}
