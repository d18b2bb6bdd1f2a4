"""Webhooks: let in once, answered at once, worked on later from the provider's own word."""

from __future__ import annotations

import logging
from collections.abc import Callable
from functools import partial
from uuid import UUID

from flask import current_app
from redis import RedisError

from compliance.audit import door
from compliance.identity import checking
from daigou.core import clock, faults, outbox
from daigou.core.access import ANONYMOUS
from daigou.core.db import load, load_locked, transaction
from daigou.providers.payment import Rejected

from . import settling
from .intake import Arrived, let_in
from .paying import declining
from .paying.models import InboxEvent
from .payouts import bankward, onboarding, sending
from .provider import provider
from .refunds import refunding

log = logging.getLogger(__name__)

NOTED_SECONDS = 10  # bad signatures are logged each time, but audited at most this often: anybody can send them


class NotSigned(Exception):
    """A webhook that nobody vouches for. ``code`` says what is wrong with its signature."""

    def __init__(self, code: str) -> None:
        super().__init__(code)
        self.code = code


def receive(body: bytes, signature: str | None) -> bool:
    """Let an event in. False when it was here before. Raises NotSigned when its signature does not hold."""
    try:
        event = provider().read_event(body, signature)
    except Rejected as refused:
        _note_refused(refused.code)
        raise NotSigned(refused.code) from refused
    arrived = Arrived("stripe", event.id, event.kind, event.object_id, event.account)
    faults.point("webhook.receive.before_commit")
    fresh = let_in(arrived, "stripe.event" if _is_wanted(event.kind) else None)
    faults.point("webhook.receive.after_commit")
    return fresh


def _note_refused(code: str) -> None:
    log.warning("webhook refused", extra={"code": code})
    try:
        first = current_app.extensions["redis"].set("daigou:webhook-refused", 1, nx=True, ex=NOTED_SECONDS)
    except RedisError:
        return
    if first:
        with transaction():
            door.note(ANONYMOUS, "webhook/stripe", "webhook:refused", outcome="denied", code=code)


def process(inbox_id: UUID) -> None:
    """Fetch what an event is about and apply it; the effects and the inbox row's end land together."""
    with transaction():
        event = load(InboxEvent, id=inbox_id)
    if event.done_at is not None:
        return
    faults.point("webhook.before_call")
    effect = _effect(event)
    faults.point("webhook.after_effect")
    with transaction():
        faults.step("webhook.apply")
        event = load_locked(InboxEvent, id=inbox_id)
        if event.done_at is None:
            effect()
            event.done_at = clock.now()


def _effect(event: InboxEvent) -> Callable[[], None]:
    """Asks the provider now, answers with what is to be done in the transaction."""
    for prefix, fetch in _FETCH.items():
        if event.kind.startswith(prefix):
            try:
                return fetch(event)
            except Rejected as refused:
                # Another platform's object under our account, or one that was deleted since.
                log.error("the provider does not know what its event is about", extra={"code": refused.code})
    return lambda: None


def _is_wanted(kind: str) -> bool:
    return kind.startswith(tuple(_FETCH))


def _page(event: InboxEvent) -> Callable[[], None]:
    """A page on which a bill was paid, or a card was set up for an identity check."""
    if checking.is_card_page(event.object_id):
        return checking.fetch_card_event(event.object_id)
    return partial(settling.apply, provider().payment_of_page(event.object_id))


def _failed_try(event: InboxEvent) -> Callable[[], None]:
    """Each try counts, also where the payment has had another one since: the event keeps what the payment forgets."""
    refused, seen = provider().refused_try(event.event_id), provider().payment_of_intent(event.object_id)

    def apply() -> None:
        declining.note(refused)
        settling.apply(seen)

    return apply


def _refunds_of_charge(event: InboxEvent) -> Callable[[], None]:
    seen = provider().refunds_of_charge(event.object_id)

    def apply() -> None:
        for one in seen:
            refunding.apply(one)

    return apply


def _hand_up(topic: str, object_id: str) -> None:
    """Work of a room above this one, which asks the provider itself."""
    outbox.put(topic, provider_id=object_id)


# The first prefix that fits is taken.
_FETCH: dict[str, Callable[[InboxEvent], Callable[[], None]]] = {
    "checkout.session.": _page,
    "payment_intent.payment_failed": _failed_try,
    "payment_intent.": lambda event: partial(settling.apply, provider().payment_of_intent(event.object_id)),
    "charge.refund.": lambda event: partial(refunding.apply, provider().refund_seen(event.object_id)),
    "charge.refunded": _refunds_of_charge,
    "charge.dispute.": lambda event: partial(_hand_up, "dispute.refetch", event.object_id),
    "identity.verification_session.": lambda event: checking.fetch_event(event.object_id),
    "refund.": lambda event: partial(refunding.apply, provider().refund_seen(event.object_id)),
    "transfer.": lambda event: partial(sending.apply, provider().transfer_seen(event.object_id)),
    # the one object that lives in an account that is not always ours
    "payout.": lambda event: partial(bankward.apply, provider().payout_seen(event.object_id, event.account)),
    "account.updated": lambda event: partial(onboarding.apply, provider().account_seen(event.object_id)),
}
