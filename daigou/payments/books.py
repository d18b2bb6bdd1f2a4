"""The books against what orders say, and against the provider's own."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable, Iterator
from datetime import timedelta
from itertools import islice
from typing import Any

from sqlalchemy import func, select, text

from compliance.audit import door
from compliance.audit.models import Entry
from daigou.core import clock
from daigou.core.db import db, transaction
from daigou.core.money import Money
from daigou.ledger.check import Report, check
from daigou.ledger.models import Account, Balance, Transaction
from daigou.providers.payment import BookLine, Trouble

from . import news
from .actor import SYSTEM
from .provider import provider

log = logging.getLogger(__name__)

# A webhook and its job need a moment; a line of the provider that is younger than this may still be on its way.
IN_FLIGHT = timedelta(minutes=15)
LOOK_BACK = timedelta(days=30)
LOOKS = 3
STREAM = "books/check"

_ESCROW = text(
    """
    WITH held AS (
        SELECT a.owner, sum(-b.balance) AS held FROM ledger_accounts a JOIN ledger_balances b ON b.account_id = a.id
        WHERE a.kind = 'escrow' GROUP BY a.owner
    ), back AS (
        SELECT escrow_owner AS owner, sum(amount_minor) FILTER (WHERE state <> 'failed') AS gone,
               sum(amount_minor) FILTER (WHERE state = 'failed') AS returned
        FROM refunds GROUP BY escrow_owner
    ), taken AS (
        SELECT owner, sum(amount_minor) AS amount FROM escrow_takings GROUP BY owner
    ), paid AS (
        SELECT DISTINCT b.order_id FROM bills b JOIN payment_attempts p ON p.bill_id = b.id
        WHERE p.state = 'succeeded' AND b.kind = 'goods'
    )
    SELECT i.ref, i.state, coalesce(h.held, 0) AS held,
           CASE WHEN p.order_id IS NULL THEN 0
                ELSE i.goods_minor + i.freight_minor + i.fee_minor - coalesce(k.gone, 0) - coalesce(x.amount, 0)
                END AS due,
           r.id IS NOT NULL AS released, coalesce(k.returned, 0) AS returned
    FROM order_items i
    LEFT JOIN paid p ON p.order_id = i.order_id
    LEFT JOIN held h ON h.owner = i.id::text
    LEFT JOIN back k ON k.owner = i.id::text
    LEFT JOIN taken x ON x.owner = i.id::text
    LEFT JOIN releases r ON r.item_id = i.id
    WHERE CASE WHEN r.id IS NULL
          THEN coalesce(h.held, 0) <> CASE WHEN p.order_id IS NULL THEN 0
               ELSE i.goods_minor + i.freight_minor + i.fee_minor - coalesce(k.gone, 0) - coalesce(x.amount, 0) END
          ELSE coalesce(h.held, 0) NOT IN (0, coalesce(k.returned, 0)) END
    LIMIT 10
    """
)

_STUCK = (
    ("outbox work was given up", "SELECT count(*) FROM outbox WHERE failed_at IS NOT NULL"),
    (
        "outbox work is late",
        "SELECT count(*) FROM outbox WHERE done_at IS NULL AND failed_at IS NULL"
        " AND created_at < now() - interval '1 hour' AND due_at < now() - interval '15 minutes'",
    ),
    (
        "webhooks are not worked on",
        "SELECT count(*) FROM inbox_events WHERE done_at IS NULL AND created_at < now() - interval '15 minutes'",
    ),
)
_WAITING = (
    ("refunds failed and wait for a person", "SELECT count(*) FROM refunds WHERE state = 'failed'"),
    ("payouts failed and wait for a person", "SELECT count(*) FROM releases WHERE state = 'failed'"),
)


def check_all(*, with_provider: bool = True) -> Report:
    """Everything that `daigou ledger check` proves."""
    with transaction():
        report = check()
        _check_escrow(report)
        _check_stuck(report)
    if with_provider:
        _check_clearing(report)
    return report


def _check_escrow(report: Report) -> None:
    broken = db.session.execute(_ESCROW).mappings().all()
    for row in broken:
        due = f"0 or {row['returned']} after its release" if row["released"] else row["due"]
        report.faults.append(f"escrow of {row['ref']} ({row['state']}) holds {row['held']}, it should hold {due}")
    report.figures.append(("escrow of each item is what its order says", "broken" if broken else "holds"))


def _check_stuck(report: Report) -> None:
    for words, query in _STUCK:
        if found := db.session.execute(text(query)).scalar_one():
            report.faults.append(f"{words}: {found}")
    for words, query in _WAITING:
        if found := db.session.execute(text(query)).scalar_one():
            report.notes.append(f"{words}: {found}")


def _check_clearing(report: Report) -> None:
    """Our clearing accounts against the provider's balance, with every difference named line by line.

    Both move while they are read: what does not match is looked at again before it is called a fault.
    """
    for rest in range(LOOKS - 1, -1, -1):
        seen = Report()
        try:
            _compare_clearing(seen)
        except Trouble as trouble:
            seen = Report(notes=[f"the provider does not answer ({trouble.code}): clearing was not compared"])
        if seen.holds or not rest:
            break
        time.sleep(1)
    report.faults += seen.faults
    report.notes += seen.notes
    report.figures += seen.figures


def _compare_clearing(report: Report) -> None:
    theirs = provider().balances()
    with transaction():
        ours = clearing()
    for currency in sorted({*ours, *theirs}):
        zero = Money.zero(currency)
        off = theirs.get(currency, zero) - ours.get(currency, zero)
        words = f"ours {ours.get(currency, zero)}, the provider's {theirs.get(currency, zero)}"
        report.figures.append((f"clearing in {currency}", words))
        if off:
            _explain(report, off)


def clearing() -> dict[str, Money]:
    """What we believe to have at the provider."""
    statement = (
        select(Account.currency, func.sum(Balance.balance))
        .join(Balance, Balance.account_id == Account.id)
        .where(Account.kind == "clearing")
        .group_by(Account.currency)
    )
    return {currency: Money(int(amount), currency) for currency, amount in db.session.execute(statement)}


def _explain(report: Report, off: Money) -> None:
    """Lines of the provider that our books do not have: on their way when young, a fault when old."""
    missing = [
        line for line in unposted(provider().book_lines(clock.now() - LOOK_BACK)) if line.gross.currency == off.currency
    ]
    rest = off
    for line in missing:
        rest -= line.net
        words = f"{line.net} of the provider's line {line.id} ({line.kind} {line.source}) is not in our books"
        young = clock.now() - line.created < IN_FLIGHT
        (report.notes if young else report.faults).append(words + (", on its way" if young else ""))
    if rest:
        report.faults.append(f"clearing differs from the provider's by {rest} that no line explains")


def unposted(lines: Iterable[BookLine]) -> Iterator[BookLine]:
    """Those whose posting is missing, a page at a time: every line's posting has it for a key."""
    source = iter(lines)
    while page := list(islice(source, 500)):
        keys = [f"stripe:{line.id}" for line in page]
        with transaction():
            known = set(db.session.execute(select(Transaction.key).where(Transaction.key.in_(keys))).scalars())
        yield from (line for line in page if f"stripe:{line.id}" not in known)


