"""What a report says besides its grounds, read when it is exported: who it is, and their payments of the last year."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import text

from daigou.accounts.models import Account
from daigou.core import clock
from daigou.core.db import db, find
from daigou.core.errors import NotFound
from daigou.core.i18n import lazy
from daigou.core.money import Money
from daigou.pricing import service as pricing

SPAN = timedelta(days=365)
MOST = 500

_PAYMENTS = text("""
    SELECT p.bill_ref AS ref, p.order_ref, p.created_at AS at, p.currency, p.amount_minor, p.returned_minor, o.country,
           coalesce(p.method, '') AS method
    FROM payment_attempts p JOIN bills b ON b.id = p.bill_id LEFT JOIN orders o ON o.id = b.order_id
    WHERE p.account_id = :account AND p.state = 'succeeded' AND p.created_at > :since
    ORDER BY p.created_at DESC LIMIT :most""")


@dataclass(frozen=True, slots=True)
class Person:
    """In clear, for the unit alone. Names are empty where the account was erased."""

    subject: str
    name: str
    email: str
    phone: str
    country: str
    since: datetime


@dataclass(frozen=True, slots=True)
class Movement:
    """One payment: what was paid, what of it went back, and what it was worth in the unit's currency."""

    ref: str
    order_ref: str
    at: datetime
    amount: Money
    returned: Money
    worth: Money | None
    method: str
    country: str


def person(subject: str) -> Person:
    """NotFound for a reference that is no account."""
    row = find(Account, subject=subject)
    if row is None:
        raise NotFound("person.unknown", lazy("Nobody has this reference here."))
    clear = (each if isinstance(each, str) else "" for each in (row.name, row.email, row.phone))
    name, email, phone = clear
    return Person(subject, name, email, phone, row.country, row.created_at)


def movements(subject: str, currency: str) -> list[Movement]:
    """The newest 500 of a year, newest first. One statement."""
    account = find(Account, subject=subject)
    if account is None:
        return []
    values = {"account": account.id, "since": clock.now() - SPAN, "most": MOST}
    return [
        Movement(
            row.ref,
            row.order_ref,
            row.at,
            Money(row.amount_minor, row.currency),
            Money(row.returned_minor, row.currency),
            pricing.worth(Money(row.amount_minor, row.currency), currency),
            row.method,
            row.country or "",
        )
        for row in db.session.execute(_PAYMENTS, values)
    ]
