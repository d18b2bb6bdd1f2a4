"""The carrier's webhooks: let in once, answered at once, worked on later from the carrier's own word."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from datetime import timedelta
from typing import Any
from uuid import UUID

from daigou.core import clock, outbox
from daigou.core.db import load, load_locked, transaction
from daigou.core.errors import Invalid
from daigou.core.i18n import lazy
from daigou.payments.intake import Arrived, let_in
from daigou.payments.paying.models import InboxEvent
from daigou.providers.carrier import EventSeen, Rejected

from . import following
from .carrier import carrier
from .models import Parcel

log = logging.getLogger(__name__)
COME_BACK = timedelta(minutes=1)


def receive(body: bytes, headers: Mapping[str, Any]) -> bool:
    """Let an event in. False when it was here before. Raises Invalid when its signature does not hold."""
    try:
        event = carrier().read_event(body, headers)
    except Rejected as refused:
        log.warning("carrier webhook refused", extra={"code": refused.code})
        raise Invalid({"signature": lazy("The signature does not hold.")}, f"webhook.{refused.code}") from refused
    arrived = Arrived("easypost", event.id[:120], event.kind[:80], event.object_id[:120])
    return let_in(arrived, "easypost.event" if _is_wanted(event) else None)


def _is_wanted(event: EventSeen) -> bool:
    return event.kind.startswith("tracker.")


def process(inbox_id: UUID) -> None:
    """Fetch the tracker and apply it; the effects and the inbox row's end land together."""
    event = load(InboxEvent, id=inbox_id)
    if event.done_at is not None:
        return
    found = following.refetch_of_tracker(event.object_id)
    if found is None and clock.now() - event.created_at < following.QUIET_AFTER:
        # The first event may arrive before our own transaction that names the tracker: then the job comes back.
        _come_back(inbox_id)
        return
    with transaction():
        parcel = load_locked(Parcel, id=found[0]) if found else None
        event = load_locked(InboxEvent, id=inbox_id)
        if event.done_at is None:
            if found and parcel:
                following.apply(parcel, found[1])
            event.done_at = clock.now()


def _come_back(inbox_id: UUID) -> None:
    with transaction():
        outbox.put("easypost.event", delay=COME_BACK, inbox_id=inbox_id)
