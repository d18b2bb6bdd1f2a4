"""Money on its way back to the payer: decided in our transaction, asked for outside of it, booked when it has left."""

from __future__ import annotations

import logging
from uuid import UUID

from sqlalchemy import func, select

from compliance.audit import door
from daigou.core import clock, faults, ids, outbox
from daigou.core.access import Actor, require
from daigou.core.db import db, find, load, load_locked, transaction
from daigou.core.errors import Impossible
from daigou.core.i18n import lazy
from daigou.core.money import Money
from daigou.ledger.service import balance, post
from daigou.orders.models import OrderItem
from daigou.payments.actor import SYSTEM
from daigou.payments.paying import wallet
from daigou.payments.paying.models import Attempt
from daigou.payments.paying.rules import KEY_LIFE
from daigou.payments.provider import provider
from daigou.providers.payment import BookLine, RefundSeen, Trouble, Unanswered

from . import rules, sources, ways
from .models import Refund

log = logging.getLogger(__name__)

_TOO_MUCH = lazy("This is more than is held for it. Nothing was refunded.")
_DISPUTED = lazy(
    "The shopper’s bank disputes this payment. Until its case is decided, its money is neither paid out nor refunded."
)


def refund(actor: Actor, item: OrderItem, amount: Money, reason: str, way: str = "original") -> Refund:
    """Promise ``amount`` of an item's held money back to its payer; a job hands it to the provider.

    ``way`` is ``original`` (how it was paid), or ``wallet``: at once, to the shopper's balance with us.

    Never more than is held for the item nor than was captured for its bills, under any race: Impossible otherwise. An
    item that was paid by several payments is refunded to each, one row a payment; the first is answered.
    ``reason`` is a short code for the log and the books.
    """
    with transaction():
        faults.step("refund.promise")
        item = load_locked(OrderItem, id=item.id)  # before its payments, as releases and disputes do
        parts = sources.of_item(item, amount)
        made = [promise(actor, attempt, str(item.id), part, reason, item.id, way) for attempt, part in parts]
        return made[0]


def refund_parcel(actor: Actor, parcel_id: UUID, reason: str) -> Refund | None:
    """Everything that is held for a parcel goes back, when it will not be sent. None when nothing is held."""
    with transaction():
        held = balance("escrow", sources.currency_of(parcel_id), parcel_id)
        parts = sources.of_parcel(parcel_id, held) if held else []
        made = [promise(actor, attempt, str(parcel_id), part, reason, None) for attempt, part in parts]
        return made[0] if made else None


def refund_apart(actor: Actor, item: OrderItem, owner: str, amount: Money, reason: str) -> list[Refund]:
    """Money of an item's payments that was set apart for ``owner``: it goes back whatever becomes of the item."""
    item = load_locked(OrderItem, id=item.id)
    parts = sources.of_item(item, amount)
    return [promise(actor, attempt, owner, part, reason, None) for attempt, part in parts]


def refund_surplus(attempt: Attempt, amount: Money, reason: str) -> Refund:
    """A payment that no bill wanted. The caller holds the attempt's lock and has posted the payment."""
    return promise(SYSTEM, attempt, str(attempt.id), amount, reason, None)


def promise(
    actor: Actor,
    attempt: Attempt,
    escrow: str,
    amount: Money,
    reason: str,
    item_id: UUID | None,
    way: str = "original",
) -> Refund:
    """One payment's part of a refund, inside the transaction that holds the attempt's lock."""
    ways.refuse_closed(way)
    row = Refund(
        ref=ids.new_ref("RFD"),
        attempt_id=attempt.id,
        account_id=attempt.account_id,
        subject=attempt.subject,
        order_ref=attempt.order_ref,
        escrow_owner=escrow,
        item_id=item_id,
        reason=reason,
        way=way,
        currency=amount.currency,
        amount_minor=amount.minor,
    )
    require(actor, "refund.request", row)
    _refuse_too_much(attempt, escrow, amount)
    door.created(actor, row, refund=row.ref, amount=str(amount), reason=reason)
    _hold_for(actor, row)
    return row


def _refuse_too_much(attempt: Attempt, escrow: str, amount: Money) -> None:
    if attempt.disputed_at is not None:
        raise Impossible("refund.disputed", _DISPUTED)
    if amount.currency != attempt.currency or amount.minor <= 0:
        raise Impossible("refund.amount", _TOO_MUCH)
    if amount > balance("escrow", amount.currency, escrow):
        raise Impossible("refund.too_much", _TOO_MUCH)
    if attempt.is_("succeeded") and amount + _promised(attempt) > attempt.amount:
        raise Impossible("refund.too_much", _TOO_MUCH)


def _promised(attempt: Attempt) -> Money:
    statement = select(func.coalesce(func.sum(Refund.amount_minor), 0)).where(
        Refund.attempt_id == attempt.id, Refund.state != "failed"
    )
    return Money(int(db.session.execute(statement).scalar_one()), attempt.currency)


def _hold_for(actor: Actor, row: Refund) -> None:
    key = f"refund:{row.id}:{row.tries}:promised"
    post(actor, row, "refund_promised", key, rules.refund_promised(row.escrow_owner, str(row.id), row.amount))
    if row.way == "wallet" or db.session.get_one(Attempt, row.attempt_id).source == wallet.SOURCE:
        ways.to_balance(row)
    elif row.way == "original":
        outbox.put("refund.submit", refund_id=row.id)


# ---- the job's half


