"""Duty and tax rules as dated rows with their source, and what was assessed with them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from sqlalchemy import Boolean, Index, Numeric, String, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from daigou.core.db import Model


class DutyRule(Model):
    """One dated row of a destination's law.

    A row with a ``threshold_minor`` holds up to that goods value (in the row's ``currency``, which need not be the
    destination's own); of several that cover a value the lowest decides. ``kind`` is one of: relief (no duty),
    tax_relief (no import tax), flat (``amount_minor`` per tariff subheading), duty (``permille`` of customs value by
    ``hs_prefix``, the longest wins), surcharge (the same, on top of duty), vat (``permille`` of value, freight and
    duty), waiver (duty and tax that together stay within the threshold are not asked), handling (``amount_minor`` a
    parcel), scheme (a named threshold such as IOSS), importer_id (customs asks for the recipient's number, named in
    ``hs_prefix``), open (what the other rows leave out, told in ``note``: then no final amount is promised).
    """

    __tablename__ = "duty_rules"

    destination: Mapped[str] = mapped_column(String(2))  # EU rows stand as "EU"
    kind: Mapped[str] = mapped_column(String(20))
    hs_prefix: Mapped[str] = mapped_column(String(12), default="")
    permille: Mapped[Decimal | None] = mapped_column(Numeric(8, 3))
    amount_minor: Mapped[int | None]
    threshold_minor: Mapped[int | None]
    carriage: Mapped[bool] = mapped_column(Boolean, default=True)  # freight and insurance count: CIF, otherwise FOB
    currency: Mapped[str | None] = mapped_column(String(3))
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]  # exclusive
    source: Mapped[str] = mapped_column(Text)
    note: Mapped[str] = mapped_column(Text, default="")

    __table_args__ = (Index("ix_duty_rules_destination", "destination", "kind", "valid_from"),)


class DutyAssessment(Model):
    """What was estimated for one parcel, by which rows, on which day: kept as it was shown."""

    __tablename__ = "duty_assessments"

    about: Mapped[str] = mapped_column(String(120), index=True)
    destination: Mapped[str] = mapped_column(String(2))
    day: Mapped[date]
    currency: Mapped[str] = mapped_column(String(3))
    goods_minor: Mapped[int]
    freight_minor: Mapped[int]
    duty_minor: Mapped[int]
    vat_minor: Mapped[int]
    handling_minor: Mapped[int]
    # {"label", "basis_minor", "permille"|"amount_minor", "minor", "rule_id", "source"}
    rows: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)
    rule_ids: Mapped[list[str]] = mapped_column(JSONB)
