"""Tries to pay a bill, refused ones, and what the provider told us: intent first, outcome after."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from daigou.core.db import Model
from daigou.core.money import Money
from daigou.core.states import Machine, Stateful

from .rules import ATTEMPT


class Attempt(Stateful, Model):
    """One hosted-page session for one bill, whose idempotency key is ``attempt-<id>``.

    Or, where ``source`` is wallet, the part of it that the shopper's balance pays, set aside while it is ``intended``.
    """

    __tablename__ = "payment_attempts"
    machine: Machine = ATTEMPT

    bill_id: Mapped[UUID] = mapped_column(ForeignKey("bills.id"), index=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"))
    subject: Mapped[str] = mapped_column(String(40))
    order_ref: Mapped[str] = mapped_column(String(20))
    bill_ref: Mapped[str] = mapped_column(String(20))
    locale: Mapped[str] = mapped_column(String(20))
    currency: Mapped[str] = mapped_column(String(3))
    amount_minor: Mapped[int]
    session_id: Mapped[str | None] = mapped_column(String(120), unique=True)
    payment_intent_id: Mapped[str | None] = mapped_column(String(120), unique=True)
    charge_id: Mapped[str | None] = mapped_column(String(120), unique=True)
    url: Mapped[str | None] = mapped_column(Text)
    source: Mapped[str] = mapped_column(String(10), default="provider")  # provider, wallet
    # what goes with it out of the shopper's balance: both count together, or neither
    wallet_attempt_id: Mapped[UUID | None] = mapped_column(ForeignKey("payment_attempts.id"), index=True)
    # how unlike the shopper's habit it was, in points and signs {"code", "points", "what"}: what a model learns from
    points: Mapped[int] = mapped_column(default=0)
    signs: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, default=list)
    types: Mapped[list[str]] = mapped_column(JSONB, default=list)  # the provider's names of the ways that fitted
    country: Mapped[str] = mapped_column(String(2), default="")
    # what the provider is told of the payer's whereabouts, because they chose a way that wants it
    address_id: Mapped[UUID | None] = mapped_column(ForeignKey("addresses.id", ondelete="SET NULL"))
    instructions_url: Mapped[str | None] = mapped_column(Text)  # where the payer of a transfer reads where to send it
    waits_until: Mapped[datetime | None]  # while processing: after this we stop waiting for the money
    method: Mapped[str | None] = mapped_column(String(40))
    refusal: Mapped[str | None] = mapped_column(String(80))  # the provider's code for why it did not work
    expires_at: Mapped[datetime]
    # what the provider booked for it: settlement currency and amounts
    settled_currency: Mapped[str | None] = mapped_column(String(3))
    settled_minor: Mapped[int | None]
    provider_fee_minor: Mapped[int | None]
    # of amount_minor, what the books show as gone back: refunds that were booked, and what a bank took for good
    returned_minor: Mapped[int] = mapped_column(default=0)
    disputed_at: Mapped[datetime | None]  # while a bank's case is open, its money neither goes out nor back

    __table_args__ = (
        CheckConstraint("returned_minor BETWEEN 0 AND amount_minor OR state = 'surplus'", name="returned"),
        Index("ix_payment_attempts_created", "created_at"),
        # captured at most once: the database refuses a second success of one bill
        Index(
            "uq_payment_attempts_success",
            "bill_id",
            "source",
            unique=True,
            postgresql_where=text("state = 'succeeded'"),
        ),
        Index("ix_payment_attempts_address", "address_id", postgresql_where=text("address_id IS NOT NULL")),
        Index("ix_payment_attempts_account", "account_id", "created_at"),
        Index(
            "ix_payment_attempts_open",
            "state",
            "created_at",
            postgresql_where=text("state IN ('intended', 'open', 'processing')"),
        ),
    )

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, self.currency)

    @property
    def idempotency_key(self) -> str:
        return f"attempt-{self.id}"

    def parties(self) -> dict[str, object]:
        return {"shopper": self.account_id}

    def facets(self) -> dict[str, object]:
        return {"subject": self.subject, "order_ref": self.order_ref}


class InboxEvent(Model):
    """A webhook that was let in. Marked done in the transaction that holds its effects."""

    __tablename__ = "inbox_events"

    provider: Mapped[str] = mapped_column(String(20))
    event_id: Mapped[str] = mapped_column(String(120))
    kind: Mapped[str] = mapped_column(String(80))
    object_id: Mapped[str] = mapped_column(String(120))
    account: Mapped[str | None] = mapped_column(String(120))
    payload: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict)
    done_at: Mapped[datetime | None]

    __table_args__ = (
        UniqueConstraint("provider", "event_id"),
        Index("ix_inbox_events_open", "created_at", postgresql_where=text("done_at IS NULL")),
    )


class Decline(Model):
    """One no of a payer's bank, wallet or lender: a payment may have several before it goes through."""

    __tablename__ = "payment_declines"

    attempt_id: Mapped[UUID] = mapped_column(ForeignKey("payment_attempts.id"), index=True)
    try_id: Mapped[str] = mapped_column(String(120), unique=True)  # the provider's charge, or its event without one
    code: Mapped[str] = mapped_column(String(80))
    method: Mapped[str] = mapped_column(String(40))

    __table_args__ = (Index("ix_payment_declines_created", "created_at"),)
