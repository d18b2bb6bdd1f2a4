"""Screening as the rooms above use it: plain facts in, how it stands out.

A thing (an order, a parcel, an application) is known by its public reference. Who stands in it are *parties*; a party
is looked at once for each version of lists and rules, whatever it stands in. What an officer decided is remembered with
the party and the entry, until either changes.
"""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from compliance.audit import door
from daigou.core import clock, ids, outbox
from daigou.core.access import system
from daigou.core.crypto import blind_index, blind_indexes
from daigou.core.db import advisory_lock, db, load_locked, transaction

from . import rules
from .finding import Facts, hits
from .index import Hit
from .lists import InForce, in_force
from .models import Match, Party, Use, text_of

SCREENER = system("screening")


def screen(about: str, facts: Iterable[Facts]) -> str:
    """Look at everybody in ``about``; answers how it stands: clear, held or confirmed. Safe to run twice."""
    with transaction():
        now = in_force()
        ordered = sorted(((fingerprint(row), row) for row in facts), key=lambda pair: pair[0])  # one order of locks
        parties = [_party(key, row) for key, row in ordered]
        for party in parties:
            look(party, now)
            _remember_use(about, party)
        return rules.worst(party.state for party in parties)


def standing(about: str) -> str:
    """How it stands, in one SELECT: unknown (nobody was looked at), clear, held or confirmed."""
    states = select(Party.state).join(Use, Use.party_id == Party.id).where(Use.about == about)
    return rules.worst(db.session.execute(states).scalars())


def fingerprint(facts: Facts) -> bytes:
    return blind_index("screening_parties.claims", text_of(facts.role, facts.subject, facts.to_json()))


def _party(key: bytes, facts: Facts) -> Party:
    """The party of these claims, locked; made when it is new. Two at once make one."""
    if _known(facts) is None:
        advisory_lock(f"screening/{key.hex()}")
        if _known(facts) is None:
            row = Party(ref=ids.new_ref("SCR"), subject=facts.subject, role=facts.role, fingerprint=key)
            row.claims = facts.to_json()
            door.created(SCREENER, row, role=facts.role)
            db.session.flush()
            return row
    found: Party = load_locked(Party, id=_known(facts))
    return found


def _known(facts: Facts) -> UUID | None:
    """By the keyed hash of any epoch: it may be on its way from one to the next."""
    every = blind_indexes("screening_parties.claims", text_of(facts.role, facts.subject, facts.to_json()))
    return db.session.execute(select(Party.id).where(Party.fingerprint.in_(every))).scalar_one_or_none()


def look(party: Party, now: InForce) -> None:
    """Screen a party whose row the caller has locked, unless it was with the lists and rules of now."""
    if party.screened_with == now.stamp:
        return
    claims = party.claims
    found = hits(Facts.from_json(party.role, party.subject, claims), now) if isinstance(claims, dict) else []
    settle(party, found)
    party.screened_with, party.screened_at = now.stamp, clock.now()


def settle(party: Party, found: list[Hit]) -> None:
    """Keep what was found, forget what is no longer, and move the party by what is still undecided."""
    known = {(row.code, row.entry_id, row.digest): row for row in matches(party)}
    new = {(*hit.entry.key, hit.entry.digest): hit for hit in found}
    changed = bool(new.keys() - known.keys())
    for key, row in known.items():
        if key not in new and row.decision == "open":  # a confirmed one is let go by two persons only
            row.decision, changed = "gone", True
        elif key in new and row.decision == "gone":
            row.decision, changed = "open", True
    if changed:
        outbox.put("screening.changed", party_id=party.id)
    for key, hit in new.items():
        if key not in known:
            db.session.add(_match(party, hit))
    db.session.flush()
    follow(party)


def _match(party: Party, hit: Hit) -> Match:
    entry = hit.entry
    return Match(
        ref=ids.new_ref("SCM"),
        party_id=party.id,
        code=entry.key[0],
        entry_id=entry.key[1],
        digest=entry.digest,
        name=hit.name,
        score=Decimal(str(hit.score)),
        why=list(hit.why),
        entry={
            "kind": entry.kind,
            "names": list(entry.names),
            "countries": list(entry.countries),
            "years": list(entry.years),
        },
        decision="open",
    )


def matches(party: Party) -> list[Match]:
    """Everything that ever agreed with it, the best first."""
    rows = select(Match).where(Match.party_id == party.id).order_by(Match.score.desc(), Match.id)
    return list(db.session.execute(rows).scalars())


def follow(party: Party, actor: Any = SCREENER, **facts: Any) -> None:
    """Move the party to where its matches put it: a confirmed one stops it, an open one holds it, none lets it go."""
    decisions = {row.decision for row in matches(party)}
    if "confirmed" in decisions:
        _move(party, actor, {"held": "confirm"}, facts)
    elif "open" in decisions:
        _move(party, actor, {"clear": "hold", "confirmed": "reopen"}, facts)
    else:
        _move(party, actor, {"held": "clear"}, facts)


def _move(party: Party, actor: Any, by_state: dict[str, str], facts: dict[str, Any]) -> None:
    name = by_state.get(party.state)
    if name is None:
        return
    door.transition(actor, party, name, party=party.ref, **facts)
    if name == "clear":
        outbox.put("screening.released", party_id=party.id)


def _remember_use(about: str, party: Party) -> None:
    values = {"id": ids.new_id(), "created_at": clock.now(), "about": about, "party_id": party.id}
    db.session.execute(insert(Use).values(values).on_conflict_do_nothing())


def uses(party_id: Any) -> list[str]:
    """References of the things that this party stands in."""
    return list(db.session.execute(select(Use.about).where(Use.party_id == party_id).order_by(Use.id)).scalars())
