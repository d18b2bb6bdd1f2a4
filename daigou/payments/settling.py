"""What became of a payment: applied from the provider's own word, in any order, any number of times."""

from __future__ import annotations

import logging
from datetime import timedelta
from uuid import UUID

from compliance.audit import door
from daigou.core import clock, faults, outbox
from daigou.core.db import db, load, load_locked, transaction
from daigou.core.money import Money
from daigou.ledger.service import post
from daigou.methods import service as methods
from daigou.orders import service as orders
from daigou.orders.models import Bill
from daigou.providers.payment import BookLine, PaymentSeen, Rejected, Unanswered
from daigou.risk.network import service as network

from .actor import SYSTEM
from .paying import declining, pages, rules, wallet
from .paying.models import Attempt
from .paying.reading import latest_attempt
from .provider import provider
from .refunds import refunding

log = logging.getLogger(__name__)

DONE = ("succeeded", "surplus")


def refetch(attempt_id: UUID) -> None:
    """Ask the provider how this attempt stands and apply it."""
    with transaction():
        attempt = load(Attempt, id=attempt_id)
    if attempt.is_(*DONE):
        return
    if attempt.source == wallet.SOURCE:
        wallet.look_after(attempt_id)
        return
    if attempt.session_id is None:
        _forget_unopened(attempt_id)
        return
    if _is_overdue(attempt):
        _stop_waiting(attempt)
    else:
        apply(provider().payment_of_page(attempt.session_id))


def _is_overdue(attempt: Attempt) -> bool:
    return attempt.is_("processing") and attempt.waits_until is not None and attempt.waits_until <= clock.now()


def _stop_waiting(attempt: Attempt) -> None:
    """Money that should have come by now: the payment is cancelled, unless a bank is at it already."""
    try:
        apply(provider().cancel_payment(str(attempt.payment_intent_id)))
    except Rejected:
        apply(provider().payment_of_page(str(attempt.session_id)))


def ask_soon(bill: Bill) -> None:
    """The payer came back: have the last attempt looked at by a job, rather than wait for the webhook alone."""
    with transaction():
        attempt = latest_attempt(bill)
        if attempt is not None and not attempt.is_(*DONE):
            outbox.put("payment.refetch", attempt_id=attempt.id)


def apply(seen: PaymentSeen) -> None:
    """Bring our rows to where the payment is. Does nothing for payments that are not ours."""
    attempt_id = declining.our(seen.attempt_id)
    if attempt_id is None:
        return
    with transaction():
        attempt = load_locked(Attempt, id=attempt_id)
        if attempt.is_(*DONE):
            return
        _remember(attempt, seen)
        _STEPS[seen.status](attempt, seen)


def _remember(attempt: Attempt, seen: PaymentSeen) -> None:
    attempt.payment_intent_id = seen.intent_id or attempt.payment_intent_id
    attempt.method = seen.method or attempt.method
    attempt.instructions_url = seen.instructions_url or attempt.instructions_url
    attempt.refusal = (seen.refusal or "")[:80] or None
    declining.note(seen.refused)
    network.link(attempt.account_id, network.CARD, seen.card)


def _still_open(attempt: Attempt, seen: PaymentSeen) -> None:
    """A card was declined, or nothing happened yet: the page stays good for another try."""


def _processing(attempt: Attempt, seen: PaymentSeen) -> None:
    if attempt.can("process"):
        attempt.waits_until = clock.now() + _patience(attempt.method)
        door.transition(SYSTEM, attempt, "process", method=attempt.method)
        bill = load_locked(Bill, id=attempt.bill_id)
        if bill.is_("due"):
            door.transition(SYSTEM, bill, "process")


def _patience(method: str | None) -> timedelta:
    """How long this way to pay may take, from its dated row."""
    row = methods.named(method)
    return timedelta(days=row.wait_days if row and row.wait_days else rules.USUAL_WAIT_DAYS)


