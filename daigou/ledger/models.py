"""Double entry tables.

Triggers (migrations/sql/ledger.sql) keep the sums, the balances and the guards in the database.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Index, SmallInteger, String
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from daigou.core.db import Model, db


class Account(Model):
    """``code`` is ``kind:currency`` or ``kind:currency:owner``; the key is derived from it, so no look-up is needed."""

    __tablename__ = "ledger_accounts"

    code: Mapped[str] = mapped_column(String(120), unique=True)
    kind: Mapped[str] = mapped_column(String(30))
    currency: Mapped[str] = mapped_column(String(3))
    owner: Mapped[str | None] = mapped_column(String(60))
    # -1: never a debit balance (what we owe), +1: never a credit balance (what we have), 0: free
    guard: Mapped[int] = mapped_column(SmallInteger)

    __table_args__ = (
        Index("ix_ledger_accounts_kind", "kind", "currency"),
        Index("ix_ledger_accounts_owner", "owner", postgresql_where="owner IS NOT NULL"),
    )


class Transaction(Model):
    """One event in the books. ``key`` makes it happen once."""

    __tablename__ = "ledger_transactions"

    kind: Mapped[str] = mapped_column(String(40))
    key: Mapped[str] = mapped_column(String(160), unique=True)
    about: Mapped[str] = mapped_column(String(120))
    facts: Mapped[dict[str, Any]] = mapped_column(JSONB)
    corrects_id: Mapped[UUID | None] = mapped_column(ForeignKey("ledger_transactions.id"))  # what this one puts right

    __table_args__ = (
        Index("ix_ledger_transactions_corrects", "corrects_id", postgresql_where="corrects_id IS NOT NULL"),
        Index("ix_ledger_transactions_about", "about", "id"),
        Index("ix_ledger_transactions_created", "created_at", "id"),
    )


class Posting(db.Model):  # type: ignore[name-defined, misc]
    """``amount`` in minor units: positive is a debit, negative a credit. Never changed, never deleted.

    A trigger holds a statement's postings against their transactions and accounts, all at once (ledger.sql).
    """

    __tablename__ = "ledger_postings"

    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=True)
    transaction_id: Mapped[UUID] = mapped_column(index=True)
    account_id: Mapped[UUID]
    currency: Mapped[str] = mapped_column(String(3))
    amount: Mapped[int] = mapped_column(BigInteger)

    __table_args__ = (
        CheckConstraint("amount <> 0", name="amount_not_zero"),
        Index("ix_ledger_postings_account", "account_id", "id"),
    )


class Balance(db.Model):  # type: ignore[name-defined, misc]
    """Running balances. Guarded accounts have one row; busy free ones are spread over slots and summed on reading."""

    __tablename__ = "ledger_balances"

    account_id: Mapped[UUID] = mapped_column(ForeignKey("ledger_accounts.id"), primary_key=True)
    slot: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    guard: Mapped[int] = mapped_column(SmallInteger)
    balance: Mapped[int] = mapped_column(BigInteger)
