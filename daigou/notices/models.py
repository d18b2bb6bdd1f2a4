"""What we told whom."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String
from sqlalchemy.orm import Mapped, mapped_column

from daigou.core.crypto import Sealed, sealed_column
from daigou.core.db import Model


class Notice(Model):
    """One message to one person.

    Kept in-app, sent by mail by job. Title and body are already in the person's language.
    """

    __tablename__ = "notices"

    account_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"))
    subject: Mapped[str] = mapped_column(String(40))
    kind: Mapped[str] = mapped_column(String(60))
    # {"to", "title", "body", "url"}
    content_sealed = sealed_column("account")
    content = Sealed("account")
    mailed_at: Mapped[datetime | None]
    read_at: Mapped[datetime | None]

    __table_args__ = (
        Index("ix_notices_account", "account_id", "created_at", "id"),
        Index("ix_notices_created", "created_at", "id"),
    )
