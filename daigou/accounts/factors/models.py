"""What people prove themselves with beside the password."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ARRAY, ForeignKey, LargeBinary, String
from sqlalchemy.orm import Mapped, mapped_column

from daigou.core.crypto import Sealed, sealed_column
from daigou.core.db import Model


class Totp(Model):
    """An authenticator app (RFC 6238). ``last_step`` names the last code that was taken: each works once."""

    __tablename__ = "account_totps"

    account_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"), unique=True)
    subject: Mapped[str] = mapped_column(String(40))
    secret_sealed = sealed_column("account")
    secret = Sealed("account")
    last_step: Mapped[int] = mapped_column(default=0)
    confirmed_at: Mapped[datetime | None]


class Passkey(Model):
    """A WebAuthn credential: its public half."""

    __tablename__ = "account_passkeys"

    account_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"), index=True)
    credential_id: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    public_key: Mapped[bytes] = mapped_column(LargeBinary)
    sign_count: Mapped[int]
    name: Mapped[str] = mapped_column(String(60))
    transports: Mapped[list[str]] = mapped_column(ARRAY(String(20)))
    last_used_at: Mapped[datetime | None]


class RecoveryCode(Model):
    """One of ten codes for the day the other factors are lost. Only its hash is kept."""

    __tablename__ = "account_recovery_codes"

    account_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"), index=True)
    code_hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    used_at: Mapped[datetime | None]


class Certificate(Model):
    """A client certificate that staff must show at the reverse proxy, by its SHA-256 fingerprint."""

    __tablename__ = "account_certificates"

    account_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"), index=True)
    fingerprint: Mapped[str] = mapped_column(String(64), unique=True)
    expires_at: Mapped[datetime]
