"""Entries by hand: proposed by one officer, posted when a second one agrees. What was posted stays as it is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select

from compliance.audit import proposals
from compliance.audit.models import Proposal
from daigou.core.access import Actor
from daigou.core.db import Page, db, find, keyset, load
from daigou.core.errors import Impossible, Invalid
from daigou.core.i18n import lazy
from daigou.core.money import Money

from . import rules
from .models import Account, Balance, Posting, Transaction
from .rules import Book, Line
from .service import post

KIND = "ledger.correct"


@dataclass(frozen=True, slots=True)
class Entry:
    """A transaction with its lines: (account code, amount), debits positive; and what corrects it."""

    transaction: Transaction
    lines: Sequence[tuple[str, Money]]
    corrections: Sequence[Transaction]
    corrects: Transaction | None


def propose(
    actor: Actor, lines: Sequence[Line], reason: str, corrects: UUID | None = None, about: str = "ledger/by-hand"
) -> Proposal:
    """Put an entry before a second officer. Invalid at ``lines`` when it does not balance or says nothing.

    ``corrects`` is the transaction it puts right; without one it is an entry by hand, such as money for the reserve,
    ``about`` what it concerns.
    """
    entries = rules.compact(lines)
    if not entries or rules.imbalance(entries):
        raise Invalid({"lines": lazy("Debits and credits of each currency must be equal, and not nothing.")})
    _refuse_overdrawn(entries)
    payload = {
        "corrects": str(corrects) if corrects else None,
        "lines": [[entry.book.code, entry.amount] for entry in entries],
    }
    said = "; ".join(_said(entry) for entry in entries)
    about = f"ledger/{corrects}" if corrects else about
    return proposals.propose(actor, KIND, about=about, summary=said, reason=reason, payload=payload)


def _said(entry: Line) -> str:
    side = "debit" if entry.amount > 0 else "credit"
    return f"{side} {entry.book.code} {Money(abs(entry.amount), entry.book.currency)}"


def _apply(actor: Actor, proposal: Proposal) -> None:
    lines = [Line(book_of(code), int(amount)) for code, amount in proposal.payload["lines"]]
    _refuse_overdrawn(lines)
    corrects = proposal.payload["corrects"]
    kind = "correction" if corrects else "by_hand"
    post(actor, proposal, kind, f"proposal:{proposal.ref}", lines, corrects=UUID(corrects) if corrects else None)


def _refuse_overdrawn(lines: Sequence[Line]) -> None:
    """In words, before the database refuses it."""
    guarded = {line.book.id: line for line in lines if line.book.guard}
    rows = db.session.execute(
        select(Balance.account_id, func.sum(Balance.balance))
        .where(Balance.account_id.in_(list(guarded)))
        .group_by(Balance.account_id)
    )
    now = {key: int(amount) for key, amount in rows}
    for key, line in guarded.items():
        if (now.get(key, 0) + line.amount) * line.book.guard < 0:
            words = lazy("%(account)s does not hold that much.", account=line.book.code)
            raise Impossible("ledger.overdrawn", words)


def book_of(code: str) -> Book:
    """``kind:currency`` or ``kind:currency:owner``. Invalid at ``lines`` for anything else."""
    kind, _, rest = code.strip().partition(":")
    currency, _, owner = rest.partition(":")
    try:
        Money.zero(currency)
        if len(code.strip()) > 120 or len(owner) > 60:
            raise ValueError
        return Book(kind, currency, owner or None)
    except ValueError as error:
        raise Invalid({"lines": lazy("There is no account “%(code)s”.", code=code[:60])}) from error


def journal(cursor: str | None, about: str = "") -> Page:
    """Every transaction, newest first; ``about`` narrows to one thing's stream."""
    statement = select(Transaction)
    if about:
        return keyset(statement.where(Transaction.about == about), Transaction.id, cursor=cursor, size=50)
    return keyset(statement, Transaction.created_at, Transaction.id, cursor=cursor, size=50)


def entry(transaction_id: UUID) -> Entry:
    row: Transaction = load(Transaction, id=transaction_id)
    statement = (
        select(Account.code, Posting.amount, Posting.currency)
        .join(Account, Account.id == Posting.account_id)
        .where(Posting.transaction_id == row.id)
        .order_by(Posting.id)
    )
    lines = [(code, Money(int(amount), currency)) for code, amount, currency in db.session.execute(statement)]
    put_right = select(Transaction).where(Transaction.corrects_id == row.id).order_by(Transaction.id)
    corrected = find(Transaction, id=row.corrects_id) if row.corrects_id else None
    return Entry(row, lines, db.session.execute(put_right).scalars().all(), corrected)


@dataclass(frozen=True, slots=True)
class Movements:
    """A page of postings: each with the transaction that it stands in; a debit is positive."""

    rows: Sequence[tuple[Transaction, Money]]
    next: str | None


def movements(kind: str, cursor: str | None) -> Movements:
    """What moved on the accounts of a kind, newest first: two queries."""
    accounts = select(Account.id).where(Account.kind == kind)
    page = keyset(select(Posting).where(Posting.account_id.in_(accounts)), Posting.id, cursor=cursor)
    found = select(Transaction).where(Transaction.id.in_([row.transaction_id for row in page.rows]))
    known = {row.id: row for row in db.session.scalars(found)}
    return Movements([(known[p.transaction_id], Money(p.amount, p.currency)) for p in page.rows], page.next)


_TITLE = lazy("Entry in the books")
proposals.register(proposals.Kind(KIND, propose=KIND, decide=KIND, title=_TITLE, apply=_apply))
