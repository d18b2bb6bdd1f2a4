"""Held money that becomes somebody’s: releases, what a bank took out of it, and the rules by which it is settled."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from daigou.core.db import Model
from daigou.core.money import Money
from daigou.core.states import Machine, Stateful

from .rules import RELEASE


class Release(Stateful, Model):
    """Held money of one item, decided to be its merchant's. ``rule`` says why; a payout carries it."""

    __tablename__ = "releases"
    machine: Machine = RELEASE

    ref: Mapped[str] = mapped_column(String(20), unique=True)
    item_id: Mapped[UUID] = mapped_column(ForeignKey("order_items.id"), unique=True)
    merchant_id: Mapped[UUID] = mapped_column(ForeignKey("merchants.id"))
    merchant_ref: Mapped[str] = mapped_column(String(20))
    order_ref: Mapped[str] = mapped_column(String(20))
    rule: Mapped[str] = mapped_column(String(60))
    currency: Mapped[str] = mapped_column(String(3))
    amount_minor: Mapped[int]  # what the merchant gets
    withheld_minor: Mapped[int] = mapped_column(default=0)  # of that, kept for what the merchant owes
    commission_minor: Mapped[int]  # what we keep of it, in the merchant's currency
    held_minor: Mapped[int]  # what was held for the item when it was decided, in the shopper's currency
    taken_back_minor: Mapped[int] = mapped_column(default=0)  # of that, by refunds after the release
    payout_id: Mapped[UUID | None] = mapped_column(ForeignKey("payouts.id"), index=True)
    due_from: Mapped[datetime | None]  # not before this moment, for merchants whose tier waits
    refusal: Mapped[str | None] = mapped_column(String(200))

    __table_args__ = (
        CheckConstraint("taken_back_minor BETWEEN 0 AND held_minor", name="taken_back"),
        CheckConstraint("withheld_minor BETWEEN 0 AND amount_minor", name="withheld"),
        Index("ix_releases_merchant", "merchant_id", "created_at", "id"),
        Index("ix_releases_open", "state", "created_at", postgresql_where=text("state <> 'paid'")),
        Index(
            "ix_releases_due",
            "merchant_id",
            "currency",
            "created_at",
            postgresql_where=text("state IN ('decided', 'waiting')"),
        ),
    )

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, self.currency)

    @property
    def left(self) -> Money:
        """What of it is still to be sent."""
        return Money(self.amount_minor - self.withheld_minor, self.currency)

    def parties(self) -> dict[str, object]:
        return {"merchant": self.merchant_id}

    def facets(self) -> dict[str, object]:
        return {"merchant_ref": self.merchant_ref, "order_ref": self.order_ref}


class EscrowTaking(Model):
    """Held money of an item or a parcel that a lost case took: the bank gave it to the shopper."""

    __tablename__ = "escrow_takings"

    dispute_id: Mapped[UUID]
    owner: Mapped[str] = mapped_column(String(60), index=True)
    currency: Mapped[str] = mapped_column(String(3))
    amount_minor: Mapped[int]

    __table_args__ = (
        UniqueConstraint("dispute_id", "owner"),
        CheckConstraint("amount_minor > 0", name="amount_positive"),
    )


class SettlementRule(Model):
    """A dated row that the code executes: what happens to held money, after how many days, and why, in words."""

    __tablename__ = "settlement_rules"

    name: Mapped[str] = mapped_column(String(60))
    effect: Mapped[str] = mapped_column(String(20))  # release, refund
    days: Mapped[int | None]  # after delivery, or before a limit; None: at once
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    source: Mapped[str] = mapped_column(Text)

    __table_args__ = (UniqueConstraint("name", "valid_from"),)


class SettlementDecision(Model):
    """What a rule did with an item's held money, and on what grounds. Written once."""

    __tablename__ = "settlement_decisions"

    item_id: Mapped[UUID] = mapped_column(ForeignKey("order_items.id"), index=True)
    item_ref: Mapped[str] = mapped_column(String(20))
    order_ref: Mapped[str] = mapped_column(String(20), index=True)
    merchant_id: Mapped[UUID] = mapped_column(ForeignKey("merchants.id"))
    rule: Mapped[str] = mapped_column(String(60))
    effect: Mapped[str] = mapped_column(String(20))
    currency: Mapped[str] = mapped_column(String(3))
    amount_minor: Mapped[int]  # of what was held, in the shopper's currency
    result_ref: Mapped[str] = mapped_column(String(20))  # the release or refund; empty where a person must decide
    grounds: Mapped[dict[str, Any]] = mapped_column(JSONB)

    __table_args__ = (
        Index("ix_settlement_decisions_merchant", "merchant_id", "created_at", "id"),
        Index("ix_settlement_decisions_all", "created_at", "id"),
    )

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, self.currency)


class HoldLimit(Model):
    """A dated row: for how many days the provider may hold money for a platform in this country (``*``: any other)."""

    __tablename__ = "hold_limits"

    country: Mapped[str] = mapped_column(String(2))
    days: Mapped[int]
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    source: Mapped[str] = mapped_column(Text)

    __table_args__ = (UniqueConstraint("country", "valid_from"),)
