"""How long money may be held, and what happens before that ends: released by what is proven, or refunded.

Two limits: how long the provider holds money for a platform in our country, and how long the shopper's payment method
can be refunded. The earlier one counts. N days before it (the rule's own row) a rule decides and says why.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any
from uuid import UUID

from flask import current_app
from sqlalchemy import or_, select

from compliance.audit import door
from daigou.core import clock
from daigou.core.db import db, load_locked, transaction
from daigou.core.errors import Refusal
from daigou.core.money import Money
from daigou.ledger.service import balance
from daigou.methods.models import PaymentMethod
from daigou.orders.models import Bill, OrderItem
from daigou.payments import news
from daigou.payments.actor import SYSTEM
from daigou.payments.paying.models import Attempt
from daigou.payments.refunds import refunding

from . import releasing, rulebook
from .models import HoldLimit
from .rulebook import ACCEPTED

log = logging.getLogger(__name__)

BATCH = 500
EARLY = ("paid", "purchased", "received", "inspected")  # bought perhaps, but nobody has accepted an inspection of it
_HELD = (*EARLY, *ACCEPTED, "return_requested")


@dataclass(frozen=True, slots=True)
class Deadline:
    """Until when an item's money may be held, and which limit says so: ``provider`` or ``method``."""

    day: date
    limit: str
    days: int


def hold_limit(country: str, day: date) -> int | None:
    """Days that the provider holds money for a platform in this country; the row of ``*`` for all others."""
    rows = (
        select(HoldLimit)
        .where(HoldLimit.country.in_((country, "*")), HoldLimit.valid_from <= day)
        .where(or_(HoldLimit.valid_to.is_(None), HoldLimit.valid_to > day))
        .order_by((HoldLimit.country == country).desc(), HoldLimit.valid_from.desc())
        .limit(1)
    )
    found = db.session.execute(rows).scalar_one_or_none()
    return found.days if found else None


def refund_window(method: str | None, day: date) -> int | None:
    """Days after a payment for which this method can be refunded; None where no row sets a limit."""
    rows = (
        select(PaymentMethod.refund_days)
        .where(PaymentMethod.code == (method or ""), *_in_force(day))
        .order_by(PaymentMethod.valid_from.desc())
        .limit(1)
    )
    return db.session.execute(rows).scalar_one_or_none()


def _in_force(day: date) -> tuple[Any, ...]:
    return PaymentMethod.valid_from <= day, or_(PaymentMethod.valid_to.is_(None), PaymentMethod.valid_to > day)


def deadline(paid_at: datetime, method: str | None) -> Deadline | None:
    """The earlier of both limits for a payment of that day."""
    day = paid_at.date()
    limits = {
        "provider": hold_limit(current_app.extensions["config"].platform_country, day),
        "method": refund_window(method, day),
    }
    found = [Deadline(day + timedelta(days=n), name, n) for name, n in limits.items() if n is not None]
    return min(found, key=lambda one: one.day, default=None)


def shortest(day: date) -> int:
    """The fewest days that any limit leaves: younger payments need not be looked at."""
    provider = hold_limit(current_app.extensions["config"].platform_country, day)
    methods = db.session.execute(select(PaymentMethod.refund_days).where(*_in_force(day))).scalars()
    return min([d for d in (provider, *methods) if d is not None], default=36_500)


def decide_due() -> int:
    """Decide all whose limit is near. Each by itself: one that fails holds up no other. How many were decided."""
    lead, today = rulebook.span("hold_limit_release"), clock.today()
    done, after = 0, None
    while rows := _candidates(clock.now() - timedelta(days=shortest(today)) + lead, after):
        for item_id, paid_at, method in rows:
            ends = deadline(paid_at, method)
            if ends is not None and ends.day - lead <= today:
                done += _try(item_id, ends)
        after = rows[-1][0]
    return done


def _candidates(paid_before: datetime, after: UUID | None) -> list[tuple[UUID, datetime, str | None]]:
    statement = (
        select(OrderItem.id, Attempt.state_since, Attempt.method)
        .join(Bill, (Bill.order_id == OrderItem.order_id) & (Bill.kind == "goods"))
        .join(Attempt, (Attempt.bill_id == Bill.id) & (Attempt.state == "succeeded"))
        .where(OrderItem.state.in_(_HELD), Attempt.state_since <= paid_before)
        .order_by(OrderItem.id)
        .limit(BATCH)
    )
    if after is not None:
        statement = statement.where(OrderItem.id > after)
    with transaction():
        return [(key, at, method) for key, at, method in db.session.execute(statement)]


def _try(item_id: UUID, ends: Deadline) -> bool:
    try:
        return decide(item_id, ends)
    except Refusal as refusal:
        log.warning("not decided", extra={"item": str(item_id), "code": refusal.code})
        return False


def decide(item_id: UUID, ends: Deadline) -> bool:
    """One item: released where purchase and inspection are proven, a person's where a case is open, else refunded."""
    with transaction():
        item = load_locked(OrderItem, id=item_id)
        held = balance("escrow", item.currency, item.id)
        if not held or not item.is_(*_HELD):
            return False
        if item.is_("return_requested"):
            return _ask_person(item, held, ends)
        if item.is_(*ACCEPTED):
            return releasing.release_item(SYSTEM, item, "hold_limit_release") is not None
        return _refund(item, held, ends)


def _refund(item: OrderItem, held: Money, ends: Deadline) -> bool:
    door.transition(SYSTEM, item, "expire_hold", limit=ends.limit, until=ends.day.isoformat())
    db.session.flush()
    back = refunding.refund(SYSTEM, item, held, "hold_limit")
    grounds = {"limit": ends.limit, "days": ends.days, "until": ends.day.isoformat()}
    rulebook.decided(SYSTEM, item, "hold_limit_refund", "refund", held, back.ref, **grounds)
    return True


def _ask_person(item: OrderItem, held: Money, ends: Deadline) -> bool:
    """Once: an officer is told, and the decision to wait for a person is kept."""
    if item.id in rulebook.of_items([item.id]):
        return False
    grounds = {"limit": ends.limit, "days": ends.days, "until": ends.day.isoformat()}
    rulebook.decided(SYSTEM, item, "hold_limit_person", "person", held, "", **grounds)
    news.hold_ends(item, ends.day)
    return True
