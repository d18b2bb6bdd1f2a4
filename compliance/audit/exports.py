"""An officer asks for a bundle; a job writes it; it is fetched. Each of the three stands in the log."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any, Final
from uuid import UUID

from flask import current_app
from sqlalchemy import func, select

from daigou.core import clock, ids, outbox
from daigou.core.access import Actor, require
from daigou.core.db import Page, advisory_lock, db, keyset, load, load_locked, transaction
from daigou.core.errors import Impossible, NotFound, Unavailable
from daigou.core.i18n import lazy, nlazy
from daigou.providers.storage import Missing, Storage

from . import door, log, proposals, searching
from .models import Entry, Export, Proposal
from .wishes import Wanted, check_wanted

HOURLY: Final = 10
"""Exports that one officer may ask for in an hour."""


def ask(actor: Actor, wanted: Wanted) -> Export:
    """Record the wish and put it to work. Invalid by field, Impossible beyond the hourly limit, Unavailable before
    the log's first checkpoint. The caller has seen the officer's password again."""
    require(actor, "audit.export")
    with transaction():
        advisory_lock(f"exports:{actor.account_id}")
        _check_rate(actor)
        newest = log.latest_checkpoint(searching.reading())
        if newest is None:
            raise Unavailable("export.no_checkpoint", lazy("The log has not been signed yet. Try again in a minute."))
        check_wanted(wanted, newest)
        row = _row(actor, wanted)
        door.created(actor, row, step_up="password", reason_sha256=_digest(row), **_facts(row))
        if needs_two(row):
            _propose(actor, row)
        else:
            outbox.put("export.build", export_id=row.id)
    return row


def needs_two(row: Export) -> bool:
    """Papers are personal data in clear; what one person did, taken together, is personal data too."""
    return row.with_documents or "subject" in row.filter


def _propose(actor: Actor, row: Export) -> None:
    """Another officer reads what for, and agrees or not."""
    conditions = ", ".join(f"{name} {value}" for name, value in row.filter.items()) or "everything"
    summary, payload = f"{row.ref}: {conditions}", {"export": str(row.id)}
    proposals.propose(actor, PAPERS, about=row.stream, summary=summary, reason=row.reason, payload=payload)


def _agreed(actor: Actor, proposal: Proposal) -> None:
    row: Export = load_locked(Export, id=UUID(proposal.payload["export"]))
    door.record(actor, row, "approved", proposal=proposal.ref, documents=row.with_documents)
    outbox.put("export.build", export_id=row.id)


PAPERS: Final = "export.documents"
proposals.register(
    proposals.Kind(
        PAPERS, propose="audit.export", decide="audit.export", title=lazy("Export of personal data"), apply=_agreed
    )
)


def second_person(row: Export) -> Proposal | None:
    """What the second person was asked, and answered; None where nobody had to be."""
    if not needs_two(row):
        return None
    statement = select(Proposal).filter_by(kind=PAPERS, about=row.stream).order_by(Proposal.id.desc()).limit(1)
    return db.session.execute(statement).scalar_one_or_none()


def _row(actor: Actor, wanted: Wanted) -> Export:
    return Export(
        ref=ids.new_ref("EXP"),
        requested_by=actor.account_id,
        reason=wanted.reason.strip(),
        locale=wanted.locale,
        filter=wanted.chosen.to_json(),
        witness=wanted.witness,
        recipient=wanted.recipient,
        with_documents=wanted.documents,
        progress=0,
    )


def _digest(row: Export) -> str:
    """Reasons are free words and may name somebody, so the log holds a hash, salted by the row's own key."""
    return sha256(row.id.bytes + row.reason.encode()).hexdigest()


def _facts(row: Export) -> dict[str, Any]:
    # Under other names: an export about an order is no part of that order's own streams.
    sealed_to = {"recipient": row.recipient} if row.recipient else {}
    by = {f"by_{name}": value for name, value in row.filter.items()}
    return {**by, **sealed_to, "locale": row.locale, "documents": row.with_documents}


def _check_rate(actor: Actor) -> None:
    since = clock.now() - timedelta(hours=1)
    mine = select(func.count()).where(Export.requested_by == actor.account_id, Export.created_at > since)
    if db.session.execute(mine).scalar_one() >= HOURLY:
        raise Impossible(
            "export.too_many",
            nlazy(
                "You have asked for %(num)d export within an hour. Wait a while, or use that one.",
                "You have asked for %(num)d exports within an hour. Wait a while, or use one of them.",
                HOURLY,
            ),
        )


def history(actor: Actor, cursor: str | None = None, size: int = 20) -> Page:
    """Every export, newest first."""
    require(actor, "audit.export")
    return keyset(select(Export), Export.created_at, Export.id, cursor=cursor, size=size)


@dataclass(frozen=True, slots=True)
class Fetch:
    """A bundle was fetched: when, and by whom as the log knows them."""

    at: datetime
    by: str


def fetches(rows: Sequence[Export]) -> dict[UUID, list[Fetch]]:
    """How often each was fetched and by whom, from the log itself, oldest first: one query for all."""
    known = {row.stream: row.id for row in rows}
    statement = select(Entry.stream, Entry.at, Entry.actor).where(
        Entry.stream.in_(known), Entry.kind == "export:fetched"
    )
    found: dict[UUID, list[Fetch]] = {row.id: [] for row in rows}
    for stream, at, by in db.session.execute(statement.order_by(Entry.stream, Entry.stream_no)):
        found[known[stream]].append(Fetch(at, by))
    return found


def find(actor: Actor, ref: str) -> Export:
    require(actor, "audit.export")
    found: Export = load(Export, ref=ref)
    return found


def fetch(actor: Actor, ref: str) -> tuple[Export, Iterator[bytes]]:
    """The bundle in pieces. That it was fetched is in the log before the first byte leaves. NotFound, Impossible."""
    with transaction():
        row: Export = load_locked(Export, ref=ref)
        require(actor, "export.fetch", row)
        if row.is_("ready") and row.storage_key is None:
            raise _gone()
        if not row.is_("ready") or row.storage_key is None:
            raise Impossible("export.not_ready", lazy("This export is not ready yet. Its page shows how far it is."))
        pieces = _open(row.storage_key)
        door.record(actor, row, "fetched", sha256=row.sha256)
    return row, pieces


def _open(key: str) -> Iterator[bytes]:
    try:
        return storage().open(key)
    except Missing as error:
        raise _gone() from error


def _gone() -> NotFound:
    return NotFound("export.gone", lazy("This bundle is not kept any more. Ask for it again."))


def storage() -> Storage:
    found: Storage = current_app.extensions["storage"]
    return found
