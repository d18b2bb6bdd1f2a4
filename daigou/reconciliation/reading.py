"""What officers see: the days' runs, what is open, and where money is that is not yet where it shall be."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import TextClause, func, select, text

from daigou.core import clock
from daigou.core.access import Actor, require
from daigou.core.db import Page, db, keyset, load
from daigou.core.money import Money

from .models import Finding, ProviderLine, ReconciliationRun

# After so long something that usually takes minutes is late.
SLOW = timedelta(hours=2)
SLOW_REFUND = timedelta(days=3)
SLOW_BANK = timedelta(days=4)  # a transfer between banks, over a weekend

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
    FROM releases WHERE state IN ('decided', 'waiting', 'failed') AND state_since < :slow GROUP BY currency
    UNION ALL
    SELECT 'transfer', currency, count(*), sum(amount_minor), min(state_since)
    FROM payouts WHERE state IN ('intended', 'submitted') AND rail = 'connect' AND state_since < :slow GROUP BY currency
    UNION ALL
    SELECT 'bank_file', currency, count(*), sum(amount_minor), min(state_since)
    FROM payouts WHERE state = 'submitted' AND rail = 'bank_file' AND state_since < :slow_bank GROUP BY currency
    UNION ALL
    SELECT 'own_payout', currency, count(*), sum(amount_minor), min(state_since)
    FROM provider_payouts WHERE merchant_id IS NULL AND state IN ('pending', 'paid') AND arrived_minor < amount_minor
          AND arrives < :slow_bank GROUP BY currency
    UNION ALL
    SELECT 'bank_entry', currency, count(*), sum(abs(amount_minor)), min(created_at)
    FROM bank_entries WHERE settled_at IS NULL GROUP BY currency
    ORDER BY 1, 2""")

# What is under way as it should be, or late: everything that has left one side and is not confirmed by the other.
_MOVING = text("""
    SELECT 'payment' AS what, currency, count(*) AS n, sum(amount_minor) AS minor, min(state_since) AS since
    FROM payment_attempts WHERE state = 'processing' GROUP BY currency
    UNION ALL
    SELECT 'refund', currency, count(*), sum(amount_minor), min(state_since)
    FROM refunds WHERE state IN ('requested', 'submitted') GROUP BY currency
    UNION ALL
    SELECT 'transfer', currency, count(*), sum(amount_minor), min(state_since)
    FROM payouts WHERE state IN ('intended', 'submitted') AND rail = 'connect' GROUP BY currency
    UNION ALL
    SELECT 'bank_file', currency, count(*), sum(amount_minor), min(state_since)
    FROM payouts WHERE state = 'submitted' AND rail = 'bank_file' GROUP BY currency
    UNION ALL
    SELECT 'own_payout', currency, count(*), sum(amount_minor - arrived_minor), min(state_since)
    FROM provider_payouts WHERE merchant_id IS NULL AND state IN ('pending', 'paid') AND arrived_minor < amount_minor
    GROUP BY currency
    ORDER BY 1, 2""")


@dataclass(frozen=True, slots=True)
class Late:
    """Money that is under way, or should have moved by now: what it is, how much of it, since when."""

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


def open_findings(cursor: str | None) -> Page:
    """Faults and fee differences that wait for a person, oldest first."""
    statement = select(Finding).where(Finding.state == "open", Finding.kind != "timing")
    return keyset(statement, Finding.day, Finding.id, cursor=cursor, descending=False)


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
    """What should have moved by now, and what our bank reported that belongs to nothing."""
    now = clock.now()
    return _late(_DELAYED, {"slow": now - SLOW, "slow_refund": now - SLOW_REFUND, "slow_bank": now - SLOW_BANK})


def moving() -> list[Late]:
    """What has left one side and is not confirmed by the other yet."""
    return _late(_MOVING, {})


def _late(statement: TextClause, values: dict[str, datetime]) -> list[Late]:
    rows = db.session.execute(statement, values)
    return [Late(row.what, row.n, Money(int(row.minor), row.currency), row.since) for row in rows]
