"""Webhooks of any provider are let in here: each of them once, and durable before it is answered.

One statement writes the event and the work that it makes, and is a transaction by itself: providers send thousands in a
minute when they catch up, and take back what is not answered soon.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import text

from daigou.core import clock, ids, outbox
from daigou.core.db import land

# Nothing of an event is believed but what it is about: what happened is asked of the provider.
_LET_IN = text("""
    WITH event AS (
        INSERT INTO inbox_events (id, created_at, provider, event_id, kind, object_id, account, payload, done_at)
        VALUES (:id, :now, :provider, :event_id, :kind, :object_id, :account, '{}', :done_at)
        ON CONFLICT (provider, event_id) DO NOTHING RETURNING id),
    work AS (
        INSERT INTO outbox (id, created_at, topic, queue, payload, due_at, attempts, leased)
        SELECT :work_id, :now, :topic, :queue, jsonb_build_object('inbox_id', id), :now, 0, false
        FROM event WHERE CAST(:topic AS varchar) IS NOT NULL)
    SELECT id FROM event""")


@dataclass(frozen=True, slots=True)
class Arrived:
    """What a provider says has happened: its name for it, the kind, and the object that it is about."""

    provider: str
    event_id: str
    kind: str
    object_id: str
    account: str | None = None  # another's, in which the object lives


def let_in(event: Arrived, topic: str | None) -> bool:
    """Write an event down, with work of ``topic`` on its inbox_id; without one nothing follows from it.

    False when it was here before: then nothing is written.
    """
    now, queue = clock.now(), outbox.queue_of(topic) if topic else None
    values = {
        "id": ids.new_id(),
        "work_id": ids.new_id(),
        "now": now,
        "provider": event.provider,
        "event_id": event.event_id,
        "kind": event.kind,
        "object_id": event.object_id,
        "account": event.account,
        "done_at": None if topic else now,
        "topic": topic,
        "queue": queue,
    }
    is_new = bool(land(_LET_IN, values))
    if is_new and queue:
        outbox.wake(queue)
    return is_new
