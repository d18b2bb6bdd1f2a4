"""An officer asks for a bundle; a job writes it; it is fetched. Each of the three stands in the log."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from functools import partial
from hashlib import sha256
from tempfile import TemporaryFile
from typing import IO, Any, Final
from uuid import UUID

from flask import current_app
from sqlalchemy import func, select, update

from daigou.core import clock, faults, ids, outbox
from daigou.core.access import Actor, require, system
from daigou.core.db import Page, advisory_lock, db, keyset, load, load_locked, transaction
from daigou.core.errors import Impossible, Invalid, NotFound, Unavailable
from daigou.core.i18n import lazy, nlazy
from daigou.providers.storage import Missing, Storage

from . import checkpoint, door, log, papers, proposals, sealing, searching, service
from .bundle import Filter
from .export import NothingToExport, Progress, Summary, WitnessDisagrees
from .log import LogDamaged, StoredCheckpoint
from .models import Entry, Export, Proposal
from .note import NoteError

HOURLY: Final = 10
"""Exports that one officer may ask for in an hour."""
SHORTEST, LONGEST = 10, 500
"""Characters of a reason."""
_BUILDER: Final = 4715
"""Advisory lock: one bundle is built at a time, so that exports never take all workers."""
_AGAIN: Final = timedelta(seconds=30)
_CHUNK: Final = 1 << 18

# What went wrong, as it is kept in the row; the page has the words.
DAMAGED, WITNESS, NOTHING = "damaged", "witness", "nothing"


@dataclass(frozen=True, slots=True)
class Wanted:
    """What an officer asks for, and why. ``witness`` is the text of a checkpoint that somebody outside has kept,
    ``recipient`` the age public key of its only reader. With ``documents``, and of one person, a second must agree."""

    chosen: Filter
    reason: str
    locale: str
    witness: str | None = None
    recipient: str | None = None
    documents: bool = False


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
        _check_wanted(wanted, newest)
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


def _check_wanted(wanted: Wanted, newest: StoredCheckpoint) -> None:
    wrong: dict[str, object] = {}
    if len(wanted.reason.strip()) < SHORTEST:
        wrong["reason"] = nlazy(
            "Say in at least %(num)d character what this export is for.",
            "Say in at least %(num)d characters what this export is for.",
            SHORTEST,
        )
    elif len(wanted.reason) > LONGEST:
        wrong["reason"] = nlazy("At most %(num)d character.", "At most %(num)d characters.", LONGEST)
    if fault := _witness_fault(wanted.witness, newest):
        wrong["witness"] = fault
    if fault := _recipient_fault(wanted.recipient):
        wrong["recipient"] = fault
    if not wrong and _is_empty(wanted.chosen):
        wrong["since"] = lazy("The log holds no entry of this choice. Widen the time or leave out a condition.")
    if wrong:
        raise Invalid(wrong)


def _witness_fault(witness: str | None, newest: StoredCheckpoint) -> Any:
    """What is wrong with an outside checkpoint, before anything is built with it."""
    if witness is None:
        return None
    try:
        seen, _signed = checkpoint.parse(witness)
    except NoteError:
        return lazy("This is no checkpoint. It is a short text: the log’s name, a number, a root and a signature.")
    if seen.origin != service.config().log_origin:
        return lazy("This checkpoint is of another log: %(origin)s.", origin=seen.origin)
    if seen.size > newest.size:
        return lazy("This checkpoint saw more entries than the log has signed. Keep it safe and tell your auditor.")
    if log.root_at(searching.reading(), seen.size) != seen.root:
        return lazy("This checkpoint saw another tree than the log has. Keep it safe and tell your auditor.")
    return None


def _recipient_fault(recipient: str | None) -> Any:
    try:
        sealing.check_recipient(recipient or "") if recipient else None
    except sealing.WrongKey:
        return lazy("This is no age public key. It begins with “age1” and has 62 characters.")
    return None


def _is_empty(chosen: Filter) -> bool:
    """Whether surely nothing matches; where a look stopped before the end of the log, the bundle itself will say."""
    found = searching.matching(searching.Facets(chosen.since, chosen.until, **chosen.facets()))
    return not found.rows and found.looked_to is None


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


def build(export_id: UUID) -> None:
    """The job. Safe to run twice: one at a time builds, and what is ready or has failed for good stays so."""
    with _alone() as alone:
        row = _begin(export_id) if alone else None
        if row is not None:
            _build(row)
    if not alone:
        with transaction():
            outbox.put("export.build", delay=_AGAIN, export_id=export_id)


@contextmanager
def _alone() -> Iterator[bool]:
    """Whether this is the only builder. A lock of the session: it outlives transactions, and ends with the process."""
    with service.connected() as connection:
        taken = bool(connection.execute("SELECT pg_try_advisory_lock(%s)", (_BUILDER,)).fetchone()[0])  # type: ignore[index]
        try:
            yield taken
        finally:
            if taken and not connection.closed:
                connection.execute("SELECT pg_advisory_unlock(%s)", (_BUILDER,))


def _begin(export_id: UUID) -> Export | None:
    with transaction():
        faults.step("export.begin")
        row: Export = load_locked(Export, id=export_id)
        if row.is_("requested") and _may_build(row):
            door.transition(system("audit"), row, "build")
        return row if row.is_("building") else None


def _may_build(row: Export) -> bool:
    asked = second_person(row)
    return not needs_two(row) or (asked is not None and asked.is_("approved"))


def _build(row: Export) -> None:
    with TemporaryFile() as file:
        try:
            summary = _write(row, file)
        except (LogDamaged, WitnessDisagrees, NothingToExport) as error:
            _fail(row, {LogDamaged: DAMAGED, WitnessDisagrees: WITNESS}.get(type(error), NOTHING))
            return
        size, digest = measure(file)
        key = f"exports/{row.id.hex}"
        storage().put(key, chunks(file))
        faults.point("export.after_effect")
    _finish(row, key, size, digest, summary)


def _write(row: Export, file: IO[bytes]) -> Summary:
    service.sequence_due()  # what was written a moment ago belongs into the bundle too
    open_papers = partial(papers.opened, ref=row.ref) if row.with_documents else None
    wish = service.Wish(Filter.from_json(row.filter), row.witness, row.locale, row.recipient, open_papers)
    return service.write_for(file, wish, _teller(row.id))


def _teller(export_id: UUID) -> Progress:
    """Writes the progress into the row when it is another percent; what is left is the packing."""
    shown = -1

    def tell(done: int, total: int) -> None:
        nonlocal shown
        percent = min(99, 100 * done // max(total, 1))
        if percent != shown:
            shown = percent
            with transaction() as session:
                session.execute(update(Export).where(Export.id == export_id).values(progress=percent))

    return tell


def measure(file: IO[bytes]) -> tuple[int, str]:
    """Bytes and SHA-256 of a file that was just written."""
    digest, size = sha256(), 0
    for piece in chunks(file):
        digest.update(piece)
        size += len(piece)
    return size, digest.hexdigest()


def chunks(file: IO[bytes]) -> Iterator[bytes]:
    file.seek(0)
    return iter(partial(file.read, _CHUNK), b"")


def _finish(row: Export, key: str, size: int, digest: str, summary: Summary) -> None:
    with transaction():
        faults.step("export.finish")
        done: Export = load_locked(Export, id=row.id)
        held: dict[str, Any] = asdict(summary)
        done.storage_key, done.size, done.sha256, done.holds, done.progress = key, size, digest, held, 100
        door.transition(system("audit"), done, "finish", sha256=digest, size=size, shown=summary.shown)


def _fail(row: Export, error: str) -> None:
    with transaction():
        failed: Export = load_locked(Export, id=row.id)
        failed.error = error
        door.transition(system("audit"), failed, "fail", error=error)
