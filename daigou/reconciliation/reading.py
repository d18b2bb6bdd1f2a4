"""What officers see: the days' runs, what is open, and where money is that is not yet where it shall be."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import func, select, text

from daigou.core import clock
from daigou.core.access import Actor, require
from daigou.core.db import Page, db, keyset, load
from daigou.core.money import Money

from .models import Finding, ProviderLine, ReconciliationRun

# After so long something that usually takes minutes is late.
SLOW = timedelta(hours=2)
SLOW_REFUND = timedelta(days=3)

_DELAYED = text("""
    SELECT 'payment' AS what, currency, count(*) AS n, sum(amount_minor) AS minor, min(state_since) AS since
    FROM payment_attempts WHERE state = 'processing' AND state_since < :slow GROUP BY currency
    UNION ALL
    SELECT 'refund', currency, count(*), sum(amount_minor), min(state_since)
    FROM refunds WHERE state IN ('requested', 'submitted') AND state_since < :slow_refund GROUP BY currency
    UNION ALL
    SELECT 'refund_bank', currency, count(*), sum(amount_minor), min(state_since)
    FROM refunds WHERE state IN ('bank_wanted', 'bank_named', 'bank_approved') GROUP BY currency
    UNION ALL
    SELECT 'refund_failed', currency, count(*), sum(amount_minor), min(state_since)
    FROM refunds WHERE state = 'failed' GROUP BY currency
    UNION ALL
    SELECT 'payout', currency, count(*), sum(amount_minor), min(state_since)
    FROM releases WHERE state IN ('decided', 'submitted', 'waiting', 'failed') AND state_since < :slow GROUP BY currency
    ORDER BY 1, 2""")


@dataclass(frozen=True, slots=True)
class Late:
    """Money that should have moved by now: what it is, how much of it, since when."""

    what: str
    count: int
    amount: Money
    since: datetime


@dataclass(frozen=True, slots=True)
class Pending:
    """What the provider holds back until ``day``."""

    day: date
    amount: Money
    count: int


def runs(actor: Actor, cursor: str | None) -> Page:
    require(actor, "books.view")
    return keyset(select(ReconciliationRun), ReconciliationRun.day, ReconciliationRun.id, cursor=cursor, size=14)


def run_of(actor: Actor, day: date) -> ReconciliationRun:
    require(actor, "books.view")
    found: ReconciliationRun = load(ReconciliationRun, day=day)
    return found


def findings_of(day: date, cursor: str | None) -> Page:
    return keyset(select(Finding).where(Finding.day == day), Finding.id, cursor=cursor, size=50, descending=False)


def finding(actor: Actor, ref: str) -> Finding:
    require(actor, "books.view")
    found: Finding = load(Finding, ref=ref)
    return found


def open_findings(limit: int = 50) -> Sequence[Finding]:
    """Faults and fee differences that wait for a person, oldest first."""
    statement = select(Finding).where(Finding.state == "open", Finding.kind != "timing")
    return db.session.execute(statement.order_by(Finding.day, Finding.id).limit(limit)).scalars().all()


def pending() -> list[Pending]:
    """What the provider will make available, by day and currency."""
    day = func.date(func.timezone("UTC", ProviderLine.available_on))
    net = func.sum(ProviderLine.gross_minor - ProviderLine.fee_minor)
    statement = (
        select(day, ProviderLine.currency, net, func.count())
        .where(ProviderLine.available_on > clock.now())
        .group_by(day, ProviderLine.currency)
        .order_by(day, ProviderLine.currency)
    )
    return [Pending(on, Money(int(minor), currency), n) for on, currency, minor, n in db.session.execute(statement)]


def delayed() -> list[Late]:
    now = clock.now()
    rows = db.session.execute(_DELAYED, {"slow": now - SLOW, "slow_refund": now - SLOW_REFUND})
    return [Late(row.what, row.n, Money(int(row.minor), row.currency), row.since) for row in rows]
