"""What people ask of us about their own data (GDPR art. 15 to 17 and 20): received, due in a month, answered."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

from sqlalchemy import select

from compliance.audit import door
from daigou.core import clock, ids, outbox
from daigou.core.access import Actor, require
from daigou.core.db import Page, advisory_lock, db, keyset, load, load_locked, transaction
from daigou.core.errors import Impossible, Invalid, NotFound, Refusal
from daigou.core.i18n import lazy, nlazy
from daigou.documents import access
from daigou.documents import service as documents
from daigou.documents.models import StoredFile

from . import holds, rules
from .models_requests import PrivacyRequest
from .subject import Person, person_with

COPIES = ("access", "portability")
OPEN = ("received", "running")
SHOWN = 20
COPY = "privacy_copy"


class Hindered(Impossible):
    """An erasure that open business stands in the way of: which, in ``obstacles``."""

    def __init__(self, obstacles: list[holds.Obstacle]) -> None:
        words = nlazy(
            "Something of yours is still open. Your account can be erased when it is done.",
            "%(num)d things of yours are still open. Your account can be erased when they are done.",
            len(obstacles),
        )
        super().__init__("privacy.hindered", words)
        self.obstacles = obstacles


def ask_copy(actor: Actor, person: Person, kind: str = "access") -> PrivacyRequest:
    """Have everything put together that we hold of this person; the job tells when it is ready. One at a time."""
    if kind not in COPIES:
        raise Invalid({"kind": lazy("Choose what you want.")})
    with transaction():
        row = _receive(actor, person, kind)
        outbox.put("privacy.copy", request_id=row.id)
    return row


def ask_erasure(actor: Actor, person: Person, *, at_once: bool = False) -> PrivacyRequest:
    """Erase this person after the days to think it over, or at once (an operator, asked by letter).

    Hindered while business is open; Unavailable while no rule says how long records are kept.
    """
    with transaction():
        if found := holds.obstacles(person):
            raise Hindered(found)
        holds.stays(person)
        row = _receive(actor, person, "erasure")
        wait = 0 * rules.COOLING_OFF if at_once else rules.COOLING_OFF
        row.runs_at = clock.now() + wait
        outbox.put("privacy.asked", request_id=row.id)
        outbox.put("privacy.erase", delay=wait or None, request_id=row.id)
    return row


def ask_correction(actor: Actor, person: Person, words: str) -> PrivacyRequest:
    """Something that the person can't put right on their own pages. Invalid without words."""
    if not words.strip():
        raise Invalid({"words": lazy("Say what is wrong, and what is right.")})
    with transaction():
        row = _receive(actor, person, "rectification")
        row.words = words.strip()
    return row


def _receive(actor: Actor, person: Person, kind: str) -> PrivacyRequest:
    advisory_lock(f"privacy/{person.account_id}")
    if open_of(person.account_id, kind):
        words = lazy("You have asked for this already, and it is on its way. The list below shows how far it is.")
        raise Impossible("privacy.asked", words)
    row = PrivacyRequest(
        ref=ids.new_ref("PRV"), account_id=person.account_id, subject=person.subject, kind=kind,
        due_on=rules.month_after(clock.today()),
    )  # fmt: skip
    require(actor, "privacy.ask", row)
    door.created(actor, row, request=kind, due_on=row.due_on.isoformat())
    db.session.flush()
    return row


def open_of(account_id: UUID, kind: str) -> PrivacyRequest | None:
    statement = select(PrivacyRequest).filter_by(account_id=account_id, kind=kind)
    found: PrivacyRequest | None = db.session.scalars(statement.where(PrivacyRequest.state.in_(OPEN))).first()
    return found


def withdraw(actor: Actor, ref: str) -> None:
    """Think better of it, as long as nothing has begun."""
    with transaction():
        row = load_locked(PrivacyRequest, ref=ref)
        require(actor, "privacy.ask", row)
        door.transition(actor, row, "withdraw")


