"""Paying from the shopper's balance with us: set aside first, spent when the rest has come, or given back.

A balance is licensed in places, so the feature is off until the operator turns it on (SHOPPER_BALANCE). Money that lies
there stays its owner's when it is turned off: nothing new is paid with it.
"""

from __future__ import annotations

from uuid import UUID

from flask import current_app
from sqlalchemy import func, select

from compliance.audit import door
from daigou.accounts.models import Account
from daigou.core.access import Actor
from daigou.core.config import Config
from daigou.core.db import db, find, load_locked, transaction
from daigou.core.money import Money
from daigou.ledger import service as ledger
from daigou.orders.models import Bill
from daigou.payments.actor import SYSTEM
from daigou.providers.stripe.amounts import charge_limits

from . import rules
from .models import Attempt

SOURCE = "wallet"
UNDER_WAY = ("intended", "open", "processing")


def is_on() -> bool:
    config: Config = current_app.extensions["config"]
    return config.shopper_balance


def balance_of(account_id: UUID, currency: str) -> Money:
    """What a shopper has with us and has not set aside."""
    return ledger.balance("wallet", currency, account_id)


def usable(bill: Bill) -> Money:
    """How much of this bill the shopper's balance would pay now; zero while the feature is off."""
    if not is_on():
        return Money.zero(bill.currency)
    least, _ = charge_limits(bill.currency)
    known = reserved_for(bill)
    set_aside = known.amount if known else Money.zero(bill.currency)
    return rules.wallet_part(balance_of(bill.account_id, bill.currency) + set_aside, bill.total, least)


def reserve(actor: Actor, bill: Bill) -> Attempt | None:
    """Set a bill's part aside; None when there is nothing to take. The caller holds the bill's lock.

    The account's lock is what two bills that are paid at once wait for: the second one sees what the first one left.
    """
    if not is_on():
        return None
    load_locked(Account, id=bill.account_id)
    known = reserved_for(bill)
    if known is not None:
        return known
    part = usable(bill)
    return _set_aside(actor, bill, part) if part else None


def _set_aside(actor: Actor, bill: Bill, part: Money) -> Attempt:
    row = Attempt(
        bill_id=bill.id,
        bill_ref=bill.ref,
        account_id=bill.account_id,
        subject=bill.subject,
        order_ref=bill.about_ref,
        locale="",
        source=SOURCE,
        method=SOURCE,
        currency=part.currency,
        amount_minor=part.minor,
        expires_at=bill.due_until,
    )
    door.created(actor, row, bill=bill.ref, amount=str(part))
    db.session.flush()
    lines = rules.reserved(str(bill.account_id), str(row.id), part)
    ledger.post(actor, row, "wallet_reserved", f"wallet:{row.id}:reserved", lines, bill=bill.ref)
    return row


def reserved_for(bill: Bill) -> Attempt | None:
    """What is set aside for a bill now. The bill's lock makes it one."""
    statement = select(Attempt).filter_by(bill_id=bill.id, source=SOURCE, state="intended").limit(1)
    return db.session.execute(statement).scalar_one_or_none()


def spend(row: Attempt, parts: rules.Parts) -> None:
    """Into escrow. The caller holds the bill's lock and settles it."""
    row = load_locked(Attempt, id=row.id)
    ledger.post(SYSTEM, row, "captured", f"wallet:{row.id}:spent", rules.spent(str(row.id), parts), bill=row.bill_ref)
    door.transition(SYSTEM, row, "succeed", bill=row.bill_ref, method=SOURCE)


def let_go(row: Attempt | None, why: str) -> None:
    """Back on the balance. Does nothing when it was spent or given back before."""
    if row is None:
        return
    row = load_locked(Attempt, id=row.id)
    if not row.is_("intended"):
        return
    lines = [-line for line in rules.reserved(str(row.account_id), str(row.id), row.amount)]
    ledger.post(SYSTEM, row, "wallet_let_go", f"wallet:{row.id}:let_go", lines, bill=row.bill_ref)
    row.refusal = why
    door.transition(SYSTEM, row, "fail", code=why)


def partner_of(attempt: Attempt) -> Attempt | None:
    """What is set aside to go with this payment, if it still is."""
    found = find(Attempt, id=attempt.wallet_attempt_id) if attempt.wallet_attempt_id else None
    return found if found is not None and found.is_("intended") else None


def look_after(attempt_id: UUID) -> None:
    """Nothing stays set aside for a payment that is over: the sweep's part."""
    with transaction():
        row = find(Attempt, id=attempt_id)
        if row is None:
            return
        load_locked(Bill, id=row.bill_id)
        going = select(func.count()).where(Attempt.wallet_attempt_id == attempt_id, Attempt.state.in_(UNDER_WAY))
        if not db.session.execute(going).scalar_one():
            let_go(row, "payment_over")
