"""Which account somebody is at another provider."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import ForeignKey, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from daigou.core.crypto import Sealed, index_column, sealed_column
from daigou.core.db import Model

INDEX = "account_external_identities.external"


class ExternalIdentity(Model):
    """A person at an OpenID provider: the issuer, and their ``sub`` there, sealed and by blind index."""

    __tablename__ = "account_external_identities"

    account_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"))
    provider: Mapped[str] = mapped_column(String(20))
    subject: Mapped[str] = mapped_column(String(40))
    external_index = index_column(INDEX, of="external", unique=True)
    external_sealed = sealed_column("account")
    external = Sealed("account")  # "issuer|sub"

    __table_args__ = (UniqueConstraint("account_id", "provider"),)
