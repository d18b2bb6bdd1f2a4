"""What officers see of cases."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select

from compliance.audit.models import Entry
from daigou.core.access import Actor, require
from daigou.core.db import Page, db, keyset, load
from daigou.core.money import Money
from daigou.documents.models import StoredFile
from daigou.orders.models import OrderItem
from daigou.payments.escrow.models import EscrowTaking
from daigou.payments.paying.models import Attempt

from . import rules, settling
from .models import Dispute

DECIDED = ("won", "lost", "accepted")


@dataclass(frozen=True, slots=True)
class Case:
    """A case with all that its page shows."""

    dispute: Dispute
    attempt: Attempt
    items: Sequence[OrderItem]
    papers: Sequence[tuple[dict[str, object], StoredFile]]
    standing: Sequence[Money]
    taken: Sequence[EscrowTaking]
    history: Sequence[Entry]


def queue(actor: Actor, which: str, cursor: str | None) -> Page:
    """``open``: the nearest deadline first. ``decided``: the newest first."""
    require(actor, "dispute.view")
    statement = select(Dispute).where(Dispute.state.in_(rules.OPEN if which == "open" else DECIDED))
    return keyset(statement, Dispute.due_at, Dispute.id, cursor=cursor, descending=which != "open")


def counts() -> dict[str, int]:
    """Cases by state."""
    found = db.session.execute(select(Dispute.state, func.count()).group_by(Dispute.state))
    return {state: int(count) for state, count in found}


def case(actor: Actor, ref: str) -> Case:
    row: Dispute = load(Dispute, ref=ref)
    require(actor, "dispute.view", row)
    attempt = db.session.get_one(Attempt, row.attempt_id)
    owners = [owner for owner, _ in settling.parts_of(attempt)]
    files = _files(row)
    history = select(Entry).where(Entry.stream == row.stream, Entry.kind.not_like("%:posted:%"))
    return Case(
        row,
        attempt,
        db.session.execute(select(OrderItem).where(OrderItem.id.in_([UUID(o) for o in owners]))).scalars().all(),
        [(paper, files[paper["file"]]) for paper in row.papers if paper["file"] in files],
        settling.standing(row.id),
        db.session.execute(select(EscrowTaking).filter_by(dispute_id=row.id)).scalars().all(),
        db.session.execute(history.order_by(Entry.stream_no)).scalars().all(),
    )


def _files(row: Dispute) -> dict[str, StoredFile]:
    keys = [UUID(paper["file"]) for paper in row.papers]
    return {str(f.id): f for f in db.session.execute(select(StoredFile).where(StoredFile.id.in_(keys))).scalars()}
