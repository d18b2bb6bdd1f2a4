"""Four eyes: one person proposes, another agrees, and only then it happens, in the transaction of the agreement.

A room registers its kinds where its services are::

    proposals.register(proposals.Kind("fee.change", propose="fee.propose", decide="fee.decide",
                                      title=lazy("Change of a fee"), apply=_change_fee))

ASVS 5.0, 2.3.5: nobody approves what they proposed themselves, whatever roles they hold.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from typing import Any, Final

from sqlalchemy import func, select

from daigou.core import clock, ids
from daigou.core.access import Actor, can, require, system
from daigou.core.db import Page, db, keyset, load, load_locked, transaction
from daigou.core.errors import Denied, Invalid
from daigou.core.i18n import lazy, nlazy

from . import door
from .models import Proposal

LIFE: Final = timedelta(days=14)
"""What nobody agreed to by then is dropped: the figures it was made with are old."""
SHORTEST, LONGEST = 10, 1000
"""Characters of a reason."""
_BATCH: Final = 100


@dataclass(frozen=True, slots=True)
class Kind:
    """What can be proposed. ``apply(actor, proposal)`` does it, with the second person as actor; what it raises
    refuses the approval and leaves the proposal as it was."""

    name: str
    propose: str
    decide: str
    title: object
    apply: Callable[[Actor, Proposal], Any]


_kinds: dict[str, Kind] = {}


def register(kind: Kind) -> None:
    _kinds[kind.name] = kind


def kind_of(proposal: Proposal) -> Kind:
    return _kinds[proposal.kind]


def kinds() -> Mapping[str, Kind]:
    return _kinds


def propose(actor: Actor, kind: str, *, about: str, summary: str, reason: str, payload: Mapping[str, Any]) -> Proposal:
    """Put something before a second person. Invalid where the reason is too short or too long."""
    require(actor, _kinds[kind].propose)
    with transaction():
        row = Proposal(
            ref=ids.new_ref("PRP"),
            kind=kind,
            about=about,
            summary=summary,
            reason=checked(reason),
            payload=dict(payload),
            proposed_by=actor.account_id,
            expires_at=clock.now() + LIFE,
        )
        door.created(actor, row, about=about, kind_proposed=kind, **_digests(row))
    return row


def approve(actor: Actor, ref: str, note: str = "") -> Proposal:
    """Agree, and do it. Denied for the one who proposed it; Impossible once it is decided or too old."""
    with transaction():
        row = _locked(actor, ref)
        if row.proposed_by == actor.account_id:
            raise _own(actor, row)
        row.decided_by, row.decision = actor.account_id, note.strip()
        door.transition(actor, row, "approve", about=row.about, kind_proposed=row.kind, **_digests(row))
        kind_of(row).apply(actor, row)
    return row


def decline(actor: Actor, ref: str, reason: str) -> Proposal:
    """Refuse it, with a reason that the proposer reads."""
    with transaction():
        row = _locked(actor, ref)
        if row.proposed_by == actor.account_id:
            raise _own(actor, row)
        row.decided_by, row.decision = actor.account_id, checked(reason)
        door.transition(actor, row, "decline", about=row.about, kind_proposed=row.kind)
    return row


def withdraw(actor: Actor, ref: str) -> Proposal:
    """Take one's own back."""
    with transaction():
        row: Proposal = load_locked(Proposal, ref=ref)
        door.transition(actor, row, "withdraw", about=row.about, kind_proposed=row.kind)
    return row


def expire_due() -> int:
    """The job: drop what nobody decided in time. How many."""
    due = select(Proposal.ref).where(Proposal.state == "proposed", Proposal.expires_at < clock.now()).limit(_BATCH)
    with transaction() as session:
        rows = session.scalars(select(Proposal).where(Proposal.ref.in_(due)).with_for_update(skip_locked=True)).all()
        for row in rows:
            if row.is_("proposed"):
                door.transition(system("audit"), row, "expire", about=row.about, kind_proposed=row.kind)
    return len(rows)


def counts(actor: Actor) -> dict[str, int]:
    """How many of each kind wait for a second person."""
    require(actor, "proposal.view")
    open_ones = select(Proposal.kind, func.count()).where(Proposal.state == "proposed").group_by(Proposal.kind)
    return {kind: count for kind, count in db.session.execute(open_ones.order_by(Proposal.kind))}  # noqa: C416 (rows)


def waiting(actor: Actor, cursor: str | None = None, kind: str | None = None) -> Page:
    """What waits for a second person, oldest first; of one kind, or of all."""
    require(actor, "proposal.view")
    rows = select(Proposal).where(Proposal.state == "proposed", *([Proposal.kind == kind] if kind else []))
    return keyset(rows, Proposal.created_at, Proposal.id, cursor=cursor, descending=False)


def decided(actor: Actor, cursor: str | None = None) -> Page:
    """What was decided, newest first."""
    require(actor, "proposal.view")
    rows = select(Proposal).where(Proposal.state != "proposed")
    return keyset(rows, Proposal.created_at, Proposal.id, cursor=cursor)


def find(actor: Actor, ref: str) -> Proposal:
    require(actor, "proposal.view")
    found: Proposal = load(Proposal, ref=ref)
    return found


def open_about(kind: str, about: str) -> Proposal | None:
    """The proposal of this kind that is still undecided for this thing, if there is one."""
    statement = select(Proposal).filter_by(kind=kind, about=about, state="proposed").limit(1)
    return db.session.execute(statement).scalar_one_or_none()


def may_decide(actor: Actor, row: Proposal) -> bool:
    return row.is_("proposed") and row.proposed_by != actor.account_id and can(actor, kind_of(row).decide)


def checked(reason: str) -> str:
    """A reason as it is kept. Invalid by field ``reason``."""
    words = reason.strip()
    if len(words) < SHORTEST:
        wrong = nlazy(
            "Give a reason of at least %(num)d character.", "Give a reason of at least %(num)d characters.", SHORTEST
        )
        raise Invalid({"reason": wrong})
    if len(words) > LONGEST:
        raise Invalid({"reason": nlazy("At most %(num)d character.", "At most %(num)d characters.", LONGEST)})
    return words


def _locked(actor: Actor, ref: str) -> Proposal:
    row: Proposal = load_locked(Proposal, ref=ref)
    require(actor, kind_of(row).decide)
    return row


def _own(actor: Actor, row: Proposal) -> Denied:
    words = lazy("You proposed this yourself. Another person must decide.")
    return Denied("proposal.own", words, actor=actor.subject, thing=row.stream)


def _digests(row: Proposal) -> dict[str, str]:
    """What was agreed to, provable later: free words may name somebody, so the log holds salted hashes."""
    said = "\0".join((row.summary, row.reason, repr(sorted(row.payload.items()))))
    return {"content_sha256": sha256(row.id.bytes + said.encode()).hexdigest()}
