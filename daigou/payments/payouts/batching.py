"""Releases of one merchant and currency, put together into payouts on the schedule that the merchant chose."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from uuid import UUID

from sqlalchemy import or_, select

from compliance.audit import door
from compliance.identity import tiers
from daigou.accounts.models import Merchant
from daigou.core import clock, faults, ids, outbox
from daigou.core.db import db, find, in_transaction, load, transaction
from daigou.core.money import Money, total
from daigou.payments.actor import SYSTEM
from daigou.payments.escrow import releasing
from daigou.payments.escrow.models import Release
from daigou.payments.provider import provider

from . import news, rails, recourse, rules
from .models import Payout, PayoutTerms
from .rails import Way

MOST = 500  # releases in one payout
SCHEDULED = "scheduled"
EMPTY = "balance_insufficient"
NO_RAIL = "rail_missing"


def consider(release_id: UUID) -> None:
    """The job: into a payout with everything else that is due, or a word on the release why not yet. Twice is once."""
    with transaction():
        row = load(Release, id=release_id)
    if row.is_("decided", "waiting") and not _still_empty(row):
        gather(row.merchant_id, row.currency)


def _still_empty(row: Release) -> bool:
    """Whether it waits for money of ours that is not there yet: no new payout is opened to be refused again."""
    if row.refusal != EMPTY or in_transaction():
        return False
    return provider().available(row.currency) < row.left


def gather(merchant_id: UUID, currency: str, *, today_is_due: bool = False) -> Payout | None:
    """One payout of all that is due. None when it has to wait, or when nothing is left to be sent."""
    with transaction():
        faults.step("release.bundle")
        recourse.alone_with(merchant_id, currency)
        rows = _due(merchant_id, currency)
        way = rails.way(merchant_id, currency)
        obstacle = way.obstacle or ("" if today_is_due else _not_today(merchant_id))
        for row in rows if obstacle else ():
            releasing.wait(row, obstacle)
        if rows and obstacle == NO_RAIL:
            news.stuck(load(Merchant, id=merchant_id), obstacle)
        return None if obstacle or not rows else _bundle(rows, way)


def _due(merchant_id: UUID, currency: str) -> list[Release]:
    hold = timedelta(days=tiers.merchant_limits(merchant_id).payout_hold_days)
    statement = (
        select(Release)
        .where(
            Release.created_at <= clock.now() - hold,
            Release.merchant_id == merchant_id,
            Release.currency == currency,
            Release.state.in_(("decided", "waiting")),
            or_(Release.due_from.is_(None), Release.due_from <= clock.now()),
        )
        .order_by(Release.created_at, Release.id)
        .limit(MOST)
        .with_for_update()
        .execution_options(populate_existing=True)
    )
    return list(db.session.execute(statement).scalars())


def _not_today(merchant_id: UUID) -> str:
    terms = find(PayoutTerms, merchant_id=merchant_id)
    return SCHEDULED if terms is not None and terms.schedule != "as_released" else ""


def _bundle(rows: Sequence[Release], way: Way) -> Payout | None:
    """What the merchant owes is kept first; releases that are used up by that are over."""
    withheld = recourse.withhold(SYSTEM, rows)
    left = [row for row in rows if row.left]
    for row in rows:
        if not row.left:
            door.transition(SYSTEM, row, "settle", withheld=str(row.amount))
    return _open(left, way, withheld) if left else None


def _open(rows: Sequence[Release], way: Way, withheld: Money) -> Payout:
    amount = total((row.left for row in rows), rows[0].currency)
    payout = Payout(
        ref=ids.new_ref("PAY"),
        merchant_id=rows[0].merchant_id,
        merchant_ref=rows[0].merchant_ref,
        rail=str(way.rail),
        currency=amount.currency,
        amount_minor=amount.minor,
        withheld_minor=withheld.minor,
        releases=len(rows),
    )
    door.created(SYSTEM, payout, payout=payout.ref, rail=payout.rail, amount=str(amount), releases=len(rows))
    db.session.flush()
    for row in rows:
        row.payout_id, row.refusal = payout.id, None
        door.transition(SYSTEM, row, "submit", release=row.ref, payout=payout.ref)
    if payout.rail == "connect":
        outbox.put("payout.submit", payout_id=payout.id)
    return payout


def gather_scheduled() -> int:
    """The daily job: everything whose day has come since it was released. How many payouts were opened."""
    today, opened = clock.today(), 0
    for merchant_id, currency in _whose_day_has_come(today):
        opened += gather(merchant_id, currency, today_is_due=True) is not None
    return opened


def _whose_day_has_come(today: date) -> list[tuple[UUID, str]]:
    statement = (
        select(Release.merchant_id, Release.currency, Release.created_at, PayoutTerms.schedule, PayoutTerms.day)
        .outerjoin(PayoutTerms, PayoutTerms.merchant_id == Release.merchant_id)
        .where(Release.state == "waiting", Release.refusal == SCHEDULED)
        .order_by(Release.created_at)
    )
    found: dict[tuple[UUID, str], None] = {}
    with transaction():
        for merchant_id, currency, at, schedule, day in db.session.execute(statement):
            if rules.next_day(schedule or "as_released", day or 0, at.date()) <= today:
                found[(merchant_id, currency)] = None
    return list(found)
