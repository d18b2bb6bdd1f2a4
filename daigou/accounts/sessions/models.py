"""Where people are signed in, from which devices, and who is guessing."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, LargeBinary, String, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from daigou.core.crypto import Sealed, sealed_column
from daigou.core.db import Model


class Session(Model):
    """One browser in which somebody is signed in. The cookie holds the token, this row only its hash.

    ``epoch`` must be the account's: raising that number ends all sessions at once. ``last_seen_at`` is coarse.
    """

    __tablename__ = "account_sessions"

    account_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"))
    subject: Mapped[str] = mapped_column(String(40))
    token_hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    epoch: Mapped[int]
    way: Mapped[str] = mapped_column(String(20))  # password, passkey or external
    last_seen_at: Mapped[datetime]
    stepped_up_at: Mapped[datetime]  # when the person last proved who they are
    factored_at: Mapped[datetime | None]  # when a second factor was shown, if one was
    ended_at: Mapped[datetime | None]
    agent: Mapped[str] = mapped_column(String(60), default="")
    place_sealed = sealed_column("account")
    place = Sealed("account")  # {"ip", "country"}

    __table_args__ = (
        Index("ix_account_sessions_account", "account_id", "id"),
        Index("ix_account_sessions_seen", "last_seen_at"),
    )


class Device(Model):
    """A browser that an account has signed in from before, known by a cookie of its own."""

    __tablename__ = "account_devices"

    account_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"))
    token_hash: Mapped[bytes] = mapped_column(LargeBinary)
    country: Mapped[str] = mapped_column(String(2), default="")

    __table_args__ = (UniqueConstraint("account_id", "token_hash"),)


class Lock(Model):
    """Wrong tries under one key: a mail address (known here or not) from one network, or an account's second step."""

    __tablename__ = "sign_in_locks"

    key: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    failures: Mapped[int]
    failed_at: Mapped[datetime] = mapped_column(index=True)
    locked_until: Mapped[datetime | None]
