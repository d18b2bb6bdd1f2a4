"""Consents, retention rows, leaks and requests of authorities."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ARRAY, Index, String, Text, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from daigou.core.db import Model
from daigou.core.states import Machine, Stateful

from .rules import BREACH, REGULATOR


class Consent(Model):
    """Somebody's yes or no to one text in one version. Only ever added: the newest of a kind counts."""

    __tablename__ = "consents"

    account_id: Mapped[UUID]
    subject: Mapped[str] = mapped_column(String(40))
    kind: Mapped[str] = mapped_column(String(20))
    version: Mapped[str] = mapped_column(String(20))
    given: Mapped[bool]
    channel: Mapped[str] = mapped_column(String(20))  # sign_up, page, browser_signal

    __table_args__ = (Index("ix_consents_account", "account_id", "kind", "created_at", "id"),)


class KeepingRule(Model):
    """A dated row: how long one kind of data is kept in one country ('*' where no row of its own stands)."""

    __tablename__ = "keeping_rules"

    country: Mapped[str] = mapped_column(String(2))
    kind: Mapped[str] = mapped_column(String(40))  # a row of retention.KINDS
    days: Mapped[int]
    valid_from: Mapped[date]
    valid_to: Mapped[date | None]
    source: Mapped[str] = mapped_column(Text)

    __table_args__ = (UniqueConstraint("country", "kind", "valid_from"),)


class Breach(Stateful, Model):
    """A leak or loss of personal data, and its clock."""

    __tablename__ = "breaches"
    machine: Machine = BREACH

    ref: Mapped[str] = mapped_column(String(20), unique=True)
    noticed_at: Mapped[datetime]
    what: Mapped[str] = mapped_column(Text)
    kinds: Mapped[list[str]] = mapped_column(ARRAY(String(20)))  # purposes of the data concerned
    people: Mapped[int | None]  # about how many
    risk: Mapped[str | None] = mapped_column(String(10))
    consequences: Mapped[str] = mapped_column(Text, default="")
    measures: Mapped[str] = mapped_column(Text, default="")
    reported_at: Mapped[datetime | None]
    authority: Mapped[str] = mapped_column(Text, default="")  # which one, and its reference
    why_late: Mapped[str] = mapped_column(Text, default="")
    people_told_at: Mapped[datetime | None]
    reminders: Mapped[int] = mapped_column(default=0)
    noticed_by: Mapped[UUID]

    __table_args__ = (Index("ix_breaches_noticed", "noticed_at", "id"),)


class RegulatorRequest(Stateful, Model):
    """An authority asks: what, until when, and what was answered."""

    __tablename__ = "regulator_requests"
    machine: Machine = REGULATOR

    ref: Mapped[str] = mapped_column(String(20), unique=True)
    authority: Mapped[str] = mapped_column(String(200))
    reference: Mapped[str] = mapped_column(String(100), default="")  # theirs
    about: Mapped[str] = mapped_column(Text)
    received_on: Mapped[date]
    due_on: Mapped[date]
    entered_by: Mapped[UUID]
    owner: Mapped[UUID | None]
    answer: Mapped[str] = mapped_column(Text, default="")
    reminders: Mapped[int] = mapped_column(default=0)

    __table_args__ = (Index("ix_regulator_requests_due", "due_on", "id"),)
