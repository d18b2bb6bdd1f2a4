"""What is known when a payment begins, in one statement: the bill, its shopper's habit, and the last 24 hours."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import Row, text

from daigou.core import clock, zones
from daigou.core.db import db
from daigou.core.money import Money
from daigou.orders.models import Bill
from daigou.pricing import service as pricing
from daigou.risk.habits.rules import Habit, from_json
from daigou.risk.habits.scoring import Seen
from daigou.risk.network import service as network

DAY = timedelta(days=1)
BASIC = "basic"

# Each line by an index: nothing here grows with the shop, and with its shopper only by a day.
_FACTS = text("""
    SELECT a.country AS home, a.time_zone, i.state AS tier, h.figures, c.state AS standing,
           o.country, (SELECT array_agg(DISTINCT t.category) FROM order_items t WHERE t.order_id = o.id) AS categories,
           tried.paid, tried.ways || declined.ways AS ways, declined.count AS declined, links.cards, links.refused_near,
           sitting.stepped_up_at, sitting.strange_browser
    FROM accounts a
    LEFT JOIN identities i ON i.account_id = a.id
    LEFT JOIN spending_habits h ON h.account_id = a.id
    LEFT JOIN payment_checks c ON c.bill_id = :bill
    LEFT JOIN orders o ON o.id = :order
    CROSS JOIN LATERAL (
        SELECT count(DISTINCT p.bill_id) FILTER (WHERE p.state = 'succeeded') AS paid,
               array_remove(array_agg(DISTINCT p.method), NULL) AS ways
        FROM payment_attempts p
        WHERE p.account_id = a.id AND p.created_at > :day AND p.source = 'provider') AS tried
    CROSS JOIN LATERAL (
        SELECT count(*) AS count, array_remove(array_agg(DISTINCT d.method), '') AS ways
        FROM payment_attempts p JOIN payment_declines d ON d.attempt_id = p.id
        WHERE p.account_id = a.id AND p.created_at > :week AND d.created_at > :day) AS declined
    CROSS JOIN LATERAL (
        SELECT count(*) FILTER (WHERE mine.kind = 'card' AND mine.created_at > :day) AS cards,
               count(DISTINCT near.account_id) AS refused_near
        FROM account_links mine
        LEFT JOIN LATERAL (
            SELECT theirs.account_id FROM account_links theirs
            JOIN payment_checks k ON k.account_id = theirs.account_id AND k.state = 'refused'
            WHERE theirs.value = mine.value AND theirs.kind = mine.kind AND theirs.account_id <> a.id
              AND (SELECT count(*) FROM (SELECT FROM account_links h WHERE h.value = mine.value AND h.kind = mine.kind
                                         LIMIT :hub + 1) AS crowd) <= :hub
            LIMIT 1) AS near ON true
        WHERE mine.account_id = a.id) AS links
    CROSS JOIN LATERAL (
        SELECT max(s.stepped_up_at) FILTER (WHERE s.factored_at IS NOT NULL OR s.stepped_up_at > s.created_at)
                   AS stepped_up_at,
               bool_or(s.id = :session AND s.agent <> '' AND NOT EXISTS (
                   SELECT FROM account_sessions e
                   WHERE e.account_id = a.id AND e.agent = s.agent AND e.created_at < :day)) AS strange_browser
        FROM account_sessions s
        WHERE s.account_id = a.id AND s.ended_at IS NULL AND s.epoch = a.session_epoch
          AND (s.id = :session OR CAST(:session AS uuid) IS NULL)) AS sitting
    WHERE a.id = :account""")


@dataclass(frozen=True, slots=True)
class Facts:
    """``standing`` is how this bill's check stands, None without one.

    ``stepped_up_at`` is of the session that pays; by a link, of any session of the bill's owner. A password at sign-in
    is not enough, for whoever stole it has just typed it: a second factor, or a proof since.
    """

    seen: Seen
    habit: Habit
    tier: str
    home: str
    standing: str | None
    stepped_up_at: datetime | None


def gather(bill: Bill, session_id: UUID | None) -> Facts:
    """One statement."""
    now = clock.now()
    values = {
        "account": bill.account_id,
        "bill": bill.id,
        "order": bill.order_id,
        "session": session_id,
        "day": now - DAY,
        "week": now - 7 * DAY,
        "hub": network.HUB,
    }
    row = db.session.execute(_FACTS, values).one()
    return Facts(
        _seen(bill.total, row),
        from_json(row.figures),
        row.tier or BASIC,
        row.home,
        row.standing,
        row.stepped_up_at,
    )


def _seen(total: Money, row: Row[tuple[object, ...]]) -> Seen:
    ways = set(row.ways or ())
    return Seen(
        at=zones.local(clock.now(), row.time_zone or zones.of_country(row.home)),
        cents=cents(total),
        currency=total.currency,
        country=row.country or "",
        categories=tuple(row.categories or ()),
        method=next(iter(ways)) if len(ways) == 1 else "",
        paid=row.paid,
        declined=row.declined,
        ways=len(ways),
        cards=row.cards,
        strange_browser=bool(row.strange_browser),
        refused_near=row.refused_near,
    )


def cents(total: Money) -> int:
    """In euro cents; 0 where there is no rate, so that its amount says nothing."""
    worth = pricing.worth(total, "EUR")
    return worth.minor if worth else 0
