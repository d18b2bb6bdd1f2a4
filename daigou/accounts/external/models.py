"""Which account somebody is at another provider."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import ForeignKey, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from daigou.core.db import Model


class ExternalIdentity(Model):
    """A person at an OpenID provider: the issuer, and a blind index of their ``sub`` there."""

    __tablename__ = "account_external_identities"

    account_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"))
    provider: Mapped[str] = mapped_column(String(20))
    subject_index: Mapped[bytes] = mapped_column(LargeBinary, unique=True)

    __table_args__ = (UniqueConstraint("account_id", "provider"),)
