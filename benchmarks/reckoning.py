"""Proving the books: `ledger check` over a million postings, a day of a million lines reconciled, one balance read.

Rows are put in by SQL as post() would leave them, in databases of their own; then our own code runs over them.
"""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from typing import Any

import psycopg

from benchmarks.house import House, Market, memory
from benchmarks.report import Row
from daigou.app import create_app
from daigou.core.config import Config
from daigou.core.db import db, transaction
from daigou.core.money import Money
from daigou.ledger.check import check
from daigou.ledger.rules import Book
from daigou.ledger.service import balance
from daigou.providers.payment import BookLine
from daigou.reconciliation import running

LARGEST = 1_000_000
MIB = 2**20
DAY = date(2026, 3, 1)
NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)
OWNERS = 1_000  # escrow accounts that the postings stand on

_FILL = """
SET session_replication_role = replica;
INSERT INTO ledger_accounts (id, code, kind, currency, owner, guard, created_at) VALUES {accounts};
INSERT INTO ledger_transactions (id, created_at, kind, key, about, facts)
SELECT gen_random_uuid(), {at}, 'captured', 'stripe:txn_' || n, 'attempt/bench', '{{}}'
FROM generate_series(1, {half}) n;
INSERT INTO ledger_postings (transaction_id, account_id, currency, amount)
SELECT t.id, line.account, 'JPY', line.amount
FROM (SELECT id, row_number() OVER (ORDER BY key) AS n FROM ledger_transactions) t
CROSS JOIN LATERAL (VALUES
    ('{clearing}'::uuid, 964), (('{{{escrows}}}'::uuid[])[1 + t.n % {owners}], -964)) AS line (account, amount);
INSERT INTO ledger_balances (account_id, slot, guard, balance)
SELECT p.account_id, 0, a.guard, sum(p.amount) FROM ledger_postings p JOIN ledger_accounts a ON a.id = p.account_id
GROUP BY p.account_id, a.guard;
SET session_replication_role = DEFAULT;
ANALYZE"""


def checking(house: House) -> Iterator[Row]:
    """`daigou ledger check` without the provider's half, and one balance read on the same books."""
    reads: dict[int, float] = {}
    for size in house.pair(LARGEST):
        with books_of(house, f"check_{size}", size, "now() - interval '2 days'") as app, app.app_context():
            took = fastest(3, lambda: _hold(check))
            reads[size] = fastest(200, lambda: balance("escrow", "JPY", "owner-7"))
            db.session.remove()
        yield Row(
            "ledger check, postings", size, f"{took:.2f} s", goal="<= 10 s for 1,000,000",
            met=took <= 10 * size / LARGEST if size >= LARGEST // 10 else None, value=size / took,
        )  # fmt: skip
    (_small, first), (large, last) = reads.items()
    yield Row(
        "one balance read", large, f"{last * 1e6:.0f} us", f"{first * 1e6:.0f} us", first / last,
        "the same at any size", last < 2 * first,
        note="one balance read: its limit is the same read on a hundredth of the postings",
    )  # fmt: skip


def _hold(work: Callable[[], Any]) -> None:
    with transaction():
        report = work()
    if not report.holds:
        raise RuntimeError(report.faults[:3])


def reconciling(house: House) -> Iterator[Row]:
    """A day's lines streamed in, kept, and put beside our books, which have every one of them."""
    for size in house.pair(LARGEST):
        with books_of(house, f"reconcile_{size}", 2 * size, f"'{NOON.isoformat()}'") as app, app.app_context():
            app.extensions["payment_provider"] = Provider(size)
            with watched() as peak:
                begun = time.perf_counter()
                outcome = running.reconcile(DAY)
                took = time.perf_counter() - begun
            db.session.remove()
        if (outcome.theirs, outcome.matched, outcome.found) != (size, size, {}):
            raise RuntimeError(outcome)
        grown = (peak[1] - peak[0]) / MIB
        yield Row(
            "reconciling a day, lines", size, f"{size / took:,.0f}/s", goal="constant memory", met=grown < 64,
            latency=f"{took:.1f} s, +{grown:.0f} MiB", value=size / took,
            note="reconciling: the lines come from a generator in the place of the provider's pages, so that its "
            "network is not measured; memory is this process's growth at its peak (PSS), PostgreSQL keeps its own",
        )  # fmt: skip


class Provider:
    """The provider's half that a run needs: lines, newest first."""

    def __init__(self, size: int) -> None:
        self.size = size

    def book_lines(self, since: datetime, until: datetime | None = None) -> Iterator[BookLine]:
        for n in range(self.size, 0, -1):
            at = NOON + timedelta(milliseconds=n)
            yield BookLine(f"txn_{n}", "charge", f"ch_{n}", Money(964, "JPY"), Money(0, "JPY"), at, at)


@contextmanager
def books_of(house: House, name: str, postings: int, at: str) -> Iterator[Any]:
    house.database(name)
    clearing, escrows = Book("clearing", "JPY"), [Book("escrow", "JPY", f"owner-{n}") for n in range(OWNERS)]
    accounts = ", ".join(
        f"('{b.id}', '{b.code}', '{b.kind}', '{b.currency}', {repr(b.owner) if b.owner else 'NULL'}, {b.guard}, now())"
        for b in (clearing, *escrows)
    )
    filled = _FILL.format(
        accounts=accounts, at=at, half=postings // 2, clearing=clearing.id, owners=OWNERS,
        escrows=",".join(str(b.id) for b in escrows),
    )  # fmt: skip
    with psycopg.connect(house.stack.url(name), autocommit=True) as connection:
        for statement in filled.split(";"):
            connection.execute(statement)  # type: ignore[call-overload]
    made = Market(house, 0, environment_of(house, name))
    app = create_app(Config.from_env(made.environment))
    try:
        yield app
    finally:
        with app.app_context():
            db.engine.dispose()


def environment_of(house: House, name: str) -> dict[str, str]:
    plain = house.stack.environment
    urls = {key: plain[key].replace("/daigou?", f"/{name}?") for key in ("DATABASE_URL", "DATABASE_OWNER_URL")}
    return {**plain, **urls}


def fastest(times: int, work: Callable[[], object]) -> float:
    """Seconds of the best of some runs: what the machine does besides only ever adds."""
    found = []
    for _ in range(times):
        begun = time.perf_counter()
        work()
        found.append(time.perf_counter() - begun)
    return min(found)


@contextmanager
def watched() -> Iterator[list[float]]:
    """[bytes before, most bytes meanwhile] of this process, looked at ten times a second."""
    seen, over = [float(memory(os.getpid()))] * 2, threading.Event()

    def look() -> None:
        while not over.wait(0.1):
            seen[1] = max(seen[1], memory(os.getpid()))

    watcher = threading.Thread(target=look, daemon=True)
    watcher.start()
    try:
        yield seen
    finally:
        over.set()
        watcher.join()
