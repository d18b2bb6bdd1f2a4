"""The one door: a state and its audit entry are written here, together, or not at all.

Each entry carries its number in the stream of the thing and the hash of the entry before. The thing's own row is locked
by whoever moves it, so the chain costs no lock of its own; streams without such a row keep their head in audit_streams.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from sqlalchemy import insert
from sqlalchemy.dialects.postgresql import insert as upsert

from daigou.core import clock, ids
from daigou.core.access import Actor, require
from daigou.core.db import after_commit, as_sent, db, in_transaction, write_last
from daigou.core.outbox import wake
from daigou.core.states import Stateful, door

from . import entry, merkle
from .models import Entry, StreamHead

GENESIS = b"\0" * 32
SEQUENCER_QUEUE = "audit"

# Entries are never read back in the transaction that writes them: all of them go in one statement at its end.
_ENTER = as_sent(insert(Entry.__table__))
_OPEN_STREAM = upsert(StreamHead.__table__).on_conflict_do_nothing(index_elements=["stream"])

Facts = Mapping[str, str | int | bool | list[str] | None]


def transition(actor: Actor, thing: Any, name: str, **facts: Any) -> None:
    """Move ``thing``: permission, machine, state and entry in one go. The caller holds the thing's row lock.

    Raises Denied or NotFound by permission, Impossible by state. Facts are strings, integers and booleans, never
    personal data.
    """
    require(actor, thing.machine.permission(name, thing.state), thing)
    row = thing.machine.find(thing.state, name)
    before = thing.state
    with door():
        thing.state = row.target
    thing.state_since = clock.now()
    _append(actor, thing, f"{thing.machine.name}:{name}", {"from": before, "to": row.target, **facts})


def record(actor: Actor, thing: Any, tag: str, **facts: Any) -> None:
    """An entry on a thing's stream without a change of its state (created, viewed, noted)."""
    _append(actor, thing, f"{thing.machine.name}:{tag}", facts)


def created(actor: Actor, thing: Any, **facts: Any) -> None:
    """The first entry of a new thing's stream, and the thing itself added to the session."""
    db.session.add(thing)
    _append(actor, thing, f"{thing.machine.name}:created", {"to": thing.state, **facts})


def note(actor: Actor, stream: str, kind: str, *, outcome: str = "done", **facts: Any) -> None:
    """An entry on a stream that no business row carries, such as ``account/<id>`` sign-ins."""
    extend(actor, lock_head(stream), kind, facts, outcome)


def extend(actor: Actor, head: StreamHead, kind: str, facts: dict[str, Any], outcome: str = "done") -> None:
    """Like note(), on a stream whose head the caller has locked."""
    no, prev = head.stream_no + 1, head.stream_head
    leaf = _insert(actor, head.stream, no, prev, kind, facts, outcome)
    head.stream_no, head.stream_head = no, leaf


def _append(actor: Actor, thing: Stateful, kind: str, facts: dict[str, Any]) -> None:
    if not in_transaction():
        raise RuntimeError("audit entries belong into the transaction of the change")
    number = thing.stream_no + 1
    leaf = _insert(actor, thing.stream, number, thing.stream_head, kind, {**facets_of(thing), **facts}, "done")
    thing.stream_no, thing.stream_head = number, leaf


def facets_of(thing: Any) -> dict[str, Any]:
    """What officers search by; a thing gives its own through ``facets()``."""
    return thing.facets() if hasattr(thing, "facets") else {}


def _insert(
    actor: Actor, stream: str, number: int, prev: bytes, kind: str, facts: dict[str, Any], outcome: str
) -> bytes:
    facts = {k: v for k, v in facts.items() if v is not None}
    facets = {k: facts.pop(k, None) for k in ("subject", "order_ref", "merchant_ref")}
    at = clock.now()
    body = entry.encode(
        {
            "at": at,
            "kind": kind,
            "stream": stream,
            "no": number,
            "prev": prev,
            "actor": actor.subject,
            "facts": facts,
            "outcome": outcome,
            **facets,
        }
    )
    leaf = merkle.leaf_hash(body)
    row = {
        "id": ids.new_id(),
        "created_at": at,
        "at": at,
        "kind": kind,
        "stream": stream,
        "stream_no": number,
        "prev_hash": prev,
        "actor": actor.subject,
        "body": body,
        "leaf_hash": leaf,
        "outcome": outcome,
        **facets,
    }
    write_last(_ENTER, row)
    after_commit(lambda: wake(SEQUENCER_QUEUE), once="wake:audit")
    return leaf


def lock_head(stream: str) -> StreamHead:
    """The head of a stream that no business row carries, locked; made where there is none."""
    db.session.execute(_OPEN_STREAM, {"stream": stream, "stream_no": 0, "stream_head": GENESIS})
    return db.session.get_one(StreamHead, stream, with_for_update=True, populate_existing=True)
