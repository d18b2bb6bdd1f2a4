"""What people ask of us about their data, what forbids an erasure, and what one has left behind."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ARRAY, ForeignKey, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from daigou.core.access import ROLES
from daigou.core.crypto import Sealed, sealed_column
from daigou.core.db import Model
from daigou.core.states import Machine, Stateful

from .rules import HOLD, REQUEST


class PrivacyRequest(Stateful, Model):
    """Somebody asks for a copy, an erasure or a correction. ``runs_at`` is when an erasure begins."""

    __tablename__ = "privacy_requests"
    machine: Machine = REQUEST

    ref: Mapped[str] = mapped_column(String(20), unique=True)
    account_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"))
    subject: Mapped[str] = mapped_column(String(40))
    kind: Mapped[str] = mapped_column(String(20))  # a row of rules.REQUESTS
    due_on: Mapped[date]
    runs_at: Mapped[datetime | None]
    words_sealed = sealed_column("conversation")
    words = Sealed("conversation")  # what is to be corrected
    file_id: Mapped[UUID | None]  # the copy, as long as it is kept
    owner: Mapped[UUID | None]
    answer: Mapped[str] = mapped_column(Text, default="")  # an officer's words, or why it waits; never personal

    __table_args__ = (
        Index("ix_privacy_requests_account", "account_id", "created_at", "id"),
        Index("ix_privacy_requests_due", "due_on", "id"),
        Index(
            "uq_privacy_requests_open", "account_id", "kind", unique=True,
            postgresql_where="state IN ('received', 'running')",
        ),
        Index("ix_privacy_requests_runs", "runs_at", postgresql_where="state IN ('received', 'running')"),
        Index("ix_privacy_requests_file", "file_id", postgresql_where="file_id IS NOT NULL"),
    )  # fmt: skip

    def parties(self) -> dict[str, object]:
        return dict.fromkeys(ROLES, self.account_id)

    def facets(self) -> dict[str, object]:
        return {"subject": self.subject}


class LegalHold(Stateful, Model):
    """A court, an authority or a claim forbids us to destroy what we hold of somebody for these purposes."""

    __tablename__ = "legal_holds"
    machine: Machine = HOLD

    ref: Mapped[str] = mapped_column(String(20), unique=True)
    subject: Mapped[str] = mapped_column(String(40))
    purposes: Mapped[list[str]] = mapped_column(ARRAY(String(20)))
    reason: Mapped[str] = mapped_column(Text)
    placed_by: Mapped[UUID | None]
    released_by: Mapped[UUID | None]

    __table_args__ = (Index("ix_legal_holds_subject", "subject", "state"),)

    def facets(self) -> dict[str, object]:
        return {"subject": self.subject}


class Remainder(Model):
    """What an erasure had to leave for now: one purpose of one subject, until a day, and which rule says so."""

    __tablename__ = "erasure_remainders"

    subject: Mapped[str] = mapped_column(String(40))
    purpose: Mapped[str] = mapped_column(String(20))
    until: Mapped[date]
    source: Mapped[str] = mapped_column(Text)
    gone_at: Mapped[datetime | None]

    __table_args__ = (
        UniqueConstraint("subject", "purpose"),
        Index("ix_erasure_remainders_due", "until", postgresql_where="gone_at IS NULL"),
    )


class Probes(Model):
    """What was known of somebody, to search for once they are erased: under a key of its own that dies soon after.

    ``subject`` is that key's, not the person's; the person's stands in ``erased_subject``.
    """

    __tablename__ = "erasure_probes"

    erased_subject: Mapped[str] = mapped_column(String(40), unique=True)
    request_ref: Mapped[str] = mapped_column(String(20), unique=True)
    subject: Mapped[str] = mapped_column(String(40))
    words_sealed = sealed_column("account")
    words = Sealed("account")
    kept_until: Mapped[date]

    __table_args__ = (Index("ix_erasure_probes_kept", "kept_until"),)
