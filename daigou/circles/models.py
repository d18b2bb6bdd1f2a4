"""Circles, who is in them, and what is said there."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, String, Text, text
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship

from daigou.core import clock
from daigou.core.db import Model
from daigou.core.states import Machine, Stateful

from .rules import CIRCLE, MEMBERSHIP, POST, THREADS, Counts


class Circle(Stateful, Model):
    """About one brand, or else one category. ``texts`` are ours: {"en": {"name", "about"}, "zh_Hans": …}."""

    __tablename__ = "circles"
    machine: Machine = CIRCLE

    ref: Mapped[str] = mapped_column(String(20), unique=True)
    category: Mapped[str] = mapped_column(String(30))
    brand: Mapped[str] = mapped_column(String(80), default="")
    texts: Mapped[dict[str, Any]] = mapped_column(JSONB)

    __table_args__ = (Index("ix_circles_state", "state", "id"),)


class Membership(Stateful, Model):
    """Somebody in a circle, under a name of their choice. ``alias`` is emptied when the account goes."""

    __tablename__ = "circle_members"
    machine: Machine = MEMBERSHIP

    circle_id: Mapped[UUID] = mapped_column(ForeignKey("circles.id"))
    account_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"))
    subject: Mapped[str] = mapped_column(String(40))
    alias: Mapped[str] = mapped_column(String(40))
    alias_key: Mapped[str] = mapped_column(String(80))  # names that look alike have the same
    is_told: Mapped[bool] = mapped_column(default=True)  # whether they hear of answers

    __table_args__ = (
        Index("uq_circle_members_account", "account_id", "circle_id", unique=True),
        Index("ix_circle_members_alias", "alias_key"),
    )

    def parties(self) -> dict[str, object]:
        return {"shopper": self.account_id}

    def facets(self) -> dict[str, object]:
        return {"subject": self.subject}


class Post(Stateful, Model):
    """A thread, or an answer or verdict in one. Words are public, and emptied when the account goes.

    ``found`` are codes of what a rule saw (see daigou.risk.words). Of a verdict, ``kept`` says how many things of the
    circle's kind its author had bought here and kept. A thread counts the answers and verdicts that are shown.
    """

    __tablename__ = "circle_posts"
    machine: Machine = POST

    ref: Mapped[str] = mapped_column(String(20), unique=True)
    kind: Mapped[str] = mapped_column(String(10))  # talk, check, answer, verdict
    circle_id: Mapped[UUID] = mapped_column(ForeignKey("circles.id"))
    thread_id: Mapped[UUID | None] = mapped_column(ForeignKey("circle_posts.id"))
    thread_ref: Mapped[str] = mapped_column(String(20))  # its own, if it is one
    member_id: Mapped[UUID] = mapped_column(ForeignKey("circle_members.id"))
    account_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"))
    subject: Mapped[str] = mapped_column(String(40))
    for_shop: Mapped[bool] = mapped_column(default=False)  # written by somebody who works for a shop
    title: Mapped[str] = mapped_column(String(120), default="")
    words: Mapped[str] = mapped_column(Text)
    photos: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list)
    found: Mapped[list[Any]] = mapped_column(JSONB, default=list)
    listing_ref: Mapped[str] = mapped_column(String(20), default="")
    verdict: Mapped[str] = mapped_column(String(10), default="")
    kept: Mapped[int] = mapped_column(default=0)
    answers: Mapped[int] = mapped_column(default=0)
    genuine: Mapped[int] = mapped_column(default=0)
    doubtful: Mapped[int] = mapped_column(default=0)
    unsure: Mapped[int] = mapped_column(default=0)
    last_at: Mapped[datetime] = mapped_column(default=clock.now)
    contested_at: Mapped[datetime | None]

    member: Mapped[Membership] = relationship(lazy="raise")

    __table_args__ = (
        Index(
            "ix_circle_posts_threads", "circle_id", "last_at", "id",
            postgresql_where=text("thread_id IS NULL AND state = 'shown'"),
        ),
        Index(
            "ix_circle_posts_checks", "circle_id", "last_at", "id",
            postgresql_where=text("kind = 'check' AND state = 'shown'"),
        ),
        Index("ix_circle_posts_answers", "thread_id", "created_at", "id"),
        Index("ix_circle_posts_account", "account_id", "created_at", "id"),
        Index(
            "ix_circle_posts_withheld", "state_since", "id",
            postgresql_where=text("state = 'withheld' AND words <> ''"),
        ),
        Index(
            "uq_circle_posts_verdict", "thread_id", "account_id", unique=True,
            postgresql_where=text("kind = 'verdict' AND state <> 'withdrawn'"),
        ),
    )  # fmt: skip

    @property
    def is_thread(self) -> bool:
        return self.kind in THREADS

    @property
    def is_gone(self) -> bool:
        """Whether its words are no more: withdrawn, or their author's account was erased."""
        return not self.words

    @property
    def counts(self) -> Counts:
        return Counts(self.genuine, self.doubtful, self.unsure)

    def parties(self) -> dict[str, object]:
        return {"shopper": self.account_id}

    def facets(self) -> dict[str, object]:
        return {"subject": self.subject}


class PostReport(Model):
    """Somebody says that a post is wrong, once. ``words`` are emptied when their account goes."""

    __tablename__ = "circle_reports"

    post_id: Mapped[UUID] = mapped_column(ForeignKey("circle_posts.id"))
    account_id: Mapped[UUID] = mapped_column(ForeignKey("accounts.id"))
    subject: Mapped[str] = mapped_column(String(40))
    reason: Mapped[str] = mapped_column(String(20))
    words: Mapped[str] = mapped_column(Text)
    decided_at: Mapped[datetime | None]

    __table_args__ = (
        Index("uq_circle_reports_account", "post_id", "account_id", unique=True),
        Index("ix_circle_reports_account", "account_id", "created_at"),
    )
