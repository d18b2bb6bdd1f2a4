"""Warehouses and where things lie in them."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from daigou.core.db import Model


class Warehouse(Model):
    """``address`` is a company's own, not personal."""

    __tablename__ = "warehouses"

    code: Mapped[str] = mapped_column(String(10), unique=True)
    name: Mapped[str] = mapped_column(String(80))
    country: Mapped[str] = mapped_column(String(2))
    city: Mapped[str] = mapped_column(String(80))
    address: Mapped[dict[str, Any]] = mapped_column(JSONB)


class StockUnit(Model):
    """One received order item: where it lies, what it weighs, how long it may stay."""

    __tablename__ = "stock_units"

    item_id: Mapped[UUID] = mapped_column(ForeignKey("order_items.id"), unique=True)
    warehouse_id: Mapped[UUID] = mapped_column(ForeignKey("warehouses.id"))
    bin: Mapped[str] = mapped_column(String(20))
    weight_g: Mapped[int]
    length_mm: Mapped[int]
    width_mm: Mapped[int]
    height_mm: Mapped[int]
    received_by: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"))
    storage_until: Mapped[datetime]
    left_at: Mapped[datetime | None]

    __table_args__ = (Index("ix_stock_units_storage", "storage_until", postgresql_where="left_at IS NULL"),)
