"""Exchange risk: what we hold, owe and are owed in each currency, and what its moves have cost or brought us (S35)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, date, datetime

from sqlalchemy import ColumnElement, case, func, select

from daigou.core import clock
from daigou.core.access import Actor, require
from daigou.core.db import db
from daigou.core.money import Money
from daigou.ledger.models import Account, Balance, Posting, Transaction

HELD = ("clearing", "bank", "bank_transit")
OWED_TO_US = ("claim", "insurance_claim", "disputed")
IN_TRANSIT = ("payout_transit", "refund_due")  # on its way out: still in what we hold at the provider
OWED = (
    "escrow",
    "wallet",
    "wallet_held",
    "payable",
    "carrier_payable",
    "premium_held",
    "duty_held",
    "vat_due",
    "deposit",
    *IN_TRANSIT,
)
MONTHS = 12


@dataclass(frozen=True, slots=True)
class Position:
    """One currency. ``open`` is what would change its worth with the rate: held and owed to us, less what we owe."""

    currency: str
    held: Money
    owed: Money
    owed_to_us: Money
    in_transit: Money

    @property
    def open(self) -> Money:
        return self.held + self.owed_to_us - self.owed


@dataclass(frozen=True, slots=True)
class Result:
    """Realised gain (positive) or loss of one month in one currency."""

    month: date
    result: Money


def positions(actor: Actor) -> list[Position]:
    """Every currency that has a balance, in one query."""
    require(actor, "exposure.view")
    statement = (
        select(Account.currency, _sum(HELD, 1), _sum(OWED, -1), _sum(OWED_TO_US, 1), _sum(IN_TRANSIT, -1))
        .join(Balance, Balance.account_id == Account.id)
        .where(Account.kind.in_((*HELD, *OWED, *OWED_TO_US)))
        .group_by(Account.currency)
        .order_by(Account.currency)
    )
    return [
        Position(currency, *(Money(int(minor), currency) for minor in figures))
        for currency, *figures in db.session.execute(statement)
    ]


def results(actor: Actor) -> list[Result]:
    """The last MONTHS, this one included, newest first, in one query over the postings of the exchange result alone."""
    require(actor, "exposure.view")
    month = func.date_trunc("month", Transaction.created_at, "UTC").label("month")
    statement = (
        select(month, Posting.currency, func.sum(-Posting.amount))
        .join(Account, Account.id == Posting.account_id)
        .join(Transaction, Transaction.id == Posting.transaction_id)
        .where(Account.kind == "exchange_result", Transaction.created_at >= _begin())
        .group_by(month, Posting.currency)
        .order_by(month.desc(), Posting.currency)
    )
    found = db.session.execute(statement)
    return [Result(at.date(), Money(int(minor), currency)) for at, currency, minor in found]


def _begin() -> datetime:
    """The first moment of the first of the last MONTHS."""
    today = clock.today()
    months = today.year * 12 + today.month - MONTHS
    return datetime(months // 12, months % 12 + 1, 1, tzinfo=UTC)


def _sum(kinds: Iterable[str], sign: int) -> ColumnElement[int]:
    """The balance of these kinds, seen from their natural side."""
    return func.coalesce(func.sum(case((Account.kind.in_(tuple(kinds)), Balance.balance * sign), else_=0)), 0)
