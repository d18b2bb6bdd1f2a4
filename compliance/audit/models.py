"""The log's tables. Entries are only ever inserted; what an entry must learn later stands in tables of its own."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    ForeignKey,
    Index,
    LargeBinary,
    SmallInteger,
    String,
    Text,
    UniqueConstraint,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from daigou.core.db import Model, db
from daigou.core.states import Machine, Stateful

from .rules import EXPORT, PROPOSAL


class Entry(Model):
    """``body`` is the exact leaf; the other columns are read off it for searching, and fsck compares them."""

    __tablename__ = "audit_entries"

    at: Mapped[datetime]
    kind: Mapped[str] = mapped_column(String(80))
    stream: Mapped[str] = mapped_column(String(120))
    stream_no: Mapped[int] = mapped_column(BigInteger)
    prev_hash: Mapped[bytes] = mapped_column(LargeBinary)
    actor: Mapped[str] = mapped_column(String(80))
    body: Mapped[bytes] = mapped_column(LargeBinary)
    leaf_hash: Mapped[bytes] = mapped_column(LargeBinary)
    subject: Mapped[str | None] = mapped_column(String(80))
    order_ref: Mapped[str | None] = mapped_column(String(40))
    merchant_ref: Mapped[str | None] = mapped_column(String(40))
    outcome: Mapped[str] = mapped_column(String(10))

    __table_args__ = (
        UniqueConstraint("stream", "stream_no"),
        Index("ix_audit_entries_at", "at", "id"),
        Index("ix_audit_entries_kind", "kind", "at", "id"),
        Index("ix_audit_entries_order", "order_ref", "at", "id", postgresql_where=text("order_ref IS NOT NULL")),
        Index(
            "ix_audit_entries_merchant", "merchant_ref", "at", "id", postgresql_where=text("merchant_ref IS NOT NULL")
        ),
        Index("ix_audit_entries_subject", "subject", "at", "id", postgresql_where=text("subject IS NOT NULL")),
        Index("ix_audit_entries_actor", "actor", "at", "id"),
        Index("ix_audit_entries_denied", "at", "id", postgresql_where=text("outcome = 'denied'")),
        Index("ix_audit_entries_failed", "at", "id", postgresql_where=text("outcome = 'failed'")),
    )


class Leaf(db.Model):  # type: ignore[name-defined, misc]
    """The place that the sequencer gave an entry."""

    __tablename__ = "audit_leaves"

    leaf_index: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    entry_id: Mapped[UUID] = mapped_column(ForeignKey("audit_entries.id"), unique=True)
    leaf_hash: Mapped[bytes] = mapped_column(LargeBinary)


class Node(db.Model):  # type: ignore[name-defined, misc]
    """The hash of a complete subtree of 2**level leaves that begins at leaf node_index * 2**level."""

    __tablename__ = "audit_nodes"

    level: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    node_index: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    hash: Mapped[bytes] = mapped_column(LargeBinary)


class Checkpoint(db.Model):  # type: ignore[name-defined, misc]
    """A signed statement of the tree's size and root."""

    __tablename__ = "audit_checkpoints"

    tree_size: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    root_hash: Mapped[bytes] = mapped_column(LargeBinary)
    note: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime]


class LogKey(db.Model):  # type: ignore[name-defined, misc]
    """The log's verifier keys, one after the other; ``handover`` is the note by which the one before named it.

    Public, so that a web process shows them without ever reading the signing key.
    """

    __tablename__ = "audit_keys"

    key_id: Mapped[str] = mapped_column(String(8), primary_key=True)
    vkey: Mapped[str] = mapped_column(Text)
    from_size: Mapped[int] = mapped_column(BigInteger)
    handover: Mapped[str | None] = mapped_column(Text)
    at: Mapped[datetime]

    __table_args__ = (Index("ix_audit_keys_at", "from_size", "at"),)


class Horizon(db.Model):  # type: ignore[name-defined, misc]
    """One row: every entry made before ``at`` has its place. Open transactions hold it back (see sequencer)."""

    __tablename__ = "audit_horizon"

    id: Mapped[int] = mapped_column(SmallInteger, primary_key=True, autoincrement=False)
    at: Mapped[datetime]


