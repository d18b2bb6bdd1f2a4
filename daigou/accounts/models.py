"""People and merchants."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ARRAY, ForeignKey, Index, LargeBinary, String, Text, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from daigou.core import zones
from daigou.core.access import MERCHANT_ROLES, STAFF
from daigou.core.crypto import Sealed, index_column, sealed_column
from daigou.core.db import Model
from daigou.core.states import Machine, Stateful

from .rules import ACCOUNT, MERCHANT


class Account(Stateful, Model):
    """Somebody who signs in. Name and address for mail are sealed; the e-mail is found by its blind index."""

    __tablename__ = "accounts"
    machine: Machine = ACCOUNT

    subject: Mapped[str] = mapped_column(String(40), unique=True)
    email_index = index_column("accounts.email", of="email", unique=True)
    email_sealed = sealed_column("account")
    email = Sealed("account")
    name_sealed = sealed_column("account")
    name = Sealed("account")
    phone_index = index_column("accounts.phone", of="phone", nullable=True, index=True)
    phone_sealed = sealed_column("account")
    phone = Sealed("account")  # in international form, confirmed by a code sent to it
    password_hash: Mapped[str | None] = mapped_column(Text)
    roles: Mapped[list[str]] = mapped_column(ARRAY(String(20)))
    locale: Mapped[str] = mapped_column(String(20))
    currency: Mapped[str] = mapped_column(String(3))
    country: Mapped[str] = mapped_column(String(2))
    time_zone: Mapped[str | None] = mapped_column(String(40))  # chosen; else that of the country
    # Raised to end every session at once; each session's row carries the number it began with.
    session_epoch: Mapped[int] = mapped_column(default=0)
    # Nothing else is open until a second factor is there: after a freeze; of staff it is asked anyway.
    factor_required: Mapped[bool] = mapped_column(default=False)
    last_sign_in_at: Mapped[datetime | None]

    # The staff list: nobody is shopper and staff in one account.
    __table_args__ = (Index("ix_accounts_staff", "id", postgresql_where=text("NOT ('shopper' = ANY (roles))")),)

    @property
    def zone(self) -> str:
        """The time zone that moments are shown in, by its name in the tz database."""
        return self.time_zone or zones.of_country(self.country)

    @property
    def is_staff(self) -> bool:
        """One of ours, whatever the state."""
        return bool(STAFF & set(self.roles))

    def parties(self) -> dict[str, object]:
        return dict.fromkeys(("shopper", "merchant", "inspector", "support", "officer", "admin"), self.id)

    def facets(self) -> dict[str, object]:
        return {"subject": self.subject}


class Token(Model):
    """A one-time token sent by mail: only its hash is kept. ``kind`` is confirm, password, invite, join or alarm."""

    __tablename__ = "account_tokens"

    account_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"), index=True)
    kind: Mapped[str] = mapped_column(String(20))
    token_hash: Mapped[bytes] = mapped_column(LargeBinary, unique=True)
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]


class Code(Model):
    """Six digits sent by mail or text message, usable on any device. Only a keyed hash is kept, and tries are few.

    ``kind`` is confirm or phone; ``target`` is what the code confirms (a phone number), sealed.
    """

    __tablename__ = "account_codes"

    account_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"))
    subject: Mapped[str] = mapped_column(String(40))
    kind: Mapped[str] = mapped_column(String(20))
    code_hash: Mapped[bytes] = mapped_column(LargeBinary)
    target_sealed = sealed_column("account")
    target = Sealed("account")
    tries: Mapped[int] = mapped_column(default=0)
    expires_at: Mapped[datetime]
    used_at: Mapped[datetime | None]

    __table_args__ = (Index("ix_account_codes_account", "account_id", "kind", "id"),)


class Merchant(Stateful, Model):
    """A qualified buyer on the ground. Its public name is no secret; what proves it stands with its application."""

    __tablename__ = "merchants"
    machine: Machine = MERCHANT

    ref: Mapped[str] = mapped_column(String(20), unique=True)
    subject: Mapped[str] = mapped_column(String(40), unique=True)
    name: Mapped[str] = mapped_column(String(120))
    kind: Mapped[str] = mapped_column(String(20))  # individual, company, brand
    country: Mapped[str] = mapped_column(String(2))
    currency: Mapped[str] = mapped_column(String(3))
    city: Mapped[str] = mapped_column(String(80), default="")
    about: Mapped[str] = mapped_column(Text, default="")
    verified_at: Mapped[datetime | None]

    def parties(self) -> dict[str, object]:
        return dict.fromkeys(MERCHANT_ROLES, self.id)

    def facets(self) -> dict[str, object]:
        return {"merchant_ref": self.ref}


class Member(Model):
    """An account that works for a merchant. ``role`` is owner or staff; ``rights`` are what staff may do."""

    __tablename__ = "merchant_members"

    merchant_id: Mapped[UUID] = mapped_column(ForeignKey("merchants.id"), index=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"), unique=True)
    role: Mapped[str] = mapped_column(String(20))
    rights: Mapped[list[str]] = mapped_column(ARRAY(String(20)), default=list)

    def parties(self) -> dict[str, object]:
        return {"owner": self.merchant_id}


class Invitation(Model):
    """A merchant's owner asks somebody to work for them. Open until accepted, declined, withdrawn or too old."""

    __tablename__ = "merchant_invitations"

    ref: Mapped[str] = mapped_column(String(20), unique=True)
    merchant_id: Mapped[UUID] = mapped_column(ForeignKey("merchants.id"), index=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"), index=True)
    rights: Mapped[list[str]] = mapped_column(ARRAY(String(20)))
    expires_at: Mapped[datetime]
    closed_at: Mapped[datetime | None]

    def parties(self) -> dict[str, object]:
        return {"owner": self.merchant_id, "shopper": self.account_id}


class Address(Model):
    """A delivery address of a shopper's book. Country stands open, for rates and rules need it."""

    __tablename__ = "addresses"

    ref: Mapped[str] = mapped_column(String(20), unique=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"))
    subject: Mapped[str] = mapped_column(String(40))
    country: Mapped[str] = mapped_column(String(2))
    content_sealed = sealed_column("account")
    # {"name", "street", "city", "postal_code", "region", "phone", "email", "tax_id"}
    content = Sealed("account")
    archived_at: Mapped[datetime | None]

    __table_args__ = (Index("ix_addresses_account", "account_id", "id"),)

    @property
    def stream(self) -> str:
        return f"address/{self.id}"

    def parties(self) -> dict[str, object]:
        return {"shopper": self.account_id}


class Submission(Model):
    """A form that was taken: its second submit finds the first one's result instead of doing it twice."""

    __tablename__ = "submissions"

    account_key: Mapped[str] = mapped_column(String(60))
    once: Mapped[str] = mapped_column(String(64))
    location: Mapped[str | None] = mapped_column(Text)

    __table_args__ = (UniqueConstraint("account_key", "once"),)
