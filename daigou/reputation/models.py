"""Reviews of what was bought."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from daigou.core.db import Model
from daigou.core.states import Machine, Stateful

from .rules import REVIEW


class Review(Stateful, Model):
    """One order item's review by who bought it: marks from 1 to 5, and words that everybody may read.

    ``words`` are emptied when the account goes; nobody's name stands here. ``counts`` is false for a voice that has
    spoken already.
    """

    __tablename__ = "reviews"
    machine: Machine = REVIEW

    ref: Mapped[str] = mapped_column(String(20), unique=True)
    item_id: Mapped[UUID] = mapped_column(ForeignKey("order_items.id"), unique=True)
    item_ref: Mapped[str] = mapped_column(String(20))
    title: Mapped[str] = mapped_column(String(160))
    account_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"))
    subject: Mapped[str] = mapped_column(String(40))
    merchant_id: Mapped[UUID] = mapped_column(ForeignKey("merchants.id"))
    merchant_ref: Mapped[str] = mapped_column(String(20))
    order_ref: Mapped[str] = mapped_column(String(20))
    listing_id: Mapped[UUID | None] = mapped_column(ForeignKey("listings.id"))
    country: Mapped[str] = mapped_column(String(2))  # the buyer's
    goods: Mapped[int]
    described: Mapped[int]
    communication: Mapped[int]
    dispatch: Mapped[int]
    words: Mapped[str] = mapped_column(Text, default="")
    reply: Mapped[str] = mapped_column(Text, default="")
    replied_at: Mapped[datetime | None]
    counts: Mapped[bool] = mapped_column(default=True)

    __table_args__ = (
        CheckConstraint(
            "least(goods, described, communication, dispatch) >= 1"
            " AND greatest(goods, described, communication, dispatch) <= 5",
            name="marks",
        ),
        Index("ix_reviews_merchant", "merchant_id", "created_at", "id"),
        Index("ix_reviews_listing", "listing_id", "created_at", "id", postgresql_where=text("state = 'shown'")),
        Index("ix_reviews_account", "account_id", "merchant_id", "created_at"),
    )

    def parties(self) -> dict[str, object]:
        return {"shopper": self.account_id, "merchant": self.merchant_id}

    def facets(self) -> dict[str, object]:
        return {"subject": self.subject, "order_ref": self.order_ref, "merchant_ref": self.merchant_ref}
