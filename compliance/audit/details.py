"""One entry of the trail, with what proves it and its neighbours."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import select

from daigou.core.access import Actor, require
from daigou.core.db import db
from daigou.core.errors import NotFound
from daigou.core.i18n import lazy

from . import entry, log, merkle
from .entry import EntryError
from .log import LogDamaged, Proof, StoredCheckpoint
from .models import Entry, Leaf
from .searching import reading

ProofState = Literal["waiting", "unsigned", "proved", "broken"]


@dataclass(frozen=True, slots=True)
class Detail:
    """One entry with what proves it. ``body`` is None when its bytes are no entry any more."""

    entry: Entry
    body: dict[str, Any] | None
    index: int | None
    state: ProofState
    proof: Proof | None
    newest: StoredCheckpoint | None
    before: Entry | None
    after: Entry | None


def detail(actor: Actor, entry_id: UUID) -> Detail:
    """One entry with its place, its proof against the newest checkpoint and its neighbours. NotFound."""
    require(actor, "audit.view")
    row = db.session.execute(
        select(Entry, Leaf.leaf_index).outerjoin(Leaf, Leaf.entry_id == Entry.id).where(Entry.id == entry_id)
    ).one_or_none()
    if row is None:
        raise NotFound("audit.no_entry", lazy("The log has no such entry."))
    found, index = row
    newest = log.latest_checkpoint(reading())
    state, proof = _proved(found, index, newest)
    before, after = _neighbours(found)
    return Detail(found, _body(found), index, state, proof, newest, before, after)


def entry_at(index: int) -> UUID:
    """The id of the entry with this place in the log; NotFound."""
    found = db.session.execute(select(Leaf.entry_id).where(Leaf.leaf_index == index)).scalar_one_or_none()
    if found is None:
        raise NotFound("audit.no_entry", lazy("The log has no entry of this number yet."))
    return found


def _proved(found: Entry, index: int | None, newest: StoredCheckpoint | None) -> tuple[ProofState, Proof | None]:
    if index is None:
        return "waiting", None
    if newest is None or index >= newest.size:
        return "unsigned", None
    try:
        proof = log.inclusion_proof(reading(), index, newest.size)
    except LogDamaged:
        return "broken", None
    leaf = merkle.leaf_hash(bytes(found.body))
    stored = (proof.root, proof.leaf_hash) == (newest.root, leaf)
    holds = stored and merkle.verify_inclusion(index, newest.size, leaf, proof.hashes, newest.root)
    return ("proved" if holds and _says_the_same(found) else "broken"), proof


def _says_the_same(found: Entry) -> bool:
    """The columns that officers search say what the entry itself says."""
    body = _body(found)
    if body is None:
        return False
    said = {"subject": None, "order_ref": None, "merchant_ref": None, **body["facts"]}
    names = ("kind", "stream", "actor")
    return all(body[n] == getattr(found, n) for n in names) and all(said[n] == getattr(found, n) for n in entry.FACETS)


def _body(found: Entry) -> dict[str, Any] | None:
    try:
        return entry.decode(bytes(found.body))
    except EntryError:
        return None


def _neighbours(found: Entry) -> tuple[Entry | None, Entry | None]:
    """The entries before and after it in its stream."""
    numbers = (found.stream_no - 1, found.stream_no + 1)
    statement = select(Entry).where(Entry.stream == found.stream, Entry.stream_no.in_(numbers))
    by_number = {e.stream_no: e for e in db.session.execute(statement).scalars()}
    return by_number.get(numbers[0]), by_number.get(numbers[1])
