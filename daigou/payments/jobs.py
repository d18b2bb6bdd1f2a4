"""What the money queue does. Every job may run twice; what a lost message forgot, the sweep brings back."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import or_, select

from daigou.core import clock
from daigou.core.db import db, load_locked, transaction
from daigou.orders.models import OrderItem
from daigou.providers.payment import Trouble

from . import books, freezing, inbox, news, onboarding, refunding, releasing, settling
from .models import Attempt, InboxEvent, PayoutAccount, Refund, Release
from .starting import SYSTEM

log = logging.getLogger(__name__)

PATIENCE = timedelta(minutes=2)
BATCH = 200


def stripe_event(inbox_id: str) -> None:
    inbox.process(UUID(inbox_id))


def refetch_payment(attempt_id: str) -> None:
    settling.refetch(UUID(attempt_id))


def close_page(attempt_id: str) -> None:
    settling.close(UUID(attempt_id))


def submit_refund(refund_id: str) -> None:
    refunding.submit(UUID(refund_id))


def refund_failed(refund_id: str) -> None:
    news.refund_failed(UUID(refund_id))


def submit_release(release_id: str) -> None:
    releasing.submit(UUID(release_id))


def release_paid(release_id: str) -> None:
    news.release_paid(UUID(release_id))


def refetch_payout_account(payout_account_id: str) -> None:
    onboarding.refetch(UUID(payout_account_id))


def refund_bank_wanted(refund_id: str) -> None:
    news.refund_bank_wanted(UUID(refund_id))


def refund_invalid_item(item_id: str) -> None:
    """The merchant could not buy it: everything that was paid for it goes back."""
    _refund_whole(UUID(item_id), "invalid", "not_bought", "original")


def refund_withdrawn_item(item_id: str, way: str) -> None:
    """Its shopper took it back before it was bought."""
    _refund_whole(UUID(item_id), "withdrawn", "cancelled", way)


def _refund_whole(item_id: UUID, state: str, reason: str, way: str) -> None:
    with transaction():
        item = load_locked(OrderItem, id=item_id)
        known = select(Refund.id).filter_by(item_id=item.id).limit(1)
        if freezing.item_is_frozen(item.order_id):
            return  # the bank has taken the payment back already; disputes.ending comes here again
        if item.is_(state) and db.session.execute(known).first() is None:
            refunding.refund(SYSTEM, item, item.total, reason, way)


def sweep() -> None:
    """Ask again about everything that should have moved by now. Each by itself: one that fails holds up no other."""
    early = clock.now() - PATIENCE
    for work, keys in (
        (settling.refetch, _keys(Attempt, Attempt.state.in_(("intended", "open", "processing")), early)),
        (refunding.refetch, _keys(Refund, Refund.state.in_(("requested", "submitted")), early)),
        (releasing.submit, _keys(Release, _release_is_due(), early)),
        (onboarding.refetch, _keys(PayoutAccount, PayoutAccount.state.in_(("onboarding", "restricted")), early)),
        (inbox.process, _keys(InboxEvent, InboxEvent.done_at.is_(None), early)),
    ):
        for key in keys:
            _try(work, key)


def _release_is_due() -> Any:
    """Those that wait for the merchant are woken by its account, not by the clock."""
    waits = (Release.state == "waiting") & (Release.refusal == "balance_insufficient")
    return or_(Release.state.in_(("decided", "submitted")), waits)


def _keys(model: Any, which: Any, early: datetime) -> list[UUID]:
    statement = select(model.id).where(which, model.created_at < early).order_by(model.created_at).limit(BATCH)
    with transaction():
        return list(db.session.execute(statement).scalars())


def _try(work: Callable[[UUID], None], key: UUID) -> None:
    try:
        work(key)
    except Trouble as trouble:
        log.warning("not now", extra={"about": str(key), "code": trouble.code})
    except Exception:
        db.session.rollback()
        log.exception("sweep failed", extra={"about": str(key)})


def check_books() -> None:
    books.watch()
