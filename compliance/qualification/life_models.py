"""A merchant's life after its approval: what keeps its listings back, tests of its goods, suspensions."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from daigou.core.access import MERCHANT_ROLES
from daigou.core.crypto import Sealed, sealed_column
from daigou.core.db import Model
from daigou.core.states import Machine, Stateful

from .life_rules import AUTHENTICITY_TEST, SUSPENSION


class MerchantHold(Model):
    """One reason why a merchant's listings are not on show. They come back when the last one has ended."""

    __tablename__ = "merchant_holds"

    merchant_id: Mapped[UUID] = mapped_column(ForeignKey("merchants.id"))
    reason: Mapped[str] = mapped_column(String(20))  # paper, test, suspension, closure
    about: Mapped[str] = mapped_column(String(40))  # kind of the paper, or the reference of what holds it
    ended_at: Mapped[datetime | None]

    __table_args__ = (
        Index(
            "uq_merchant_holds_open", "merchant_id", "reason", "about",
            unique=True, postgresql_where=text("ended_at IS NULL"),
        ),
    )  # fmt: skip


class AuthenticityTest(Stateful, Model):
    """A sample of a merchant's goods that a laboratory or an expert looks at (S18)."""

    __tablename__ = "authenticity_tests"
    machine: Machine = AUTHENTICITY_TEST

    ref: Mapped[str] = mapped_column(String(20), unique=True)
    merchant_id: Mapped[UUID] = mapped_column(ForeignKey("merchants.id"))
    merchant_ref: Mapped[str] = mapped_column(String(20))
    subject: Mapped[str] = mapped_column(String(40))
    due_on: Mapped[date]
    sample: Mapped[str] = mapped_column(String(60), default="")  # reference of the item that was taken
    laboratory: Mapped[str] = mapped_column(String(120), default="")
    finding: Mapped[str] = mapped_column(Text, default="")
    report_id: Mapped[UUID | None] = mapped_column(ForeignKey("stored_files.id"))
    decided_by: Mapped[UUID | None]

    __table_args__ = (
        Index("ix_authenticity_tests_merchant", "merchant_id", "id"),
        Index("ix_authenticity_tests_queue", "state", "due_on", "id"),
    )

    def parties(self) -> dict[str, object]:
        return dict.fromkeys(MERCHANT_ROLES, self.merchant_id)

    def facets(self) -> dict[str, object]:
        return {"merchant_ref": self.merchant_ref}


class TestInterval(Model):
    """After how many days a merchant's goods are tested again, from a risk on."""

    __tablename__ = "test_intervals"
    __test__ = False  # no test of pytest's

    least_risk: Mapped[int]
    days: Mapped[int]
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    source: Mapped[str] = mapped_column(Text)


class Suspension(Stateful, Model):
    """Why a merchant may not sell, and what it says to that. Who imposed it does not decide on the appeal."""

    __tablename__ = "merchant_suspensions"
    machine: Machine = SUSPENSION

    ref: Mapped[str] = mapped_column(String(20), unique=True)
    merchant_id: Mapped[UUID] = mapped_column(ForeignKey("merchants.id"))
    merchant_ref: Mapped[str] = mapped_column(String(20))
    subject: Mapped[str] = mapped_column(String(40))
    reason_code: Mapped[str] = mapped_column(String(30))
    words: Mapped[str] = mapped_column(Text)
    imposed_by: Mapped[UUID | None]
    appeal_sealed = sealed_column("conversation")
    appeal = Sealed("conversation")
    appealed_at: Mapped[datetime | None]
    decided_by: Mapped[UUID | None]
    decision: Mapped[str] = mapped_column(Text, default="")

    __table_args__ = (
        Index("ix_merchant_suspensions_merchant", "merchant_id", "id"),
        Index("uq_merchant_suspensions_open", "merchant_id", unique=True, postgresql_where=text("state <> 'lifted'")),
    )

    def parties(self) -> dict[str, object]:
        return dict.fromkeys(MERCHANT_ROLES, self.merchant_id)

    def facets(self) -> dict[str, object]:
        return {"merchant_ref": self.merchant_ref}
