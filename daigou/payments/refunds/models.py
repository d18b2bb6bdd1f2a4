"""What goes back to a payer: intent first, outcome after."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, text
from sqlalchemy.orm import Mapped, mapped_column

from daigou.core.crypto import Sealed, sealed_column
from daigou.core.db import Model
from daigou.core.money import Money
from daigou.core.states import Machine, Stateful

from .rules import REFUND


class Refund(Stateful, Model):
    """Money on its way back, in the payment's currency. Each try has a key of its own, ``refund-<id>-<tries>``."""

    __tablename__ = "refunds"
    machine: Machine = REFUND

    ref: Mapped[str] = mapped_column(String(20), unique=True)
    attempt_id: Mapped[UUID] = mapped_column(ForeignKey("payment_attempts.id"), index=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"))
    subject: Mapped[str] = mapped_column(String(40))
    order_ref: Mapped[str] = mapped_column(String(20))
    escrow_owner: Mapped[str] = mapped_column(String(60), index=True)  # the item or parcel whose escrow it comes from
    item_id: Mapped[UUID | None] = mapped_column(ForeignKey("order_items.id"), index=True)
    reason: Mapped[str] = mapped_column(String(60))
    way: Mapped[str] = mapped_column(String(20), default="original")  # original, wallet, bank
    bank_account_sealed = sealed_column("transaction")
    bank_account = Sealed("transaction")  # {"holder", "account", "bank"} where the first way is closed
    bank_reference: Mapped[str | None] = mapped_column(String(80))
    currency: Mapped[str] = mapped_column(String(3))
    amount_minor: Mapped[int]
    provider_id: Mapped[str | None] = mapped_column(String(120), unique=True)
    tries: Mapped[int] = mapped_column(default=0)  # raised when a definite no makes a new key necessary
    refusal: Mapped[str | None] = mapped_column(String(80))

    __table_args__ = (
        Index("ix_refunds_account", "account_id", "created_at", "id"),
        Index("ix_refunds_open", "state", "created_at", postgresql_where=text("state <> 'succeeded'")),
    )

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, self.currency)

    @property
    def idempotency_key(self) -> str:
        return f"refund-{self.id}-{self.tries}"

    def parties(self) -> dict[str, object]:
        return {"shopper": self.account_id}

    def facets(self) -> dict[str, object]:
        return {"subject": self.subject, "order_ref": self.order_ref}
