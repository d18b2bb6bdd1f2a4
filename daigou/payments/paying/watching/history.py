"""The payments that a habit is made of: what went through within two years and no bank has taken back."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import text

from daigou.core import clock, zones
from daigou.core.db import db, transaction
from daigou.core.money import Money
from daigou.risk.habits import keeping
from daigou.risk.habits.rules import MOST, SPAN, Payment

from .facts import DAY, cents

BATCH = 500
REFRESH_DAYS = 30

_HISTORY = text("""
    SELECT DISTINCT ON (p.bill_id) p.created_at, b.currency, b.total_minor, p.method, o.country,
           a.country AS home, a.time_zone,
           (SELECT array_agg(DISTINCT t.category) FROM order_items t WHERE t.order_id = o.id) AS categories
    FROM (SELECT * FROM payment_attempts
          WHERE account_id = :account AND created_at > :since AND state = 'succeeded' AND disputed_at IS NULL
          ORDER BY created_at DESC LIMIT :most) AS p
    JOIN accounts a ON a.id = p.account_id
    JOIN bills b ON b.id = p.bill_id
    LEFT JOIN orders o ON o.id = b.order_id
    ORDER BY p.bill_id, p.source""")


def payments_of(account_id: UUID) -> list[Payment]:
    """The newest 500 of two years; a bill that balance and card paid together counts once. One statement."""
    values = {"account": account_id, "since": clock.now() - SPAN, "most": MOST}
    return [
        Payment(
            at=zones.local(row.created_at, row.time_zone or zones.of_country(row.home)),
            cents=cents(Money(row.total_minor, row.currency)),
            currency=row.currency,
            method=row.method or "",
            country=row.country or "",
            categories=tuple(row.categories or ()),
        )
        for row in db.session.execute(_HISTORY, values)
    ]


def learn(account_id: UUID) -> None:
    """The job after a payment. From the rows alone, so a second run makes the same habit."""
    with transaction():
        keeping.keep(account_id, payments_of(account_id))


def refresh() -> int:
    """The nightly job: habits of a month ago, from which what is too old must go. How many."""
    found = keeping.stale(clock.now() - REFRESH_DAYS * DAY, BATCH)
    for account_id in found:
        learn(account_id)
    return len(found)
