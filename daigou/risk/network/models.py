"""What accounts have in common, as keyed hashes that nothing can be read from."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from daigou.core.db import Model


class AccountLink(Model):
    """One account has used one thing. ``value`` is a blind index under a key of its kind: equal things, equal bytes."""

    __tablename__ = "account_links"

    account_id: Mapped[UUID]
    kind: Mapped[str] = mapped_column(String(10))  # card, bank, address, phone, browser
    value: Mapped[bytes] = mapped_column(LargeBinary)

    __table_args__ = (
        UniqueConstraint("account_id", "kind", "value"),
        Index("ix_account_links_value", "value", "kind", "account_id"),
    )
