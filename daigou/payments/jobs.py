"""What the money queue does. Every job may run twice; what a lost message forgot, the sweep brings back."""

from __future__ import annotations

import logging
from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import or_, select

from compliance.qualification import changing
from daigou.core import clock
from daigou.core.db import db, load_locked, transaction
from daigou.ledger.service import balance
from daigou.orders.models import OrderItem
from daigou.providers.payment import Trouble

from . import books, forgetting, inbox, news, settling
from .actor import SYSTEM
from .escrow import freezing, holding, rulebook
from .escrow.models import Release
from .paying import pages
from .paying.models import Attempt, InboxEvent
from .paying.watching import deciding, history, judging
from .payouts import batching, onboarding, recourse, sending
from .payouts import news as payout_news
from .payouts.banking import details
from .payouts.models import Payout, PayoutAccount, Recourse
from .refunds import lowering, refunding
from .refunds.models import Refund

log = logging.getLogger(__name__)

PATIENCE = timedelta(minutes=2)
BATCH = 200


def stripe_event(inbox_id: str) -> None:
    inbox.process(UUID(inbox_id))


def refetch_payment(attempt_id: str) -> None:
    settling.refetch(UUID(attempt_id))


def close_page(attempt_id: str) -> None:
    settling.close(UUID(attempt_id))


def close_pages(bill_id: str) -> None:
    """A bill that ended unpaid: its pages are taken away at the provider, at once."""
    with transaction():
        pages.close_others(UUID(bill_id))


def payment_failed(attempt_id: str) -> None:
    news.payment_failed(UUID(attempt_id))


def submit_refund(refund_id: str) -> None:
    refunding.submit(UUID(refund_id))


def refund_failed(refund_id: str) -> None:
    news.refund_failed(UUID(refund_id))


def submit_release(release_id: str) -> None:
    batching.consider(UUID(release_id))


def submit_payout(payout_id: str) -> None:
    sending.submit(UUID(payout_id))


def payout_paid(payout_id: str) -> None:
    payout_news.paid(UUID(payout_id))


def payout_trouble(provider_payout_id: str) -> None:
    payout_news.bank_refused(UUID(provider_payout_id))


def wake_payouts(merchant_id: str) -> None:
    """Bank details are good now, or the schedule is another one: what waited is looked at again."""
    with transaction():
        onboarding.wake_releases(UUID(merchant_id))


def bank_details_changed(bank_details_id: str) -> None:
    with transaction():
        merchant_id = details.merchant_of(UUID(bank_details_id))
        if merchant_id is not None:
            payout_news.bank_details_changed(merchant_id, UUID(bank_details_id))
            changing.bank_changed(merchant_id)


def submit_recourse(recourse_id: str) -> None:
    recourse.submit(UUID(recourse_id))


def gather_payouts() -> None:
    """Daily: the payouts of merchants whose day it is."""
    batching.gather_scheduled()


def settle_before_limits() -> None:
    """Daily: what may not be held much longer is decided, with the reason."""
    holding.decide_due()


def refetch_payout_account(payout_account_id: str) -> None:
    onboarding.refetch(UUID(payout_account_id))


def refund_bank_wanted(refund_id: str) -> None:
    news.refund_bank_wanted(UUID(refund_id))


def refund_invalid_item(item_id: str) -> None:
    """The merchant could not buy it: everything that was paid for it goes back."""
    with transaction():
        item = load_locked(OrderItem, id=UUID(item_id))
        known = select(Refund.id).filter_by(item_id=item.id).limit(1)
        if freezing.item_is_frozen(item.order_id):
            return  # the bank has taken the payment back already; disputes.ending comes here again
        if item.is_("invalid") and db.session.execute(known).first() is None:
            back = refunding.refund(SYSTEM, item, item.total, "not_bought")
            rulebook.decided(SYSTEM, item, "not_bought", "refund", item.total, back.ref)


def refund_declined_item(item_id: str) -> None:
    """The shopper did not want it at its new price: everything that is held for it goes back."""
    _refund_withdrawn(UUID(item_id), "price_declined", "original")


def refund_withdrawn_item(item_id: str, way: str) -> None:
    """Its shopper took it back before it was bought."""
    _refund_withdrawn(UUID(item_id), "cancelled", way)


def _refund_withdrawn(item_id: UUID, reason: str, way: str) -> None:
    with transaction():
        item = load_locked(OrderItem, id=item_id)
        held = balance("escrow", item.currency, item.id)
        if item.is_("withdrawn") and held and not freezing.item_is_frozen(item.order_id):
            refunding.refund(SYSTEM, item, held, reason, way)


def lower_price(change_id: str) -> None:
    lowering.lower_price(UUID(change_id))


def sweep() -> None:
    """Ask again about everything that should have moved by now. Each by itself: one that fails holds up no other."""
    early = clock.now() - PATIENCE
    for work, keys in (
        (settling.refetch, _keys(Attempt, Attempt.state.in_(("intended", "open", "processing")), early)),
        (refunding.refetch, _keys(Refund, Refund.state.in_(("requested", "submitted")), early)),
        (batching.consider, _keys(Release, _release_is_due(), early)),
        (sending.submit, _keys(Payout, _payout_is_due(), early)),
        (recourse.submit, _keys(Recourse, Recourse.state == "reversing", early)),
        (onboarding.refetch, _keys(PayoutAccount, PayoutAccount.state.in_(("onboarding", "restricted")), early)),
        (inbox.process, _keys(InboxEvent, _event_is_ours(), early)),
    ):
        for key in keys:
            _try(work, key)


def _release_is_due() -> Any:
    """Those that wait for the merchant are woken by its account, not by the clock."""
    waits = (Release.state == "waiting") & (Release.refusal == "balance_insufficient")
    return or_(Release.state == "decided", waits)


def _payout_is_due() -> Any:
    return Payout.state.in_(("intended", "submitted")) & (Payout.rail == "connect")


def _event_is_ours() -> Any:
    """The carrier's events are shipping's to work on: here they would only be ticked off."""
    return InboxEvent.done_at.is_(None) & (InboxEvent.provider == "stripe")


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


def follow_check(case_id: str) -> None:
    """An officer has decided on a payment that was unlike its shopper's others."""
    deciding.follow(UUID(case_id))


def look_again(attempt_id: str) -> None:
    judging.look_again(UUID(attempt_id))


def learn_habit(account_id: str) -> None:
    history.learn(UUID(account_id))


def refresh_habits() -> None:
    """Nightly: payments that are too old leave the habits that they were part of."""
    history.refresh()


def forget_payer(account_id: str) -> None:
    """Their owner was erased: the provider drops what it knows of the payer."""
    forgetting.forget(UUID(account_id))
