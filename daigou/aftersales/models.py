"""Return cases."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from daigou.core.crypto import Sealed, sealed_column
from daigou.core.db import Model
from daigou.core.money import Money
from daigou.core.states import Machine, Stateful

from .rules import RETURN, RETURN_LABEL


class ReturnCase(Stateful, Model):
    """One item that its shopper does not want to keep.

    ``item_state`` is where the item goes back to if it is declined.
    """

    __tablename__ = "return_cases"
    machine: Machine = RETURN

    ref: Mapped[str] = mapped_column(String(20), unique=True)
    item_id: Mapped[UUID] = mapped_column(ForeignKey("order_items.id"))
    account_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"))
    merchant_id: Mapped[UUID] = mapped_column(ForeignKey("merchants.id"))
    subject: Mapped[str] = mapped_column(String(40))
    order_ref: Mapped[str] = mapped_column(String(20))
    merchant_ref: Mapped[str] = mapped_column(String(20))
    item_state: Mapped[str] = mapped_column(String(40))
    reason: Mapped[str] = mapped_column(String(30))
    story_sealed = sealed_column("conversation")
    story = Sealed("conversation")
    currency: Mapped[str] = mapped_column(String(3))
    amount_minor: Mapped[int]
    # of what sending it to the shopper cost, where the law of their country gives that back
    parcel_id: Mapped[UUID | None] = mapped_column(ForeignKey("parcels.id"))
    delivery_currency: Mapped[str | None] = mapped_column(String(3))
    delivery_minor: Mapped[int] = mapped_column(default=0)
    refund_way: Mapped[str] = mapped_column(String(20), default="original")  # or wallet: to the balance, as they chose
    ruling: Mapped[str] = mapped_column(Text, default="")  # which rule or person decided, and why
    decide_until: Mapped[datetime]

    __table_args__ = (
        Index(
            "uq_return_cases_live",
            "item_id",
            unique=True,
            postgresql_where=text("state NOT IN ('declined', 'withdrawn')"),
        ),
        Index("ix_return_cases_queue", "state", "decide_until", "id"),
        Index("ix_return_cases_account", "account_id", "created_at", "id"),
    )

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, self.currency)

    @property
    def delivery(self) -> Money | None:
        return Money(self.delivery_minor, self.delivery_currency) if self.delivery_currency else None

    def parties(self) -> dict[str, object]:
        return {"shopper": self.account_id}

    def facets(self) -> dict[str, object]:
        return {"subject": self.subject, "order_ref": self.order_ref, "merchant_ref": self.merchant_ref}


class ReturnLabel(Stateful, Model):
    """The way back of an approved return, paid and insured by us. Amounts are in the shopper's currency."""

    __tablename__ = "return_labels"
    machine: Machine = RETURN_LABEL

    case_id: Mapped[UUID] = mapped_column(ForeignKey("return_cases.id"), unique=True)
    parcel_id: Mapped[UUID] = mapped_column(ForeignKey("parcels.id"))
    order_ref: Mapped[str] = mapped_column(String(20))
    currency: Mapped[str] = mapped_column(String(3))
    freight_minor: Mapped[int] = mapped_column(default=0)
    premium_minor: Mapped[int] = mapped_column(default=0)
    insured_minor: Mapped[int] = mapped_column(default=0)
    shipment_id: Mapped[str | None] = mapped_column(String(80), unique=True)
    tracking_code: Mapped[str | None] = mapped_column(String(60))
    label_file_id: Mapped[UUID | None] = mapped_column(ForeignKey("stored_files.id"))
    refusal: Mapped[str | None] = mapped_column(String(80))

    @property
    def insured(self) -> Money:
        return Money(self.insured_minor, self.currency)

    def parties(self) -> dict[str, object]:
        return {}

    def facets(self) -> dict[str, object]:
        return {"order_ref": self.order_ref}
