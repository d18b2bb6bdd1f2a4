"""When a merchant is paid: the schedule it chose, the next day, and what fewer payouts save."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any

from sqlalchemy import func, or_, select

from compliance.audit import door
from daigou.accounts.models import Merchant
from daigou.core import clock, outbox
from daigou.core.access import Actor, require
from daigou.core.db import db, find, load_locked, transaction
from daigou.core.errors import Invalid
from daigou.core.i18n import lazy
from daigou.core.money import Money
from daigou.payments.escrow.models import Release

from . import rails, rules
from .models import Payout, PayoutCost, PayoutTerms
from .rules import Cost

SPAN = timedelta(days=90)  # what the saving is measured on


@dataclass(frozen=True, slots=True)
class Terms:
    schedule: str
    day: int
    next: date | None  # None: nothing is waited for


@dataclass(frozen=True, slots=True)
class Saving:
    """Over the last three months: what was released, in how many payouts, and what one at a time would have cost."""

    releases: int
    payouts: int
    fixed: Money
    saved: Money
    source: str


def of_merchant(merchant_id: object) -> Terms:
    row = find(PayoutTerms, merchant_id=merchant_id)
    if row is None or row.schedule == "as_released":
        return Terms("as_released", 0, None)
    return Terms(row.schedule, row.day, rules.next_day(row.schedule, row.day, clock.today()))


def choose(actor: Actor, schedule: str, day: int) -> Terms:
    """Keep another schedule; what waits goes by it from now on. Invalid by field."""
    _check(schedule, day)
    with transaction():
        merchant = load_locked(Merchant, id=actor.merchant_id)
        require(actor, "bank.enter", merchant)
        row = find(PayoutTerms, merchant_id=merchant.id)
        if row is not None and (row.schedule, row.day) == (schedule, day):
            return of_merchant(merchant.id)
        if row is None:
            row = PayoutTerms(merchant_id=merchant.id, schedule=schedule, day=day)
            db.session.add(row)
        row.schedule, row.day = schedule, day
        door.note(
            actor,
            f"payout_terms/{merchant.id}",
            "payout_terms:chosen",
            schedule=schedule,
            day=day,
            merchant_ref=merchant.ref,
        )
        outbox.put("payout.wake", merchant_id=merchant.id)
    return of_merchant(actor.merchant_id)


def _check(schedule: str, day: int) -> None:
    wrong: dict[str, Any] = {}
    if schedule not in rules.SCHEDULES:
        wrong["schedule"] = lazy("Choose one of these.")
    elif schedule == "weekly" and not 0 <= day <= 6:
        wrong["weekday"] = lazy("Choose a day of the week.")
    elif schedule == "monthly" and not 1 <= day <= rules.LAST_MONTHLY:
        wrong["month_day"] = lazy("Choose a day that every month has: 1 to 28.")
    if wrong:
        raise Invalid(wrong)


def cost_of(rail: str, currency: str, day: date) -> tuple[Cost, str] | None:
    """What one payout costs us by the row of the day, and its source; None where no row stands."""
    statement = (
        select(PayoutCost)
        .where(PayoutCost.rail == rail, PayoutCost.currency == currency, PayoutCost.valid_from <= day)
        .where(or_(PayoutCost.valid_to.is_(None), PayoutCost.valid_to > day))
        .order_by(PayoutCost.valid_from.desc())
        .limit(1)
    )
    row = db.session.execute(statement).scalar_one_or_none()
    return (Cost(Money(row.fixed_minor, currency), row.permille), row.source) if row else None


def saving(merchant: Merchant) -> Saving | None:
    """None where no row says what a payout costs."""
    rail = rails.way(merchant.id, merchant.currency).rail
    found = cost_of(rail or "", merchant.currency, clock.today())
    if found is None:
        return None
    since = clock.now() - SPAN
    releases = _count(
        select(func.count(Release.id)).where(Release.merchant_id == merchant.id, Release.created_at > since)
    )
    payouts = _count(
        select(func.count(Payout.id)).where(
            Payout.merchant_id == merchant.id,
            Payout.created_at > since,
            Payout.state != "refused",
            Payout.out_of == "payable",
        )
    )
    cost, source = found
    sent = min(releases, payouts) if payouts else releases
    return Saving(releases, payouts, cost.fixed, rules.saved(cost, releases, sent), source)


def _count(statement: Any) -> int:
    return int(db.session.execute(statement).scalar_one())
