"""The ledger: one transfer through post(), beside the same statements through psycopg."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from functools import partial
from statistics import median

import psycopg
from psycopg.types.json import Jsonb

from benchmarks.house import House, Market
from benchmarks.report import Row
from benchmarks.rounds import interleave, per_second
from benchmarks.statements import counted
from daigou.core import ids
from daigou.core.access import system
from daigou.core.db import db, load_locked, transaction
from daigou.ledger.rules import Book, Line
from daigou.ledger.service import post, post_batch
from daigou.orders.models import Bill
from tests import factories

CLEARING, ESCROW = Book("clearing", "EUR"), Book("escrow", "EUR", "bench")
LINES = [Line(CLEARING, 12_880), Line(ESCROW, -12_880)]


def transfer(house: House) -> Iterator[Row]:
    market = house.markets[0]
    with market.app.app_context(), psycopg.connect(market.url) as link:
        bill = some_bill()
        with counted() as seen:
            ours(bill, 0)
        runs = {
            "ours": per_second(partial(ours, bill), house.seconds),
            "bare": per_second(partial(bare, link), house.seconds),
        }
        results = interleave(runs, house.rounds)
        db.session.remove()
    rate, limit = median(results["ours"]), median(results["bare"])
    yield Row(
        "ledger transfer, one client", None, f"{rate:.0f}/s", f"{limit:.0f}/s", rate / limit, ">= 0.7",
        rate / limit >= 0.7, str(len(seen)),
        note="ledger transfer: ours locks the thing the money is about and writes its audit entry and its new stream "
        "number in the same transaction; the limit is the same rows through psycopg, all prepared",
    )  # fmt: skip


BATCH = 1_000


def batches(house: House) -> Iterator[Row]:
    """A thousand transfers at once through post_batch(), beside the very same statement with ready arrays."""
    market = house.markets[0]
    with market.app.app_context(), psycopg.connect(market.url) as link:
        bill = some_bill()
        with_a_past(market, bill)
        runs = {
            "ours": per_second(partial(our_batch, bill), house.seconds),
            "bare": per_second(partial(bare_batch, link), house.seconds),
        }
        results = interleave(runs, house.rounds)
        db.session.remove()
    rate, limit = median(results["ours"]) * BATCH, median(results["bare"]) * BATCH
    yield Row(
        "ledger transfers, 1,000 at once", None, f"{rate:,.0f}/s", f"{limit:,.0f}/s", rate / limit,
        ">= 20,000/s", rate >= 20_000,
        note="ledger transfers at once: numbers, keys, lines and their digest are made in Python, one statement posts "
        "them and one entry stands for them; the limit is that statement alone with arrays of the same size",
    )  # fmt: skip


def with_a_past(market: Market, bill: uuid.UUID) -> None:
    """Books that were empty a moment ago have no statistics: foreign keys are looked up by reading whole tables."""
    for number in range(5):
        our_batch(bill, number)
    with market.superuser() as connection:
        connection.execute("ANALYZE")


def our_batch(bill: uuid.UUID, number: int) -> None:
    mark = uuid.uuid4()
    with transaction():
        transfers = [(f"bench:{mark}:{n}", LINES) for n in range(BATCH)]
        post_batch(system("bench"), load_locked(Bill, id=bill), "escrow", transfers)
    db.session.expunge_all()


def bare_batch(link: psycopg.Connection, number: int) -> None:
    mark, keys = uuid.uuid4(), [ids.new_id() for _ in range(BATCH)]
    with link.transaction():
        link.execute(
            "WITH begun AS (INSERT INTO ledger_transactions (id, key, created_at, kind, about, facts)"
            " SELECT one.*, now(), 'escrow', 'bill/bare', '{}' FROM unnest(%s::uuid[], %s::text[]) AS one"
            " ON CONFLICT (key) DO NOTHING RETURNING id)"
            " INSERT INTO ledger_postings (transaction_id, account_id, currency, amount)"
            " SELECT line.* FROM begun JOIN unnest(%s::uuid[], %s::uuid[], %s::text[], %s::bigint[])"
            " AS line (transaction_id, account_id, currency, amount) ON line.transaction_id = begun.id",
            (
                keys, [f"bare:{mark}:{n}" for n in range(BATCH)], [key for key in keys for _ in LINES],
                [CLEARING.id, ESCROW.id] * BATCH, ["EUR", "EUR"] * BATCH, [12_880, -12_880] * BATCH,
            ),
        )  # fmt: skip


def some_bill() -> uuid.UUID:
    factories.rates()
    shop, _ = factories.merchant()
    return factories.bill_of(factories.order(factories.account(), factories.listing(shop))).id


def ours(bill: uuid.UUID, number: int) -> None:
    with transaction():
        post(system("bench"), load_locked(Bill, id=bill), "escrow", f"bench:{uuid.uuid4()}", LINES)
    db.session.expunge_all()


def bare(link: psycopg.Connection, number: int) -> None:
    """What post() sends, and the lock, the entry and the row around it."""
    key, at = ids.new_id(), ids.new_id()
    accounts = [(b.id, b.code, b.kind, b.currency, b.owner, b.guard) for b in (CLEARING, ESCROW)]
    with link.transaction():
        run = link.execute
        bill = run("SELECT * FROM bills WHERE stream_no >= 0 ORDER BY id LIMIT 1 FOR UPDATE").fetchone()
        assert bill is not None
        run(
            "WITH opened AS (INSERT INTO ledger_accounts (id, code, kind, currency, owner, guard, created_at) VALUES"
            " (%s, %s, %s, %s, %s, %s, now()), (%s, %s, %s, %s, %s, %s, now()) ON CONFLICT DO NOTHING), begun AS ("
            "INSERT INTO ledger_transactions (id, created_at, kind, key, about, facts)"
            " VALUES (%s, now(), %s, %s, %s, %s) ON CONFLICT (key) DO NOTHING RETURNING id)"
            " INSERT INTO ledger_postings (transaction_id, account_id, currency, amount)"
            " SELECT id, line.* FROM begun, (VALUES (%s::uuid, %s, %s), (%s::uuid, %s, %s)) AS line",
            (
                *accounts[0], *accounts[1], key, "escrow", f"bare:{at}", "bill/bare", Jsonb({}),
                CLEARING.id, "EUR", 12_880, ESCROW.id, "EUR", -12_880,
            ),
        )  # fmt: skip
        run(
            "INSERT INTO audit_entries (id, created_at, at, kind, stream, stream_no, prev_hash, actor, body, leaf_hash,"
            " outcome) VALUES (%s, now(), now(), 'bench', %s, 1, %s, 'bench', %s, %s, 'done')",
            (at, f"bare/{at}", bytes(32), bytes(400), bytes(32)),
        )
        run("UPDATE bills SET stream_head = stream_head WHERE id = (SELECT id FROM bills ORDER BY id LIMIT 1)")