def _over(attempt: Attempt, seen: PaymentSeen) -> None:
    if not attempt.can("fail"):
        return
    was_processing = attempt.is_("processing")
    bill = load_locked(Bill, id=attempt.bill_id)
    door.transition(SYSTEM, attempt, "fail", code=attempt.refusal or seen.status)
    wallet.let_go(wallet.partner_of(attempt), "payment_over")
    if was_processing and bill.is_("processing"):
        bill.due_until = max(bill.due_until, clock.now() + rules.ONCE_MORE)  # the order waits: nobody is to blame
        door.transition(SYSTEM, bill, "reopen")
        outbox.put("payment.failed", attempt_id=attempt.id)


def _paid(attempt: Attempt, seen: PaymentSeen) -> None:
    """The money is in: into escrow when its bill wants it, else on its way back."""
    if seen.line is None or seen.amount is None:
        raise Unanswered("not_booked_yet")  # the provider books a moment later; the job comes back
    bill = load_locked(Bill, id=attempt.bill_id)
    attempt.charge_id = seen.charge_id
    attempt.settled_currency = seen.line.gross.currency
    attempt.settled_minor, attempt.provider_fee_minor = seen.line.gross.minor, seen.line.fee.minor
    part = wallet.partner_of(attempt)
    due = bill.total - attempt.amount
    is_whole = (not due) or (part is not None and part.amount == due)
    if bill.is_("due", "processing") and seen.amount == attempt.amount and is_whole:
        _into_escrow(attempt, bill, part if due else None, seen.line)
    else:
        _surplus(attempt, bill, seen.amount, seen.line)


def _into_escrow(attempt: Attempt, bill: Bill, part: Attempt | None, line: BookLine) -> None:
    """The payment, and the part of the balance that was set aside for it, in one go."""
    faults.step("escrow")
    paid, rest = rules.split_at(rules.parts_of(bill.split, bill.currency), attempt.amount)
    _post(attempt, paid, line)
    door.transition(SYSTEM, attempt, "succeed", bill=bill.ref, method=attempt.method)
    if part is not None:
        wallet.spend(part, rest)
    else:
        wallet.let_go(wallet.reserved_for(bill), "not_needed")
    db.session.flush()
    orders.settle_bill(SYSTEM, bill)
    pages.close_others(bill.id, attempt.id)
    outbox.put("habit.learn", account_id=bill.account_id)


def _surplus(attempt: Attempt, bill: Bill, amount: Money, line: BookLine) -> None:
    log.warning("payment for a bill that does not want it", extra={"bill": bill.ref, "state": bill.state})
    _post(attempt, [(str(attempt.id), amount)], line)
    door.transition(SYSTEM, attempt, "overpay", bill=bill.ref, bill_state=bill.state)
    wallet.let_go(wallet.partner_of(attempt), "payment_over")
    refunding.refund_surplus(attempt, amount, f"bill_{bill.state}")


def _post(attempt: Attempt, parts: list[tuple[str, Money]], line: BookLine) -> None:
    post(SYSTEM, attempt, "captured", f"stripe:{line.id}", rules.captured(parts, line), bill=attempt.bill_ref)


def close(attempt_id: UUID) -> None:
    """Take a hosted page away, so that nobody pays a second time; then see how it ended."""
    with transaction():
        attempt = load(Attempt, id=attempt_id)
    if attempt.session_id is not None and attempt.is_("open"):
        try:
            provider().close_page(attempt.session_id)
        except Rejected:
            log.info("page was closed already", extra={"attempt": str(attempt.id)})
    refetch(attempt_id)


def _forget_unopened(attempt_id: UUID) -> None:
    """The provider never told us a page's address: nobody can pay there. Over once its time is."""
    with transaction():
        attempt = load_locked(Attempt, id=attempt_id)
        if attempt.is_("intended") and attempt.expires_at <= clock.now():
            door.transition(SYSTEM, attempt, "fail", code="never_opened")
            wallet.let_go(wallet.partner_of(attempt), "payment_over")


_STEPS = {"open": _still_open, "processing": _processing, "failed": _over, "expired": _over, "paid": _paid}
