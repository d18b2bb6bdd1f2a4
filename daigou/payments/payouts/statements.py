"""A merchant's month, straight from the ledger: what it was owed at first, each posting, what it was owed at last."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from importlib.resources import files
from typing import Any
from uuid import UUID

from sqlalchemy import func, select

from compliance.audit import door
from daigou.accounts.models import Merchant
from daigou.core import clock
from daigou.core.access import Actor, require
from daigou.core.cells import harmless
from daigou.core.db import db, transaction
from daigou.core.errors import NotFound
from daigou.core.i18n import _, format_money, lazy
from daigou.core.money import Money
from daigou.ledger.models import Posting, Transaction
from daigou.ledger.rules import Book
from daigou.payments.escrow.models import Release
from daigou.providers import typesetting

from .models import Payout, Recourse

KINDS = {
    "released": lazy("Released to you"),
    "payout_sent": lazy("Paid out"),
    "payout_undone": lazy("Payout that was refused"),
    "payout_returned": lazy("Sent back by your bank"),
    "withheld": lazy("Kept for what you owe us"),
}
_MONTH = re.compile(r"(20\d\d)-(0[1-9]|1[0-2])")
_ABOUT = {"release": Release, "payout": Payout, "recourse": Recourse}


@dataclass(frozen=True, slots=True)
class Row:
    at: datetime
    kind: str
    ref: str
    order_ref: str
    amount: Money  # positive: owed to the merchant
    balance: Money


@dataclass(frozen=True, slots=True)
class Statement:
    merchant: Merchant
    month: str
    opening: Money
    rows: Sequence[Row]

    @property
    def closing(self) -> Money:
        return self.rows[-1].balance if self.rows else self.opening


def months(merchant: Merchant) -> list[str]:
    """The months that a statement can be had for, the newest first: from the merchant's first day with us."""
    day, first = clock.today().replace(day=1), merchant.created_at.date().replace(day=1)
    found: list[str] = []
    while day >= first and len(found) < 60:
        found.append(f"{day:%Y-%m}")
        day = (day - timedelta(days=1)).replace(day=1)
    return found


def statement(actor: Actor, month: str) -> Statement:
    """One month of the actor's own merchant. NotFound for what is no month."""
    if not _MONTH.fullmatch(month):
        raise NotFound("statement.month", lazy("There is no such thing here, or it is not yours."))
    with transaction():
        merchant = db.session.get_one(Merchant, actor.merchant_id)
        require(actor, "bank.enter", merchant)
        door.note(actor, f"statement/{merchant.id}", "statement:read", month=month, merchant_ref=merchant.ref)
        return _of(merchant, month)


def _of(merchant: Merchant, month: str) -> Statement:
    since = datetime.strptime(f"{month}-01", "%Y-%m-%d").replace(tzinfo=UTC)
    until = (since + timedelta(days=32)).replace(day=1)
    book = Book("payable", merchant.currency, str(merchant.id))
    opening = Money(-_sum(book.id, since), merchant.currency)
    return Statement(merchant, month, opening, _rows(_postings(book.id, since, until), opening))


def _sum(account_id: UUID, before: datetime) -> int:
    """What all postings before a moment sum to."""
    posted = (
        select(func.coalesce(func.sum(Posting.amount), 0))
        .join(Transaction, Transaction.id == Posting.transaction_id)
        .where(Posting.account_id == account_id, Transaction.created_at < before)
    )
    return int(db.session.execute(posted).scalar_one())


def _postings(account_id: UUID, since: datetime, until: datetime) -> Sequence[Any]:
    found = (
        select(Transaction.created_at, Transaction.kind, Transaction.about, Posting.amount)
        .join(Transaction, Transaction.id == Posting.transaction_id)
        .where(Posting.account_id == account_id, Transaction.created_at >= since, Transaction.created_at < until)
        .order_by(Transaction.created_at, Posting.id)
    )
    return db.session.execute(found).all()


def _rows(postings: Sequence[Any], opening: Money) -> list[Row]:
    names, balance, found = _references(about for _at, _kind, about, _amount in postings), opening, []
    for at, kind, about, amount in postings:
        moved = Money(-amount, opening.currency)
        balance += moved
        ref, order_ref = names.get(about, ("", ""))
        found.append(Row(at, kind, ref, order_ref, moved, balance))
    return found


def _references(abouts: Iterable[str]) -> dict[str, tuple[str, str]]:
    """References by stream, in one query for each kind of thing."""
    wanted: dict[str, list[UUID]] = {}
    for about in set(abouts):
        kind, _slash, key = about.partition("/")
        if kind in _ABOUT:
            wanted.setdefault(kind, []).append(UUID(key))
    found: dict[str, tuple[str, str]] = {}
    for kind, keys in wanted.items():
        model: Any = _ABOUT[kind]
        for row in db.session.execute(select(model).where(model.id.in_(keys))).scalars():
            found[row.stream] = (row.ref, getattr(row, "order_ref", ""))
    return found


def as_csv(found: Statement) -> str:
    """Comma-separated, with a heading; a text that a spreadsheet would take for a formula is made harmless."""
    out = io.StringIO()
    writer = csv.writer(out)
    writer.writerow([_("Day"), _("What"), _("Reference"), _("Order"), _("Amount"), _("Owed to you"), _("Currency")])
    currency = found.opening.currency
    writer.writerow([f"{found.month}-01", _("At the beginning"), "", "", "", str(found.opening.decimal), currency])
    for row in found.rows:
        words = [f"{row.at:%Y-%m-%d}", str(KINDS.get(row.kind, row.kind)), row.ref, row.order_ref]
        writer.writerow([*map(harmless, words), str(row.amount.decimal), str(row.balance.decimal), currency])
    return "\ufeff" + out.getvalue()


def as_pdf(found: Statement) -> bytes:
    """In the reader's language."""
    template = (files("daigou.payments.payouts") / "statement.typ").read_text()
    return typesetting.pdf(template, {**_words(found), **_facts(found)})


def _words(found: Statement) -> dict[str, Any]:
    return {
        "heading": _("Statement for %(month)s", month=found.month),
        "head": [_("Day"), _("What"), _("Reference"), _("Order"), _("Amount"), _("Owed to you")],
        "opening_word": _("At the beginning"),
        "closing_word": _("At the end"),
        "foot": _("Every line is a posting in our ledger. Nothing in it can be changed, only added to."),
    }


def _facts(found: Statement) -> dict[str, Any]:
    return {
        "name": found.merchant.name,
        "ref": found.merchant.ref,
        "made": date.isoformat(clock.today()),
        "opening": format_money(found.opening),
        "closing": format_money(found.closing),
        "rows": [
            [
                f"{row.at:%Y-%m-%d}",
                str(KINDS.get(row.kind, row.kind)),
                row.ref,
                row.order_ref,
                format_money(row.amount),
                format_money(row.balance),
            ]
            for row in found.rows
        ],
    }
