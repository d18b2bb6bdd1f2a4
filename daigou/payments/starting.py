"""To the hosted page: the intent is written down first, then the provider is asked."""

from __future__ import annotations

from uuid import UUID

from flask import current_app
from sqlalchemy import select

from compliance.audit import door
from daigou.core import clock
from daigou.core.access import Actor, require, system
from daigou.core.config import Config
from daigou.core.db import db, in_transaction, load, load_locked, transaction
from daigou.core.errors import Impossible, Unavailable
from daigou.core.i18n import get_locale, lazy
from daigou.orders import screening
from daigou.orders.models import Bill
from daigou.providers.payment import HostedPage, PageOrder, Trouble, Unanswered

from . import rules, words
from .models import Attempt
from .provider import provider

SYSTEM = system("payments")

_CLOSED = {
    "paid": lazy("This bill is paid already."),
    "processing": lazy("A payment for this bill is on its way. You need not pay again."),
    "expired": lazy("The time to pay this bill is over. Nothing was charged."),
    "cancelled": lazy("This bill was cancelled. Nothing was charged."),
}


def start(actor: Actor, bill_ref: str) -> str:
    """The address of the hosted page where this bill can be paid. Asked twice, it is the same page.

    Raises Impossible when the bill can't be paid any more, Unavailable when the provider does not answer: the intent
    stands, and the next call goes on with it.
    """
    if in_transaction():
        raise RuntimeError("the intent must be committed before the provider is asked")
    screening.require_clear(bill_for(actor, bill_ref).about_ref)
    attempt = _intend(actor, bill_ref)
    if attempt.url:
        return attempt.url
    try:
        page = provider().open_page(_order(attempt))
    except Trouble as trouble:
        raise _give_up(attempt.id, trouble) from trouble
    return _open(attempt.id, page)


def _intend(actor: Actor, bill_ref: str) -> Attempt:
    """The attempt to go on with: one whose page is still good, or a new one. The bill's lock makes it one."""
    with transaction():
        bill = load_locked(Bill, ref=bill_ref)
        require(actor, "bill.pay", bill)
        refuse_unpayable(bill)
        return _reusable(bill) or _create(actor, bill)


def refuse_unpayable(bill: Bill) -> None:
    if not bill.is_("due"):
        raise Impossible(f"bill.{bill.state}", _CLOSED[bill.state])
    if bill.due_until <= clock.now():
        raise Impossible("bill.expired", _CLOSED["expired"])


def _reusable(bill: Bill) -> Attempt | None:
    statement = (
        select(Attempt)
        .where(
            Attempt.bill_id == bill.id,
            Attempt.state.in_(("intended", "open")),
            Attempt.expires_at > clock.now() + rules.USEFUL_PAGE,
        )
        .order_by(Attempt.created_at.desc())
        .limit(1)
    )
    return db.session.execute(statement).scalar_one_or_none()


def _create(actor: Actor, bill: Bill) -> Attempt:
    attempt = Attempt(
        bill_id=bill.id,
        bill_ref=bill.ref,
        account_id=bill.account_id,
        subject=bill.subject,
        order_ref=bill.about_ref,
        locale=str(get_locale() or "en"),
        currency=bill.currency,
        amount_minor=bill.total_minor,
        expires_at=rules.page_expiry(clock.now(), bill.due_until),
    )
    door.created(actor, attempt, bill=bill.ref, amount=str(attempt.amount))
    return attempt


def _order(attempt: Attempt) -> PageOrder:
    """Only from the row: a repeat under the same key must ask for the very same."""
    config: Config = current_app.extensions["config"]
    return PageOrder(
        key=attempt.idempotency_key,
        attempt_id=str(attempt.id),
        bill_ref=attempt.bill_ref,
        amount=attempt.amount,
        title=attempt.order_ref,
        locale=attempt.locale,
        expires_at=attempt.expires_at,
        success_url=f"{config.base_url}/payments/{attempt.bill_ref}/return",
        cancel_url=f"{config.base_url}/bills/{attempt.bill_ref}",
    )


def _open(attempt_id: UUID, page: HostedPage) -> str:
    with transaction():
        attempt = load_locked(Attempt, id=attempt_id)
        if attempt.is_("intended"):
            attempt.session_id, attempt.url = page.id, page.url
            door.transition(SYSTEM, attempt, "open", session=page.id)
    return page.url


def _give_up(attempt_id: UUID, trouble: Trouble) -> Exception:
    """What to tell the payer. After a definite no, or a 500 that the key remembers, the next click starts anew."""
    if not isinstance(trouble, Unanswered) or trouble.answered:
        with transaction():
            attempt = load_locked(Attempt, id=attempt_id)
            if attempt.is_("intended"):
                attempt.refusal = trouble.code[:80]
                door.transition(SYSTEM, attempt, "fail", code=attempt.refusal)
    if isinstance(trouble, Unanswered):
        return Unavailable(
            "payment.unavailable",
            lazy("The payment provider does not answer. Nothing was charged and your order waits: try in a minute."),
        )
    return Impossible("payment.refused", words.declined(trouble.code))


def bill_for(actor: Actor, ref: str) -> Bill:
    """A bill of this shopper."""
    bill = load(Bill, ref=ref)
    require(actor, "bill.pay", bill)
    return bill


def latest_attempt(bill: Bill) -> Attempt | None:
    """The last try to pay it, for the page."""
    statement = select(Attempt).where(Attempt.bill_id == bill.id).order_by(Attempt.created_at.desc()).limit(1)
    return db.session.execute(statement).scalar_one_or_none()
