"""Exchange rates and fees as dated rows with their source."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from sqlalchemy import CheckConstraint, Index, Numeric, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from daigou.core.db import Model


class Rate(Model):
    """``rate`` units of ``currency`` buy one euro on ``day``, as the European Central Bank publishes it."""

    __tablename__ = "exchange_rates"

    currency: Mapped[str] = mapped_column(String(3))
    day: Mapped[date]
    rate: Mapped[Decimal] = mapped_column(Numeric(20, 10))
    source: Mapped[str] = mapped_column(Text)

    __table_args__ = (
        UniqueConstraint("currency", "day"),
        Index("ix_exchange_rates_latest", "currency", "day"),
        CheckConstraint("rate > 0", name="rate_positive"),
    )


class Fee(Model):
    """One dated fee: ``permille`` of the amount, at least ``minimum_minor`` of ``currency``.

    ``kind`` is service (shopper), commission (merchant), spread (on exchange rates) or insurance.
    """

    __tablename__ = "fees"

    kind: Mapped[str] = mapped_column(String(20))
    permille: Mapped[Decimal] = mapped_column(Numeric(7, 3))
    minimum_minor: Mapped[int] = mapped_column(default=0)
    currency: Mapped[str | None] = mapped_column(String(3))
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    source: Mapped[str] = mapped_column(Text)

    __table_args__ = (Index("ix_fees_kind", "kind", "valid_from"),)
