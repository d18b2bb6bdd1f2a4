"""Lists as they were imported, who was held against them, and what officers made of it."""

from __future__ import annotations

import json
from datetime import date, datetime
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import ARRAY, ForeignKey, Index, Integer, Numeric, String, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from daigou.core.crypto import ERASED, Sealed, index_column, sealed_column
from daigou.core.db import Model
from daigou.core.states import Machine, Stateful

from .rules import SCREENING


class ListVersion(Model):
    """One version of one list. ``version`` is the SHA-256 of its files; only one of a code is current."""

    __tablename__ = "screening_lists"

    code: Mapped[str] = mapped_column(String(20))  # ofac-sdn, un, eu
    version: Mapped[str] = mapped_column(String(64))
    published: Mapped[date | None]  # as the file says, where it does
    entries: Mapped[int] = mapped_column(Integer, default=0)
    current: Mapped[bool] = mapped_column(default=False)
    reason: Mapped[str] = mapped_column(Text, default="")  # why it was forced, if it was

    __table_args__ = (Index("ix_screening_lists_current", "code", unique=True, postgresql_where=text("current")),)


class ListEntry(Model):
    """One entry of the current version, with all its names. ``digest`` changes when anything that matters does."""

    __tablename__ = "screening_entries"

    list_id: Mapped[UUID] = mapped_column(ForeignKey("screening_lists.id"))
    code: Mapped[str] = mapped_column(String(20))
    entry_id: Mapped[str] = mapped_column(String(60))
    kind: Mapped[str] = mapped_column(String(10))  # person, entity, vessel, aircraft
    names: Mapped[list[str]] = mapped_column(JSONB)  # the primary one first
    countries: Mapped[list[str]] = mapped_column(ARRAY(String(2)))
    years: Mapped[list[int]] = mapped_column(ARRAY(Integer))
    programme: Mapped[str] = mapped_column(Text, default="")
    remarks: Mapped[str] = mapped_column(Text, default="")
    digest: Mapped[str] = mapped_column(String(64))

    __table_args__ = (UniqueConstraint("list_id", "entry_id"),)


class Threshold(Model):
    """From which score on a person must look, by role ("" is everybody's), as a dated row."""

    __tablename__ = "screening_thresholds"

    role: Mapped[str] = mapped_column(String(20))
    score: Mapped[Decimal] = mapped_column(Numeric(4, 1))
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]  # exclusive
    source: Mapped[str] = mapped_column(Text)


class Embargo(Model):
    """A destination where goods may not go: all of them, or those whose HS code begins so."""

    __tablename__ = "screening_embargoes"

    country: Mapped[str] = mapped_column(String(2))
    hs_prefix: Mapped[str] = mapped_column(String(12), default="")  # "" is every kind of goods
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]  # exclusive
    source: Mapped[str] = mapped_column(Text)


def text_of(role: str, subject: str, claims: dict[str, Any]) -> str:
    """What a party's fingerprint is made of: the same claims are the same text."""
    return json.dumps([role, subject, claims], ensure_ascii=False, sort_keys=True)


class Party(Stateful, Model):
    """Somebody (or a destination) as claimed, in one role. Other claims of the same subject are another party.

    ``fingerprint`` is a keyed hash of the claims, so that the same ones are found again and remembered.
    """

    __tablename__ = "screening_parties"
    machine: Machine = SCREENING

    ref: Mapped[str] = mapped_column(String(20), unique=True)
    subject: Mapped[str] = mapped_column(String(40))
    role: Mapped[str] = mapped_column(String(20))
    fingerprint = index_column("screening_parties.claims", of="claims_text", unique=True)
    # {"names": [...], "country": "DE" | null, "born": 1970 | null, "goods": ["950300", ...]}
    claims_sealed = sealed_column("transaction")
    claims = Sealed("transaction")
    screened_with: Mapped[str] = mapped_column(String(64), default="")  # lists and rules, as one hash
    screened_at: Mapped[datetime | None]
    notes: Mapped[str] = mapped_column(Text, default="")

    __table_args__ = (
        Index("ix_screening_parties_queue", "state", "state_since", "id"),
        Index("ix_screening_parties_subject", "subject"),
    )

    @property
    def claims_text(self) -> str:
        """What the fingerprint is made of."""
        claims = self.claims
        return ERASED if claims == ERASED else text_of(self.role, self.subject, claims)

    def parties(self) -> dict[str, object]:
        return {}

    def facets(self) -> dict[str, object]:
        return {"subject": self.subject}


class Match(Model):
    """One entry that agreed with one party, and the decision on it: remembered until either changes.

    ``entry`` is what the list said, so that the decision can be read when the list has moved on.
    """

    __tablename__ = "screening_matches"

    ref: Mapped[str] = mapped_column(String(20), unique=True)
    party_id: Mapped[UUID] = mapped_column(ForeignKey("screening_parties.id"))
    code: Mapped[str] = mapped_column(String(20))
    entry_id: Mapped[str] = mapped_column(String(60))
    digest: Mapped[str] = mapped_column(String(64))
    name: Mapped[str] = mapped_column(Text)
    score: Mapped[Decimal] = mapped_column(Numeric(4, 1))
    why: Mapped[list[str]] = mapped_column(JSONB)
    entry: Mapped[dict[str, Any]] = mapped_column(JSONB)
    decision: Mapped[str] = mapped_column(String(10), default="open")  # open, cleared, confirmed, gone
    reason: Mapped[str] = mapped_column(Text, default="")
    decided_by: Mapped[UUID | None]
    decided_at: Mapped[datetime | None]

    __table_args__ = (UniqueConstraint("party_id", "code", "entry_id", "digest"),)


class Use(Model):
    """Which thing waits for which party: an order, a parcel or an application, by its public reference."""

    __tablename__ = "screening_uses"

    about: Mapped[str] = mapped_column(String(20))
    party_id: Mapped[UUID] = mapped_column(ForeignKey("screening_parties.id"), index=True)

    __table_args__ = (UniqueConstraint("about", "party_id"),)
