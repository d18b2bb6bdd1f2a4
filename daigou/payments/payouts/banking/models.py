"""Merchants' bank details, the files we send to our bank, and what it reports."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from daigou.core.crypto import ERASED, Sealed, index_column, sealed_column
from daigou.core.db import Model
from daigou.core.money import Money
from daigou.core.states import Machine, Stateful

from .rules import BANK_FILE


class BankDetails(Model):
    """Where a merchant's money goes. A change is a new row; the one before is kept with its end."""

    __tablename__ = "bank_details"

    merchant_id: Mapped[UUID] = mapped_column(ForeignKey("merchants.id"))
    subject: Mapped[str] = mapped_column(String(40))
    country: Mapped[str] = mapped_column(String(2))  # of the bank
    currency: Mapped[str] = mapped_column(String(3))
    account_sealed = sealed_column("transaction")
    account = Sealed("transaction")  # {"holder", "iban", "number", "bic"}
    account_index = index_column("bank_details.account", of="account_key", index=True)  # the same account elsewhere
    last: Mapped[str] = mapped_column(String(4))  # the end of the number, to recognise it by
    usable_from: Mapped[datetime]
    ended_at: Mapped[datetime | None]

    __table_args__ = (
        Index("uq_bank_details_current", "merchant_id", unique=True, postgresql_where=text("ended_at IS NULL")),
    )

    @property
    def account_key(self) -> str:
        """What two ways to write one account share."""
        account = self.account
        return account if account == ERASED else account["iban"] or f"{account['bic'][:8]}/{account['number']}"

    @property
    def stream(self) -> str:
        return f"bank_details/{self.merchant_id}"


class BankFile(Stateful, Model):
    """A pain.001 file: its payouts, two people's names, and the sealed bytes, made once when it is approved."""

    __tablename__ = "bank_files"
    machine: Machine = BANK_FILE

    ref: Mapped[str] = mapped_column(String(20), unique=True)  # its message id
    subject: Mapped[str] = mapped_column(String(40))
    currency: Mapped[str] = mapped_column(String(3))
    amount_minor: Mapped[int]
    payouts: Mapped[int]
    execute_on: Mapped[date]
    proposed_by: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"))
    content_sealed = sealed_column("transaction")
    content = Sealed("transaction")
    sha256: Mapped[str | None] = mapped_column(String(64))

    __table_args__ = (Index("ix_bank_files_created", "created_at", "id"),)

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, self.currency)


class BankReport(Model):
    """An imported camt.054 file. The same message twice is the same row."""

    __tablename__ = "bank_reports"

    message_id: Mapped[str] = mapped_column(String(80), unique=True)
    sha256: Mapped[str] = mapped_column(String(64))
    entries: Mapped[int]
    imported_by: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"))

    __table_args__ = (Index("ix_bank_reports_created", "created_at", "id"),)


class BankEntry(Model):
    """One booked line of our bank, as it reported it. ``verdict`` says what was made of it.

    Verdicts: confirmed, returned, topped_up, deposited are posted; unmatched, duplicate, wrong_amount and odd_return
    wait for a person (``settled_at``).
    """

    __tablename__ = "bank_entries"

    report_id: Mapped[UUID] = mapped_column(ForeignKey("bank_reports.id"), index=True)
    entry_key: Mapped[str] = mapped_column(String(200))  # the bank's own reference, or one made of all its fields
    reference: Mapped[str] = mapped_column(String(140))  # end-to-end id, or what stands for it
    currency: Mapped[str] = mapped_column(String(3))
    amount_minor: Mapped[int]  # positive: into our account
    booked_on: Mapped[date]
    verdict: Mapped[str] = mapped_column(String(20))
    payout_id: Mapped[UUID | None] = mapped_column(ForeignKey("payouts.id"), index=True)
    code: Mapped[str] = mapped_column(String(40), default="")  # the bank's reason of a return
    settled_at: Mapped[datetime | None]
    settled_note: Mapped[str] = mapped_column(Text, default="")

    __table_args__ = (
        UniqueConstraint("entry_key"),
        Index("ix_bank_entries_open", "created_at", "id", postgresql_where=text("settled_at IS NULL")),
    )

    @property
    def amount(self) -> Money:
        return Money(self.amount_minor, self.currency)

    @property
    def stream(self) -> str:
        return f"bank_entry/{self.id}"
