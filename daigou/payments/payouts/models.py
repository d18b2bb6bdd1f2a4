"""How merchants are paid: accounts and rails, payouts, their terms, and what is taken back of them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, Numeric, String, Text, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from daigou.core.db import Model
from daigou.core.money import Money
from daigou.core.states import Machine, Stateful

from .rules import DEPOSIT_REQUEST, PAYOUT, PAYOUT_ACCOUNT, PROVIDER_PAYOUT, RECOURSE


class PayoutAccount(Stateful, Model):
    """A merchant's account at the provider (Stripe Connect) and what it still has to show."""

    __tablename__ = "payout_accounts"
    machine: Machine = PAYOUT_ACCOUNT

    merchant_id: Mapped[UUID] = mapped_column(ForeignKey("merchants.id"), unique=True)
    merchant_ref: Mapped[str] = mapped_column(String(20))
    rail: Mapped[str] = mapped_column(String(20))  # connect
    country: Mapped[str] = mapped_column(String(2))
    provider_id: Mapped[str | None] = mapped_column(String(120), unique=True)
    requirements: Mapped[list[str]] = mapped_column(JSONB, default=list)
    tries: Mapped[int] = mapped_column(default=0)  # raised when the provider remembers a failure under the key

    @property
    def idempotency_key(self) -> str:
        return f"payout-account-{self.id}-{self.tries}"

    def parties(self) -> dict[str, object]:
        return {"merchant": self.merchant_id}

    def facets(self) -> dict[str, object]:
        return {"merchant_ref": self.merchant_ref}


class RailRule(Model):
    """A dated row: from a platform in one country to a merchant in another, which rail pays."""

    __tablename__ = "payout_rails"

    platform_country: Mapped[str] = mapped_column(String(2))
    merchant_country: Mapped[str] = mapped_column(String(2))
    rail: Mapped[str] = mapped_column(String(20))
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    source: Mapped[str] = mapped_column(Text)

    __table_args__ = (Index("ix_payout_rails_pair", "platform_country", "merchant_country", "valid_from"),)


class Payout(Stateful, Model):
    """One transfer, or one entry of a bank file, for several releases of a merchant in one currency, or its deposit.

    Its idempotency key is ``payout-<id>-<tries>``; at the bank its end-to-end id is its ``ref``.
    """

    __tablename__ = "payouts"
    machine: Machine = PAYOUT

    ref: Mapped[str] = mapped_column(String(20), unique=True)
    merchant_id: Mapped[UUID] = mapped_column(ForeignKey("merchants.id"))
    merchant_ref: Mapped[str] = mapped_column(String(20))
    rail: Mapped[str] = mapped_column(String(20))
    currency: Mapped[str] = mapped_column(String(3))
    amount_minor: Mapped[int]  # what is sent
    withheld_minor: Mapped[int] = mapped_column(default=0)  # what was kept for a claim, beside it
    releases: Mapped[int]  # how many it covers
    out_of: Mapped[str] = mapped_column(String(10), default="payable")  # the merchant's account: or deposit
    provider_id: Mapped[str | None] = mapped_column(String(120), unique=True)  # the transfer
    file_id: Mapped[UUID | None] = mapped_column(ForeignKey("bank_files.id"), index=True)
    reversed_minor: Mapped[int] = mapped_column(default=0)  # of the transfer, taken back or about to be
    tries: Mapped[int] = mapped_column(default=0)
    refusal: Mapped[str | None] = mapped_column(String(200))

    __table_args__ = (
        CheckConstraint("amount_minor > 0", name="amount_positive"),
        CheckConstraint("reversed_minor BETWEEN 0 AND amount_minor", name="reversed_part"),
        CheckConstraint("out_of IN ('payable', 'deposit')", name="out_of"),
        Index("ix_payouts_merchant", "merchant_id", "created_at", "id"),
        Index(
            "ix_payouts_open",
            "rail",
            "currency",
            "created_at",
            postgresql_where=text("state IN ('intended', 'submitted')"),
        ),
    )

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, self.currency)

    @property
    def idempotency_key(self) -> str:
        return f"payout-{self.id}-{self.tries}"

    def parties(self) -> dict[str, object]:
        return {"merchant": self.merchant_id}

    def facets(self) -> dict[str, object]:
        return {"merchant_ref": self.merchant_ref}


class PayoutTerms(Model):
    """When a merchant wants its money: ``day`` is a weekday (Monday 0) or a day of the month."""

    __tablename__ = "payout_terms"

    merchant_id: Mapped[UUID] = mapped_column(ForeignKey("merchants.id"), unique=True)
    schedule: Mapped[str] = mapped_column(String(20))
    day: Mapped[int] = mapped_column(default=0)