def mine(actor: Actor) -> Sequence[Any]:
    """The actor's own requests, newest first."""
    rows = select(PrivacyRequest).where(PrivacyRequest.account_id == actor.account_id)
    newest = rows.order_by(PrivacyRequest.created_at.desc(), PrivacyRequest.id.desc())
    return db.session.scalars(newest.limit(SHOWN)).all()


def copy_of(actor: Actor, ref: str) -> StoredFile:
    """The file of an answered request, for its owner alone; that it was fetched stands in the log. NotFound."""
    row = load(PrivacyRequest, ref=ref)
    require(actor, "privacy.ask", row)
    file = db.session.get(StoredFile, row.file_id) if row.file_id else None
    if file is None or file.deleted_at is not None:
        raise NotFound("privacy.copy_gone", lazy("This copy is not kept any more. Ask for another one."))
    return documents.view(actor, file.ref)


def _may_read(actor: Actor, file: StoredFile) -> None:
    """Its owner, and nobody who works here."""
    require(actor, "privacy.ask", load(PrivacyRequest, file_id=file.id))


access.by_kind[COPY] = _may_read


def queue(actor: Actor, cursor: str | None = None) -> Page:
    """What waits for somebody, the one that is due first at the top."""
    require(actor, "privacy.view")
    rows = select(PrivacyRequest).where(PrivacyRequest.state.in_(OPEN))
    return keyset(rows, PrivacyRequest.due_on, PrivacyRequest.id, cursor=cursor, descending=False)


def closed(actor: Actor) -> Sequence[Any]:
    """What was done last."""
    require(actor, "privacy.view")
    rows = select(PrivacyRequest).where(PrivacyRequest.state.not_in(OPEN))
    last = rows.order_by(PrivacyRequest.due_on.desc(), PrivacyRequest.id.desc())
    return db.session.scalars(last.limit(SHOWN)).all()


def find(actor: Actor, ref: str) -> PrivacyRequest:
    require(actor, "privacy.view")
    found: PrivacyRequest = load(PrivacyRequest, ref=ref)
    return found


def take(actor: Actor, ref: str) -> None:
    with transaction():
        row = load_locked(PrivacyRequest, ref=ref)
        _by_hand(row)
        door.transition(actor, row, "take")
        row.owner = actor.account_id


def answer(actor: Actor, ref: str, words: str) -> None:
    """It was put right; the words go to the person. Invalid without."""
    _decide(actor, ref, "answer", words)


def refuse(actor: Actor, ref: str, words: str) -> None:
    """It is not done; the words say why (GDPR art. 12(4)), and go to the person. Invalid without."""
    _decide(actor, ref, "refuse", words)


def _decide(actor: Actor, ref: str, move: str, words: str) -> None:
    if not words.strip():
        raise Invalid({"answer": lazy("Say what the person shall read.")})
    with transaction():
        row = load_locked(PrivacyRequest, ref=ref)
        if move == "answer":
            _by_hand(row)
        row.answer, row.owner = words.strip(), row.owner or actor.account_id
        door.transition(actor, row, move, late=clock.today() > row.due_on)
        outbox.put("privacy.decided", request_id=row.id)


def _by_hand(row: PrivacyRequest) -> None:
    if row.kind != "rectification":
        raise Impossible("privacy.by_job", lazy("This is answered by a job. An officer may only refuse it."))


def explained(person: Person) -> tuple[list[holds.Obstacle], dict[str, holds.Stay] | None]:
    """What stands in the way, and what stays for how long; None while no rule says so."""
    try:
        return holds.obstacles(person), holds.stays(person)
    except Refusal:
        return holds.obstacles(person), None


def own(actor: Actor) -> Person:
    """The actor as the person whose data it is."""
    if actor.account_id is None:
        raise NotFound("privacy.nobody", lazy("There is no account of this name."))
    return person_with(actor.account_id)


def days_left(row: PrivacyRequest, today: date) -> int:
    return (row.due_on - today).days
