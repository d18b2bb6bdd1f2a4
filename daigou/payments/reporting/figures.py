"""Payment figures over a period, and what was held day by day. Each is one statement, however long the period."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta

from sqlalchemy import Row, text

from daigou.core.db import db
from daigou.core.money import Money

_BY_METHOD = text("""
    WITH begun AS (
        SELECT coalesce(p.method, '') AS method, p.currency, a.country, count(*) AS tried,
               count(*) FILTER (WHERE p.state IN ('succeeded', 'surplus')) AS paid,
               count(*) FILTER (WHERE p.state = 'processing') AS processing,
               coalesce(sum(p.amount_minor) FILTER (WHERE p.state = 'succeeded'), 0) AS minor
        FROM payment_attempts p JOIN accounts a ON a.id = p.account_id
        WHERE p.created_at >= :begin AND p.created_at < :end GROUP BY 1, 2, 3
    ), refused AS (
        SELECT d.method, p.currency, a.country, count(*) AS refused
        FROM payment_declines d JOIN payment_attempts p ON p.id = d.attempt_id JOIN accounts a ON a.id = p.account_id
        WHERE d.created_at >= :begin AND d.created_at < :end GROUP BY 1, 2, 3
    )
    SELECT method, currency, country, coalesce(tried, 0) AS tried, coalesce(paid, 0) AS paid,
           coalesce(refused, 0) AS refused, coalesce(processing, 0) AS processing, coalesce(minor, 0) AS minor
    FROM begun FULL JOIN refused USING (method, currency, country)
    ORDER BY tried DESC, refused DESC, method, currency, country LIMIT :most""")

_DECLINES = text("""
    SELECT d.code, d.method, a.country, count(*) AS n, count(DISTINCT b.id) AS bills,
           count(DISTINCT b.id) FILTER (WHERE b.state = 'paid') AS recovered
    FROM payment_declines d JOIN payment_attempts p ON p.id = d.attempt_id
    JOIN accounts a ON a.id = p.account_id JOIN bills b ON b.id = p.bill_id
    WHERE d.created_at >= :begin AND d.created_at < :end
    GROUP BY 1, 2, 3 ORDER BY n DESC, 1, 2, 3 LIMIT :most""")

# From today's balances back: what was posted since a day is taken off again.
_HELD = text("""
    WITH moved AS (
        SELECT p.currency, (t.created_at AT TIME ZONE 'UTC')::date AS day, -sum(p.amount) AS minor
        FROM ledger_transactions t JOIN ledger_postings p ON p.transaction_id = t.id
        JOIN ledger_accounts a ON a.id = p.account_id
        WHERE t.created_at >= :begin AND a.kind = 'escrow' GROUP BY 1, 2
    ), now AS (
        SELECT a.currency, -sum(b.balance) AS minor FROM ledger_accounts a
        JOIN ledger_balances b ON b.account_id = a.id WHERE a.kind = 'escrow' GROUP BY 1
    )
    SELECT n.currency, d.day::date AS day,
           n.minor - coalesce((SELECT sum(m.minor) FROM moved m WHERE m.currency = n.currency AND m.day > d.day), 0)
           AS minor
    FROM now n CROSS JOIN generate_series(CAST(:first AS date), CAST(:last AS date), interval '1 day') AS d(day)
    ORDER BY 1, 2""")


MOST = 500  # rows of one table; a page that has more says so


@dataclass(frozen=True, slots=True)
class Method:
    """Payments by one method, currency and shopper's country.

    ``tried`` and ``paid`` are payments that were begun in the period. ``refused`` are tries that a bank, a wallet or a
    lender said no to in it: a payment may have had several, by other methods than the one that it was paid with.
    """

    method: str
    currency: str
    country: str
    tried: int
    paid: int
    refused: int
    processing: int
    taken: Money

    @property
    def unpaid(self) -> int:
        """Left by the shopper, or refused and not tried again."""
        return self.tried - self.paid - self.processing

    @property
    def accepted(self) -> int | None:
        """Permille of the tries that somebody has said yes or no to."""
        judged = self.paid + self.refused
        return None if not judged else round(1000 * self.paid / judged)


@dataclass(frozen=True, slots=True)
class Held:
    """What was held in one currency at the end of each day of a period."""

    currency: str
    days: tuple[date, ...]
    minor: tuple[int, ...]

    @property
    def most(self) -> Money:
        return Money(max(self.minor, default=0), self.currency)

    @property
    def last(self) -> Money:
        return Money(self.minor[-1], self.currency)


def span(first: date, last: date) -> dict[str, datetime]:
    return {
        "begin": datetime.combine(first, time(), UTC),
        "end": datetime.combine(last + timedelta(days=1), time(), UTC),
    }


def by_method(first: date, last: date) -> list[Method]:
    """Every payment that was begun in the period and every try that was refused in it, the most used first.

    One row more than MOST where there are so many.
    """
    rows = db.session.execute(_BY_METHOD, {**span(first, last), "most": MOST + 1})
    return [_method(row) for row in rows]


def _method(row: Row[tuple[object, ...]]) -> Method:
    taken = Money(int(row.minor), row.currency)
    return Method(row.method, row.currency, row.country, row.tried, row.paid, row.refused, row.processing, taken)


def declines(first: date, last: date) -> Sequence[Row[tuple[object, ...]]]:
    """Why tries were refused, how often, on how many bills, and how many of those were paid in the end.

    (code, method, country, n, bills, recovered); one row more than MOST where there are so many.
    """
    return db.session.execute(_DECLINES, {**span(first, last), "most": MOST + 1}).all()


def held(first: date, last: date) -> list[Held]:
    values = {"begin": span(first, last)["begin"], "first": first, "last": last}
    found: dict[str, list[tuple[date, int]]] = {}
    for currency, day, minor in db.session.execute(_HELD, values):
        found.setdefault(currency, []).append((day, int(minor)))
    return [Held(c, tuple(d for d, _ in rows), tuple(m for _, m in rows)) for c, rows in found.items()]
