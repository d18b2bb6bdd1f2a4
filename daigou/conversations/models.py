"""Conversations and what was written in them."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from daigou.core.crypto import Sealed, sealed_column
from daigou.core.db import Model
from daigou.core.states import Machine, Stateful

from .rules import CONVERSATION


class Conversation(Stateful, Model):
    """Between a shopper and a merchant about a listing or an order item, or between a shopper and us.

    Everything in it is sealed under the shopper's key for conversations, whoever wrote it. ``about_ref`` is public: a
    listing's, an order item's or an order's reference.
    """

    __tablename__ = "conversations"
    machine: Machine = CONVERSATION

    ref: Mapped[str] = mapped_column(String(20), unique=True)
    kind: Mapped[str] = mapped_column(String(10))  # question, item, help
    topic: Mapped[str] = mapped_column(String(20), default="")  # of help: one of rules.TOPICS
    account_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"))
    subject: Mapped[str] = mapped_column(String(40))
    merchant_id: Mapped[UUID | None] = mapped_column(ForeignKey("merchants.id"))
    merchant_ref: Mapped[str] = mapped_column(String(20), default="")
    order_ref: Mapped[str] = mapped_column(String(20), default="")
    about_ref: Mapped[str] = mapped_column(String(20), default="")
    title: Mapped[str] = mapped_column(String(160), default="")  # the listing's or item's
    awaited: Mapped[str] = mapped_column(String(10))  # who writes next: shopper, merchant, staff
    awaited_since: Mapped[datetime]
    answer_until: Mapped[datetime | None]
    stepped_in_at: Mapped[datetime | None]  # since when we take part in what two others said
    last_at: Mapped[datetime]
    in_a_row: Mapped[int] = mapped_column(default=0)  # messages of the side that wrote last
    # How fast the merchant has answered: seconds in all, and of how many turns (S10).
    waited_s: Mapped[int] = mapped_column(default=0)
    answers: Mapped[int] = mapped_column(default=0)

    __table_args__ = (
        Index(
            "uq_conversations_about", "account_id", "about_ref", unique=True, postgresql_where=text("kind <> 'help'")
        ),
        Index("ix_conversations_account", "account_id", "last_at", "id"),
        Index("ix_conversations_asked", "topic", "created_at", "id", postgresql_where=text("kind = 'help'")),
        Index("ix_conversations_merchant", "merchant_id", "last_at", "id"),
        Index("ix_conversations_order", "order_ref", postgresql_where=text("order_ref <> ''")),
        Index(
            "ix_conversations_queue", "answer_until", "id",
            postgresql_where=text("state = 'open' AND awaited = 'staff'"),
        ),
    )  # fmt: skip

    @property
    def is_ours(self) -> bool:
        """Whether our staff takes part, and so may read it."""
        return self.kind == "help" or self.stepped_in_at is not None

    def parties(self) -> dict[str, object]:
        return {"shopper": self.account_id, "merchant": self.merchant_id}

    def facets(self) -> dict[str, object]:
        return {"subject": self.subject, "order_ref": self.order_ref, "merchant_ref": self.merchant_ref}


class Message(Model):
    """``author`` is a side, never a name; ``found`` are codes of what a rule saw in it (see daigou.risk.words)."""

    __tablename__ = "messages"

    conversation_id: Mapped[UUID] = mapped_column(ForeignKey("conversations.id"))
    subject: Mapped[str] = mapped_column(String(40))
    author: Mapped[str] = mapped_column(String(10))  # shopper, merchant, staff
    author_id: Mapped[UUID | None]
    body_sealed = sealed_column("conversation")
    body = Sealed("conversation")
    photos: Mapped[int] = mapped_column(default=0)
    found: Mapped[list[Any]] = mapped_column(JSONB, default=list)

    __table_args__ = (Index("ix_messages_conversation", "conversation_id", "created_at", "id"),)

    @property
    def stream(self) -> str:
        return f"message/{self.id}"