def submit(refund_id: UUID) -> None:
    """Ask the provider, under the row's own key. Run again, it first looks whether it was done already."""
    row, intent, repeated = _begin(refund_id)
    if intent is None:
        return
    found = _look_up(row, intent) if repeated else None
    try:
        faults.point("refund.before_call")
        seen = found or provider().refund(row.idempotency_key, str(row.id), intent, row.amount)
        faults.point("refund.after_effect")
    except Unanswered as unanswered:
        if unanswered.answered:
            _new_key(refund_id)
        raise
    except Trouble as trouble:
        give_up(refund_id, trouble.code)
        return
    apply(seen)


def _begin(refund_id: UUID) -> tuple[Refund, str | None, bool]:
    with transaction():
        faults.step("refund.begin")
        row = load_locked(Refund, id=refund_id)
        attempt = db.session.get_one(Attempt, row.attempt_id)
        repeated = row.is_("submitted")
        if row.is_("requested"):
            door.transition(SYSTEM, row, "submit")
        waits = row.is_("submitted") and row.provider_id is None
        return row, attempt.payment_intent_id if waits else None, repeated


def _look_up(row: Refund, intent: str) -> RefundSeen | None:
    """Whether the provider has a refund of ours already. What an earlier try left failed is not it."""
    for seen in provider().refunds_of(intent):
        if seen.refund_id == str(row.id) and seen.status != "failed":
            return seen
    if clock.now() - row.state_since > KEY_LIFE:
        _new_key(row.id)
    return None


def _new_key(refund_id: UUID) -> None:
    """A saved 500 or a forgotten key: the next try looks first and then asks under another key."""
    with transaction():
        load_locked(Refund, id=refund_id).tries += 1


def refetch(refund_id: UUID) -> None:
    """How a refund stands that the provider knows; hand it in when it does not know it yet."""
    with transaction():
        row = load(Refund, id=refund_id)
    if row.is_("succeeded", "failed"):
        return
    if row.provider_id is None:
        submit(refund_id)
    else:
        apply(provider().refund_seen(row.provider_id))


def apply(seen: RefundSeen) -> None:
    """Bring our row and our books to where the refund is. Refunds that are not ours are told to a person."""
    with transaction():
        faults.step("refund.apply")
        row = _row_of(seen)
        if row is None:
            log.error("the provider knows a refund that we did not ask for", extra={"refund": seen.id})
            return
        if row.provider_id not in (None, seen.id):
            return  # an earlier try of a refund that was given anew
        row.provider_id = seen.id
        _book(row, seen.line)
        if seen.status == "succeeded" and seen.line and row.can("succeed"):
            door.transition(SYSTEM, row, "succeed", provider=seen.id)
            outbox.put("refund.succeeded", refund_id=row.id)
        elif seen.status == "failed" and row.can("fail"):
            if seen.line and not seen.returned:
                raise Unanswered("not_booked_yet")  # what was taken comes back a moment later
            _book(row, seen.returned)
            _fail(row, seen.refusal or "refund_failed")


def _row_of(seen: RefundSeen) -> Refund | None:
    try:
        key = UUID(seen.refund_id)
    except ValueError:
        return None
    return load_locked(Refund, id=key) if find(Refund, id=key) else None


def _book(row: Refund, line: BookLine | None) -> None:
    """What the provider booked for it, once: each of its lines is a posting's key."""
    if line is None:
        return
    attempt = load_locked(Attempt, id=row.attempt_id)  # what has gone back before decides how this part is rounded
    moved = row.amount if line.gross.minor < 0 else -row.amount
    value = worth_of(attempt, moved)
    if post(SYSTEM, row, "refunded", f"stripe:{line.id}", rules.refunded(str(row.id), moved, line, value)):
        attempt.returned_minor += moved.minor


def worth_of(attempt: Attempt, amount: Money) -> Money:
    """What this amount of a payment brought in when it was captured, in the currency that was settled."""
    settled = Money(attempt.settled_minor or 0, attempt.settled_currency or attempt.currency)
    gone = Money(attempt.returned_minor, attempt.currency)
    # A surplus goes back whole, whatever the bill had asked for.
    whole = Money(abs(amount.minor), amount.currency) if attempt.is_("surplus") else attempt.amount
    return rules.worth(settled, whole, gone, amount)


def give_up(refund_id: UUID, code: str) -> None:
    """The provider says no: the money stays held, and a person decides (the officer's books)."""
    with transaction():
        row = load_locked(Refund, id=refund_id)
        if row.can("fail"):
            _fail(row, code)


def _fail(row: Refund, code: str) -> None:
    row.refusal = code[:80]
    lines = [-line for line in rules.refund_promised(row.escrow_owner, str(row.id), row.amount)]
    post(SYSTEM, row, "refund_undone", f"refund:{row.id}:{row.tries}:undone", lines)
    door.transition(SYSTEM, row, "fail", code=row.refusal)
    outbox.put("refund.failed", refund_id=row.id)


def retry(actor: Actor, ref: str, way: str = "original") -> Refund:
    """An officer tries a failed refund again, under a new key: the way it was paid, to the balance, or by bank.

    For ``bank`` the shopper is asked for an account; ways.pay_by_bank() ends it.
    """
    ways.refuse_closed(way)
    with transaction():
        row: Refund = load_locked(Refund, ref=ref)
        attempt = load_locked(Attempt, id=row.attempt_id)
        require(actor, "refund.retry", row)
        row.machine.find(row.state, "ask_bank" if way == "bank" else "retry")
        _refuse_too_much(attempt, row.escrow_owner, row.amount)
        row.tries += 1
        row.provider_id = row.refusal = None
        row.way = way
        door.transition(actor, row, "ask_bank" if way == "bank" else "retry", refund=row.ref, way=way)
        _hold_for(actor, row)
        if way == "bank":
            outbox.put("refund.bank_wanted", refund_id=row.id)
    return row
