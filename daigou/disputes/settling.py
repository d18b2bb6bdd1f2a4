"""The end of a case in the books: what was held is free again, or it paid for the case."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import func, select

from compliance.audit import door
from daigou.core import clock, outbox
from daigou.core.access import system
from daigou.core.db import db, find
from daigou.core.money import Money, total
from daigou.ledger.models import Account, Balance
from daigou.ledger.service import balances, post
from daigou.orders.models import Bill, OrderItem
from daigou.payments.escrow.models import EscrowTaking
from daigou.payments.paying.models import Attempt
from daigou.payments.payouts import recourse
from daigou.payments.refunds import refunding

from . import rules
from .models import Dispute

SYSTEM = system("disputes")


def settle(attempt: Attempt, row: Dispute) -> None:
    """Once, in the caller's transaction, which holds the locks of the payment and of the case."""
    if row.settled_at is not None:
        return
    row.settled_at = clock.now()
    if row.is_("won"):
        _book_won(row)
    else:
        _book_lost(attempt, row)
    attempt.disputed_at = _other_open(attempt, row)
    outbox.put("dispute.over", dispute_id=row.id)


def lock_items(attempt: Attempt) -> None:
    """Items before their payment: the order in which releases and refunds lock them."""
    keys = [UUID(owner) for owner, _ in parts_of(attempt)]
    statement = select(OrderItem.id).where(OrderItem.id.in_(keys)).order_by(OrderItem.id).with_for_update()
    db.session.execute(statement).all()


def _book_won(row: Dispute) -> None:
    for rest in standing(row.id):
        post(SYSTEM, row, "dispute_won", f"dispute:{row.id}:won:{rest.currency}", rules.won(str(row.id), rest))


def _book_lost(attempt: Attempt, row: Dispute) -> None:
    costs = standing(row.id)
    if not costs:
        return  # an inquiry that ended before any money moved
    (cost,) = costs
    parts = parts_of(attempt)
    _fetch_back(row, rules.takings(row.amount, parts, _held(attempt, parts)))
    left = attempt.amount - Money(attempt.returned_minor, attempt.currency)
    taken = rules.takings(row.amount, parts, _held(attempt, parts), left)
    whole = total((t.held for t in taken), attempt.currency)
    worth = refunding.worth_of(attempt, whole)
    post(SYSTEM, row, "dispute_lost", f"dispute:{row.id}:lost", rules.lost(str(row.id), taken, cost, worth))
    attempt.returned_minor += whole.minor
    for one in taken:
        _take(row, one)
    door.record(SYSTEM, row, "settled", dispute=row.ref, held=str(whole), cost=str(cost))


def _held(attempt: Attempt, parts: list[tuple[str, Money]]) -> dict[str, Money]:
    return balances("escrow", attempt.currency, [owner for owner, _ in parts])


def _fetch_back(row: Dispute, taken: list[rules.Taking]) -> None:
    """What was released before comes back from its merchants; freight that a carrier has stays our loss."""
    for one in taken:
        item = find(OrderItem, id=UUID(one.owner)) if one.gone else None
        if item is not None:
            recourse.fetch_back(SYSTEM, item, one.gone, row.ref)


def _take(row: Dispute, one: rules.Taking) -> None:
    if one.held:
        db.session.add(
            EscrowTaking(dispute_id=row.id, owner=one.owner, currency=one.held.currency, amount_minor=one.held.minor)
        )


def standing(dispute_id: UUID) -> list[Money]:
    """What the bank still has of this case, by currency."""
    statement = (
        select(Account.currency, func.sum(Balance.balance))
        .join(Balance, Balance.account_id == Account.id)
        .where(Account.kind == "disputed", Account.owner == str(dispute_id))
        .group_by(Account.currency)
    )
    return [Money(int(minor), currency) for currency, minor in db.session.execute(statement) if minor]


def parts_of(attempt: Attempt) -> list[tuple[str, Money]]:
    """What the payment was for: owners of escrow with their amounts. A surplus was for nothing but itself."""
    if attempt.is_("surplus"):
        return [(str(attempt.id), attempt.amount)]
    bill = db.session.get_one(Bill, attempt.bill_id)
    return [(str(row["escrow"]), Money(row["minor"], bill.currency)) for row in bill.split]


def _other_open(attempt: Attempt, row: Dispute) -> datetime | None:
    """Another bank's case of the same payment keeps it frozen."""
    statement = select(func.min(Dispute.created_at)).where(
        Dispute.attempt_id == attempt.id, Dispute.id != row.id, Dispute.settled_at.is_(None)
    )
    return db.session.execute(statement).scalar_one_or_none()
