"""Denied attempts in the log: each one up to a rate, then how many there were in that minute."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any, Final

from daigou.core import clock, outbox
from daigou.core.access import Actor
from daigou.core.db import transaction
from daigou.core.errors import Refusal

from . import door, entry
from .models import StreamHead

LIMIT: Final = 20
"""Entries of one actor in one minute; what goes beyond is summed up in one more."""
MINUTE: Final = timedelta(minutes=1)


def record(refusal: Refusal) -> None:
    """Write a denied attempt. Its use case rolled back, so this is a transaction of its own."""
    actor = Actor(str(refusal.facts.get("actor", "anonymous")))
    with transaction():
        head = door.lock_head(_stream(actor))
        count = _count(actor, head)
        if count <= LIMIT:
            _write(actor, head, refusal)
        elif count == LIMIT + 1:
            outbox.put("audit.sum_refusals", delay=MINUTE, actor=actor.subject)


def sum_up(subject: str) -> None:
    """Write the summary of an actor's last minute, if that minute is over and had more than its entries say."""
    actor = Actor(subject)
    with transaction():
        head = door.lock_head(_stream(actor))
        if head.window_at is not None and head.window_at < _minute():
            _close(actor, head)


def _stream(actor: Actor) -> str:
    return f"denied/{actor.subject}"


def _minute() -> datetime:
    return clock.now().replace(second=0, microsecond=0)


def _count(actor: Actor, head: StreamHead) -> int:
    """How many attempts this minute has seen, with this one."""
    if head.window_at != _minute():
        _close(actor, head)
        head.window_at = _minute()
    head.window_count += 1
    return head.window_count


def _close(actor: Actor, head: StreamHead) -> None:
    if head.window_at is not None and head.window_count > LIMIT:
        facts = {"count": head.window_count - LIMIT, "minute": entry.stamp(head.window_at)}
        door.extend(actor, head, "access:denied_more", facts, "denied")
    head.window_count = 0


def _write(actor: Actor, head: StreamHead, refusal: Refusal) -> None:
    """On the stream of the attempts at that thing, so that all of a stream has the same facets; else on the actor's."""
    known = refusal.facts
    facts: dict[str, Any] = {"code": refusal.code, "permission": known.get("permission"), "thing": known.get("thing")}
    if known.get("thing"):
        where = door.lock_head(f"denied/{str(known['thing']).replace('/', ':')}")
        facts |= dict(known.get("facets") or {})  # type: ignore[call-overload]
        door.extend(actor, where, "access:denied", facts, "denied")
    else:
        door.extend(actor, head, "access:denied", facts, "denied")
