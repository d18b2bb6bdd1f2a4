"""Who somebody is known to be, how that was found out, and the dated rows that say what it allows."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from daigou.core.crypto import Sealed, sealed_column
from daigou.core.db import Model
from daigou.core.states import Machine, Stateful

from .rules import CHECK, IDENTITY


class Identity(Stateful, Model):
    """The tier of one account or one merchant: its state. Outcomes only; what they were found out by is not kept."""

    __tablename__ = "identities"
    machine: Machine = IDENTITY

    subject: Mapped[str] = mapped_column(String(40), unique=True)
    account_id: Mapped[UUID | None] = mapped_column(ForeignKey("accounts.id"), unique=True)
    merchant_id: Mapped[UUID | None] = mapped_column(ForeignKey("merchants.id"), unique=True)
    name_verified_at: Mapped[datetime | None]
    document_country: Mapped[str | None] = mapped_column(String(2))
    document_expires: Mapped[date | None]
    card_verified_at: Mapped[datetime | None]
    card_country: Mapped[str | None] = mapped_column(String(2))
    card_funding: Mapped[str | None] = mapped_column(String(20))
    advanced_asked_at: Mapped[datetime | None]

    __table_args__ = (
        CheckConstraint("(account_id IS NULL) <> (merchant_id IS NULL)", name="one_holder"),
        Index("ix_identities_document", "document_expires", postgresql_where="document_expires IS NOT NULL"),
        Index("ix_identities_asked", "advanced_asked_at", "id", postgresql_where="advanced_asked_at IS NOT NULL"),
    )

    @property
    def audience(self) -> str:
        return "merchant" if self.merchant_id else "shopper"

    def parties(self) -> dict[str, object]:
        return {"shopper": self.account_id, "merchant": self.merchant_id}

    def facets(self) -> dict[str, object]:
        return {"subject": self.subject}


class IdentityCheck(Stateful, Model):
    """One attempt to find out who somebody is, or that a bank card is theirs.

    The claimed name stands sealed while the check is open and is dropped with its outcome. ``document_until`` and
    ``face_until`` are the days on which the images must be gone (retention_rules of the person's country).
    """

    __tablename__ = "identity_checks"
    machine: Machine = CHECK

    ref: Mapped[str] = mapped_column(String(20), unique=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"))
    subject: Mapped[str] = mapped_column(String(40))
    method: Mapped[str] = mapped_column(String(20))  # provider, photos, card
    provider_id: Mapped[str | None] = mapped_column(String(120), unique=True)
    name_sealed = sealed_column("identity")
    name = Sealed("identity")
    name_matches: Mapped[bool | None]
    document_country: Mapped[str | None] = mapped_column(String(2))
    document_expires: Mapped[date | None]
    refusal: Mapped[str] = mapped_column(String(60), default="")  # a code; the provider's own words are not shown
    reason: Mapped[str] = mapped_column(Text, default="")  # an officer's words to the person
    decided_by: Mapped[UUID | None]
    decided_at: Mapped[datetime | None]
    document_until: Mapped[date | None]
    face_until: Mapped[date | None]

    __table_args__ = (
        Index("ix_identity_checks_account", "account_id", "id"),
        Index("ix_identity_checks_queue", "state", "created_at", "id"),
        Index("ix_identity_checks_document", "document_until", postgresql_where="document_until IS NOT NULL"),
        Index("ix_identity_checks_face", "face_until", postgresql_where="face_until IS NOT NULL"),
    )

    def parties(self) -> dict[str, object]:
        return {"shopper": self.account_id, "merchant": None}

    def facets(self) -> dict[str, object]:
        return {"subject": self.subject}


class CreditLookup(Model):
    """What an outside source said of somebody's credit, as an officer read it there (S15)."""

    __tablename__ = "credit_lookups"

    account_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"))
    subject: Mapped[str] = mapped_column(String(40))
    source: Mapped[str] = mapped_column(String(120))
    looked_on: Mapped[date]
    result: Mapped[str] = mapped_column(String(20))  # clear, caution, adverse
    expires_on: Mapped[date]
    noted_by: Mapped[UUID | None]

    __table_args__ = (Index("ix_credit_lookups_account", "account_id", "id"),)


class Standing(Model):
    """The rating of one account as it was last worked out, with its lines."""

    __tablename__ = "credit_standings"

    account_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"), unique=True)
    score: Mapped[int]
    version: Mapped[int]
    reasons: Mapped[list[dict[str, Any]]] = mapped_column(JSONB)  # {"code", "count", "points"}
    rated_at: Mapped[datetime]


class TierRule(Model):
    """What one tier may do from a day on. Amounts in minor units of ``currency``; None is no limit."""

    __tablename__ = "tier_rules"

    audience: Mapped[str] = mapped_column(String(20))
    tier: Mapped[str] = mapped_column(String(20))
    currency: Mapped[str] = mapped_column(String(3))
    order_minor: Mapped[int | None]
    month_minor: Mapped[int | None]
    open_orders: Mapped[int | None]
    listings: Mapped[int | None]
    payout_hold_days: Mapped[int] = mapped_column(default=0)
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    source: Mapped[str] = mapped_column(Text)

    __table_args__ = (Index("ix_tier_rules_tier", "audience", "tier", "valid_from"),)


class RatingBand(Model):
    """How a score changes the tier's limits: ``permille`` of the amounts, and at most ``open_orders`` at once."""

    __tablename__ = "rating_bands"

    name: Mapped[str] = mapped_column(String(20))
    least_score: Mapped[int]
    permille: Mapped[int]
    open_orders: Mapped[int | None]
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    source: Mapped[str] = mapped_column(Text)


class RetentionRule(Model):
    """How many days after its decision an image of one kind may be kept for people of a country (``*``: elsewhere)."""

    __tablename__ = "retention_rules"

    country: Mapped[str] = mapped_column(String(2))
    kind: Mapped[str] = mapped_column(String(30))
    days: Mapped[int]
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    source: Mapped[str] = mapped_column(Text)
    note: Mapped[str] = mapped_column(Text, default="")