class PayoutCost(Model):
    """A dated row: what one payout costs us on a rail, in one currency."""

    __tablename__ = "payout_costs"

    rail: Mapped[str] = mapped_column(String(20))
    currency: Mapped[str] = mapped_column(String(3))
    fixed_minor: Mapped[int]
    permille: Mapped[Decimal] = mapped_column(Numeric(7, 3), default=0)
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    source: Mapped[str] = mapped_column(Text)

    __table_args__ = (Index("ix_payout_costs_rail", "rail", "currency", "valid_from"),)


class DepositRequest(Stateful, Model):
    """A merchant wants its deposit back. At most one is open at a time."""

    __tablename__ = "deposit_requests"
    machine: Machine = DEPOSIT_REQUEST

    ref: Mapped[str] = mapped_column(String(20), unique=True)
    merchant_id: Mapped[UUID] = mapped_column(ForeignKey("merchants.id"))
    merchant_ref: Mapped[str] = mapped_column(String(20))
    currency: Mapped[str] = mapped_column(String(3))
    amount_minor: Mapped[int]  # the deposit when it was asked for
    answer: Mapped[str] = mapped_column(Text, default="")  # why not, in the officer's words to the merchant

    __table_args__ = (
        Index("ix_deposit_requests_merchant", "merchant_id", "created_at", "id"),
        Index("uq_deposit_requests_open", "merchant_id", unique=True, postgresql_where=text("state = 'asked'")),
    )

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, self.currency)

    def parties(self) -> dict[str, object]:
        return {"merchant": self.merchant_id}

    def facets(self) -> dict[str, object]:
        return {"merchant_ref": self.merchant_ref}


class ProviderPayout(Stateful, Model):
    """A payout that the provider makes from an account at it to a bank: a merchant's (``merchant_id``) or ours."""

    __tablename__ = "provider_payouts"
    machine: Machine = PROVIDER_PAYOUT

    provider_id: Mapped[str] = mapped_column(String(120), unique=True)
    merchant_id: Mapped[UUID | None] = mapped_column(ForeignKey("merchants.id"))
    currency: Mapped[str] = mapped_column(String(3))
    amount_minor: Mapped[int]
    failure: Mapped[str | None] = mapped_column(String(80))
    arrives: Mapped[date]
    arrived_minor: Mapped[int] = mapped_column(default=0)  # ours only: what our bank has confirmed

    __table_args__ = (
        Index("ix_provider_payouts_merchant", "merchant_id", "created_at", "id"),
        Index("ix_provider_payouts_ours", "currency", postgresql_where=text("merchant_id IS NULL")),
    )

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, self.currency)

    def parties(self) -> dict[str, object]:
        return {"merchant": self.merchant_id}


class Recourse(Stateful, Model):
    """A merchant's part of a refund that came after its release, on its way back to us."""

    __tablename__ = "recourses"
    machine: Machine = RECOURSE

    ref: Mapped[str] = mapped_column(String(20), unique=True)
    merchant_id: Mapped[UUID] = mapped_column(ForeignKey("merchants.id"))
    merchant_ref: Mapped[str] = mapped_column(String(20))
    item_id: Mapped[UUID] = mapped_column(ForeignKey("order_items.id"), index=True)
    order_ref: Mapped[str] = mapped_column(String(20))
    about: Mapped[str] = mapped_column(String(120))  # what made it necessary: a refund's or a case's reference
    currency: Mapped[str] = mapped_column(String(3))
    amount_minor: Mapped[int]  # what the merchant owes for it
    commission_minor: Mapped[int]  # what we give back of ours for it
    held_minor: Mapped[int]  # what was put back into the item's escrow, in the shopper's currency
    payout_id: Mapped[UUID | None] = mapped_column(ForeignKey("payouts.id"))
    reversal_minor: Mapped[int] = mapped_column(default=0)  # asked of the transfer, then what came back
    reversal_id: Mapped[str | None] = mapped_column(String(120), unique=True)
    tries: Mapped[int] = mapped_column(default=0)
    refusal: Mapped[str | None] = mapped_column(String(80))

    __table_args__ = (
        Index("ix_recourses_merchant", "merchant_id", "created_at", "id"),
        Index("ix_recourses_open", "created_at", postgresql_where=text("state <> 'settled'")),
    )

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, self.currency)

    @property
    def idempotency_key(self) -> str:
        return f"recourse-{self.id}-{self.tries}"

    def parties(self) -> dict[str, object]:
        return {"merchant": self.merchant_id}

    def facets(self) -> dict[str, object]:
        return {"merchant_ref": self.merchant_ref, "order_ref": self.order_ref}