class Delivery(Model):
    """A checkpoint's copy on its way to a witness outside: ``waiting``, then ``delivered`` or ``refused``.

    No thing with a life: were each copy an entry, each would make the log grow, and the next copy due.
    """

    __tablename__ = "audit_deliveries"

    witness: Mapped[str] = mapped_column(Text)  # its address, as the settings have it
    tree_size: Mapped[int] = mapped_column(ForeignKey("audit_checkpoints.tree_size"))
    outcome: Mapped[str] = mapped_column(String(10), default="waiting")
    attempts: Mapped[int] = mapped_column(default=0)
    due_at: Mapped[datetime]
    delivered_at: Mapped[datetime | None]
    error: Mapped[str | None] = mapped_column(Text)
    cosignature: Mapped[str | None] = mapped_column(Text)  # the witness's signature lines, verified

    __table_args__ = (
        UniqueConstraint("witness", "tree_size"),
        Index("ix_audit_deliveries_size", "tree_size"),
        Index("ix_audit_deliveries_waiting", "due_at", postgresql_where=text("outcome = 'waiting'")),
    )


class Timestamp(db.Model):  # type: ignore[name-defined, misc]
    """An RFC 3161 answer over the note of a checkpoint; ``at`` is the time that it vouches for."""

    __tablename__ = "audit_timestamps"

    tree_size: Mapped[int] = mapped_column(
        ForeignKey("audit_checkpoints.tree_size"), primary_key=True, autoincrement=False
    )
    response: Mapped[bytes] = mapped_column(LargeBinary)
    service: Mapped[str] = mapped_column(Text)
    at: Mapped[datetime]


class StreamHead(db.Model):  # type: ignore[name-defined, misc]
    """Heads of streams that no business row carries: sign-ins, denials, exports of one account or part.

    Streams of denied attempts count those of the running minute here, so that a flood becomes one entry.
    """

    __tablename__ = "audit_streams"

    stream: Mapped[str] = mapped_column(String(120), primary_key=True)
    stream_no: Mapped[int] = mapped_column(BigInteger)
    stream_head: Mapped[bytes] = mapped_column(LargeBinary)
    window_at: Mapped[datetime | None]
    window_count: Mapped[int] = mapped_column(default=0, server_default=text("0"))


class Export(Stateful, Model):
    """An officer's bundle: what was asked, why, and how far it is."""

    __tablename__ = "audit_exports"
    machine: Machine = EXPORT

    ref: Mapped[str] = mapped_column(String(20), unique=True)
    requested_by: Mapped[UUID]
    reason: Mapped[str] = mapped_column(Text)
    locale: Mapped[str] = mapped_column(String(20))
    filter: Mapped[dict[str, Any]] = mapped_column(JSONB)  # bundle.Filter.to_json()
    witness: Mapped[str | None] = mapped_column(Text)  # a checkpoint that came from outside
    recipient: Mapped[str | None] = mapped_column(Text)  # an age public key: for its owner only
    with_documents: Mapped[bool] = mapped_column(default=False, server_default=text("false"))
    progress: Mapped[int] = mapped_column(default=0)
    storage_key: Mapped[str | None] = mapped_column(Text)
    size: Mapped[int | None]
    sha256: Mapped[str | None] = mapped_column(String(64))
    holds: Mapped[dict[str, Any] | None] = mapped_column(JSONB)  # export.Summary
    error: Mapped[str | None] = mapped_column(Text)

    __table_args__ = (Index("ix_audit_exports_created", "created_at", "id"),)

    def parties(self) -> dict[str, object]:
        return {"officer": self.requested_by}


class Proposal(Stateful, Model):
    """Something that one person wants and another must agree to. ``payload`` is what will be done, in plain values."""

    __tablename__ = "proposals"
    machine: Machine = PROPOSAL

    ref: Mapped[str] = mapped_column(String(20), unique=True)
    kind: Mapped[str] = mapped_column(String(60))
    about: Mapped[str] = mapped_column(String(120))  # the reference of what it concerns
    summary: Mapped[str] = mapped_column(Text)
    reason: Mapped[str] = mapped_column(Text)
    payload: Mapped[dict[str, Any]] = mapped_column(JSONB)
    proposed_by: Mapped[UUID]
    decided_by: Mapped[UUID | None]
    decision: Mapped[str] = mapped_column(Text, default="")  # what the second person said
    expires_at: Mapped[datetime]

    __table_args__ = (
        Index("ix_proposals_open", "created_at", "id", postgresql_where=text("state = 'proposed'")),
        Index("ix_proposals_due", "expires_at", postgresql_where=text("state = 'proposed'")),
        Index("ix_proposals_decided", "created_at", "id", postgresql_where=text("state <> 'proposed'")),
        Index("ix_proposals_about", "about", "kind"),
    )

    def parties(self) -> dict[str, object]:
        return {"officer": self.proposed_by, "admin": self.proposed_by}