def watch() -> None:
    """The check as a job: written to the audit log, and cried out when it starts to fail."""
    report = check_all()
    for fault in report.faults:
        log.error("the books do not hold", extra={"fault": fault})
    with transaction():
        before = last_check()
        outcome = "done" if report.holds else "failed"
        door.note(SYSTEM, STREAM, "books:checked", outcome=outcome, faults=report.faults[:20], notes=report.notes[:20])
        if not report.holds and (before is None or before.outcome != "failed"):
            news.books_do_not_balance(len(report.faults))


def last_check() -> Entry | None:
    statement = select(Entry).where(Entry.stream == STREAM).order_by(Entry.stream_no.desc()).limit(1)
    return db.session.execute(statement).scalar_one_or_none()


def balances() -> list[dict[str, Any]]:
    """Every kind of account with its balance per currency, for the officer's page."""
    statement = (
        select(Account.kind, Account.currency, func.sum(Balance.balance), func.count(Account.id.distinct()))
        .join(Balance, Balance.account_id == Account.id)
        .group_by(Account.kind, Account.currency)
        .order_by(Account.kind, Account.currency)
    )
    return [
        {"kind": kind, "balance": Money(int(amount), currency), "accounts": count}
        for kind, currency, amount, count in db.session.execute(statement)
    ]
