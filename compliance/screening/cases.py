"""What officers do with a held party: read, note, clear a match, or put its confirmation to a second person."""

from __future__ import annotations

from hashlib import sha256
from uuid import UUID

from sqlalchemy import select

from compliance.audit import door, proposals
from compliance.audit.models import Proposal
from daigou.core import clock
from daigou.core.access import Actor, require
from daigou.core.db import Page, db, keyset, load, load_locked, transaction
from daigou.core.errors import Denied, Impossible
from daigou.core.i18n import lazy

from . import service
from .models import ListVersion, Match, Party

CONFIRM, REOPEN = "screening.confirm", "screening.reopen"
STATES = ("held", "confirmed", "clear")


def queue(actor: Actor, state: str = "held", cursor: str | None = None) -> Page:
    """Parties in one state, the longest waiting first; of the clear ones only those that ever had a match."""
    require(actor, "screening.view")
    rows = select(Party).where(Party.state == state)
    if state == "clear":
        rows = rows.where(select(Match.id).where(Match.party_id == Party.id).exists())
    return keyset(rows, Party.state_since, Party.id, cursor=cursor, descending=state != "held")


def find(actor: Actor, ref: str) -> Party:
    require(actor, "screening.view")
    found: Party = load(Party, ref=ref)
    return found


def open_case(actor: Actor, ref: str) -> Party:
    """A case to read. That it was opened stands in the log, for it shows claims."""
    require(actor, "screening.view")
    with transaction():
        party: Party = load_locked(Party, ref=ref)
        door.record(actor, party, "viewed", party=ref)
    return party


def lists(actor: Actor) -> list[ListVersion]:
    """The current version of each list."""
    require(actor, "screening.view")
    return list(db.session.execute(select(ListVersion).filter_by(current=True).order_by(ListVersion.code)).scalars())


def add_note(actor: Actor, ref: str, words: str) -> Party:
    with transaction():
        party = _held(actor, ref, state=None)
        party.notes = "\n".join(part for part in (party.notes, f"{clock.now():%Y-%m-%d %H:%M} UTC: {words}") if part)
        door.record(actor, party, "noted", party=ref, note_sha256=_digest(party.id, words))
    return party


def clear(actor: Actor, ref: str, match_ref: str, reason: str) -> Party:
    """This entry is somebody else: remembered until claims or entry change. The last one lets the thing go on."""
    said = proposals.checked(reason)
    with transaction():
        party = _held(actor, ref)
        match = _match(party, match_ref, "open")
        _decide(actor, match, "cleared", said)
        door.record(actor, party, "match_cleared", **_facts(party, match, said))
        service.follow(party, actor)
    return party


def propose_confirmation(actor: Actor, ref: str, match_ref: str, reason: str) -> Proposal:
    """This is the listed one: a second person must agree before anything follows from it."""
    with transaction():
        party = _held(actor, ref)
        return _propose(actor, CONFIRM, party, _match(party, match_ref, "open"), reason)


def propose_reopening(actor: Actor, ref: str, match_ref: str, reason: str) -> Proposal:
    """A confirmed hit was an error, or its entry is gone: with a second person's consent it is open again."""
    with transaction():
        party = _held(actor, ref, "confirmed")
        return _propose(actor, REOPEN, party, _match(party, match_ref, "confirmed"), reason)


def proposal_of(party: Party) -> Proposal | None:
    """What waits for a second person about this party."""
    return proposals.open_about(CONFIRM, party.ref) or proposals.open_about(REOPEN, party.ref)


def _propose(actor: Actor, kind: str, party: Party, match: Match, reason: str) -> Proposal:
    if proposal_of(party) is not None:
        raise Impossible("screening.proposed", lazy("This waits for a second person already."))
    return proposals.propose(
        actor,
        kind,
        about=party.ref,
        summary=f"{match.code} {match.entry_id}, {match.name}: {match.score}",
        reason=reason,
        payload={"party": party.ref, "match": match.ref},
    )


def _confirm(actor: Actor, proposal: Proposal) -> None:
    """The second person agreed: what waits for this party stays stopped."""
    party = _held(actor, str(proposal.payload["party"]))
    match = _match(party, str(proposal.payload["match"]), "open")
    _decide(actor, match, "confirmed", proposal.reason)
    door.record(actor, party, "match_confirmed", **_facts(party, match, proposal.reason), proposal=proposal.ref)
    service.follow(party, actor)


def _reopen(actor: Actor, proposal: Proposal) -> None:
    party = _held(actor, str(proposal.payload["party"]), "confirmed")
    match = _match(party, str(proposal.payload["match"]), "confirmed")
    _decide(actor, match, "open", proposal.reason)
    door.record(actor, party, "match_reopened", **_facts(party, match, proposal.reason), proposal=proposal.ref)
    service.follow(party, actor)


_KINDS = (
    (CONFIRM, lazy("Confirmation that somebody stands on a sanctions list"), _confirm),
    (REOPEN, lazy("Reopening of a confirmed sanctions case"), _reopen),
)
for _name, _title, _apply in _KINDS:
    proposals.register(
        proposals.Kind(_name, propose="screening.decide", decide="screening.decide", title=_title, apply=_apply)
    )


def _held(actor: Actor, ref: str, state: str | None = "held") -> Party:
    """The party, locked, in this state (any without). Nobody decides on themselves."""
    require(actor, "screening.decide")
    party: Party = load_locked(Party, ref=ref)
    if party.subject == actor.subject:
        raise Denied("screening.own", lazy("This is about yourself. Another officer must decide."), actor=actor.subject)
    if state is not None and not party.is_(state):
        raise Impossible("screening.decided", lazy("This case has been decided. The page shows how."))
    return party


def _match(party: Party, match_ref: str, decision: str) -> Match:
    match: Match = load(Match, ref=match_ref, party_id=party.id)
    if match.decision != decision:
        raise Impossible("screening.decided", lazy("This case has been decided. The page shows how."))
    return match


def _decide(actor: Actor, match: Match, decision: str, reason: str) -> None:
    match.decision, match.reason = decision, reason
    match.decided_by, match.decided_at = actor.account_id, clock.now()
    db.session.flush()


def _facts(party: Party, match: Match, reason: str) -> dict[str, str]:
    return {
        "party": party.ref,
        "list": match.code,
        "entry": match.entry_id,
        "score": str(match.score),
        "reason_sha256": _digest(match.id, reason),
    }


def _digest(salt: UUID, words: str) -> str:
    """Free words may name somebody, so the log holds a salted hash."""
    return sha256(salt.bytes + words.encode()).hexdigest()
