"""Invoices for our own fees, their numbers, and the dated rows of tax."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import Boolean, ForeignKey, Index, Numeric, String, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from daigou.core.crypto import Sealed, sealed_column
from daigou.core.db import Model, db
from daigou.core.money import Money


class Invoice(Model):
    """Written once; the database refuses any change. What was wrong or went back is a credit note of its own."""

    __tablename__ = "invoices"

    number: Mapped[str] = mapped_column(String(20), unique=True)
    kind: Mapped[str] = mapped_column(String(20))  # service_fee, commission, credit_note
    key: Mapped[str] = mapped_column(String(120), unique=True)  # what it is for: makes it happen once
    subject: Mapped[str] = mapped_column(String(40))
    merchant_id: Mapped[UUID | None] = mapped_column(ForeignKey("merchants.id"))
    account_id: Mapped[UUID | None] = mapped_column(ForeignKey("accounts.id"))
    about_ref: Mapped[str] = mapped_column(String(20), index=True)  # ORD-… or MER-…
    corrects: Mapped[str | None] = mapped_column(String(20), index=True)  # the number of the invoice it is a credit of
    country: Mapped[str] = mapped_column(String(2))  # the customer's
    locale: Mapped[str] = mapped_column(String(20))
    issued_on: Mapped[date]
    period_from: Mapped[date]
    period_to: Mapped[date]
    currency: Mapped[str] = mapped_column(String(3))
    gross_minor: Mapped[int]  # a credit note's is negative
    vat_minor: Mapped[int]
    vat_permille: Mapped[Decimal] = mapped_column(Numeric(7, 3))
    treatment: Mapped[str] = mapped_column(String(20))
    note: Mapped[str] = mapped_column(Text)
    seller: Mapped[dict[str, Any]] = mapped_column(JSONB)  # our own name, address and tax number of that day
    lines: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)  # {"ref", "minor"}, gross
    buyer_sealed = sealed_column("transaction")
    buyer = Sealed("transaction")  # {"name"}

    __table_args__ = (
        Index("ix_invoices_merchant", "merchant_id", "created_at", "id"),
        Index("ix_invoices_account", "account_id", "created_at", "id"),
        Index("ix_invoices_issued", "created_at", "id"),
    )

    @property
    def gross(self) -> Money:
        return Money(self.gross_minor, self.currency)

    @property
    def vat(self) -> Money:
        return Money(self.vat_minor, self.currency)

    @property
    def net(self) -> Money:
        return self.gross - self.vat

    @property
    def stream(self) -> str:
        return f"invoice/{self.id}"

    def parties(self) -> dict[str, object]:
        return {"merchant": self.merchant_id, "shopper": self.account_id}


class InvoiceSequence(db.Model):  # type: ignore[name-defined, misc]
    """The last number given in a country and year. Its row's lock is what keeps numbers without gaps."""

    __tablename__ = "invoice_sequences"

    country: Mapped[str] = mapped_column(String(2), primary_key=True)
    year: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    last: Mapped[int]


class VatRule(Model):
    """A dated row: how a fee of a platform in one country to a customer in another is taxed.

    ``customer`` is a country, ``EU`` for any other member state, or ``*`` for all others.
    """

    __tablename__ = "vat_rules"

    supplier: Mapped[str] = mapped_column(String(2))
    customer: Mapped[str] = mapped_column(String(2))
    business: Mapped[bool] = mapped_column(Boolean)
    permille: Mapped[Decimal] = mapped_column(Numeric(7, 3))
    treatment: Mapped[str] = mapped_column(String(20))
    note: Mapped[str] = mapped_column(Text, default="")
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    source: Mapped[str] = mapped_column(Text)

    __table_args__ = (UniqueConstraint("supplier", "customer", "business", "valid_from"),)


class UnionMember(Model):
    """A dated row: a member state of the European Union, for the rules that look at it as one."""

    __tablename__ = "union_members"

    country: Mapped[str] = mapped_column(String(2))
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    source: Mapped[str] = mapped_column(Text)

    __table_args__ = (UniqueConstraint("country", "valid_from"),)
