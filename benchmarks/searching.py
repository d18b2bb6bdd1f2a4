"""Searches over the trail at two sizes a hundredfold apart.

The tables are made by SQL, for 10,000,000 real entries take an hour to hash; a search reads no body. Each search is
measured beside its bare limit, a look-up of fifty rows by their keys.
"""

from __future__ import annotations

import json
import random
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from statistics import median
from time import perf_counter
from typing import Any

import psycopg
from sqlalchemy import event, text

from benchmarks.house import House
from benchmarks.report import Row
from benchmarks.rounds import interleave
from compliance.audit import glance, searching
from compliance.audit.searching import Facets
from daigou.app import create_app
from daigou.core.config import Config
from daigou.core.db import db
from daigou.embedded.stack import Stack

START = datetime(2026, 1, 1, tzinfo=UTC)
ROUNDS = 21
LARGEST = 10_000_000
WORTH_AN_INDEX = 50_000  # a smaller table is read whole, and rightly
# Every hundredth was denied, one in 250,000 failed, a kind in a hundred thousand is rare; ten to an order.
_FILL = """
    INSERT INTO audit_entries (id, created_at, at, kind, stream, stream_no, prev_hash, actor, body, leaf_hash, subject,
                               order_ref, merchant_ref, outcome)
    SELECT (lpad(to_hex(n), 12, '0') || '7000800000000000' || lpad(to_hex(n %% 65536), 4, '0'))::uuid, t, t,
        CASE WHEN n %% 100000 = 7 THEN 'books:checked' ELSE 'order:kind' || n %% 40 END,
        'order/' || n / 10, n %% 10 + 1, '\\x00', 'sub_' || lpad(to_hex(n / 10 %% 5000), 24, '0'), '\\x00', '\\x00',
        'sub_' || lpad(to_hex(n / 10 %% 5000), 24, '0'), 'ORD-' || lpad((n / 10)::text, 10, '0'),
        'MER-' || lpad((n %% 50)::text, 10, '0'),
        CASE WHEN n %% 250000 = 9 THEN 'failed' WHEN n %% 100 = 3 THEN 'denied' ELSE 'done' END
    FROM generate_series(%(first)s::bigint, %(end)s::bigint - 1) n,
        LATERAL (SELECT timestamptz '2026-01-01 00:00Z' + n * interval '1 second' AS t) _"""
_UNIQUE = "uq_audit_entries_stream_stream_no"
_INDEXES = """SELECT indexname, indexdef FROM pg_indexes WHERE tablename = 'audit_entries'
    AND indexname NOT LIKE 'pk_%' AND indexname NOT LIKE 'uq_%'"""


def fill(url: str, size: int) -> None:
    """The table of that size, its indexes made afterwards: the same, and a tenth of the time."""
    with psycopg.connect(url, autocommit=True) as link:
        link.execute("SET session_replication_role = replica")
        link.execute("SET maintenance_work_mem = '512MB'")
        indexes = link.execute(_INDEXES).fetchall()
        for name, _ in indexes:
            link.execute(f'DROP INDEX "{name}"')  # type: ignore[arg-type]  names of our own
        link.execute(f"ALTER TABLE audit_entries DROP CONSTRAINT {_UNIQUE}")
        for first in range(0, size, 1_000_000):
            link.execute(_FILL, {"first": first, "end": min(size, first + 1_000_000)})
        link.execute(f"ALTER TABLE audit_entries ADD CONSTRAINT {_UNIQUE} UNIQUE (stream, stream_no)")
        for _, definition in indexes:
            link.execute(definition)
        link.execute("VACUUM ANALYZE audit_entries")


def searches(size: int) -> dict[str, Facets]:
    """What officers ask, the worst cases among it: conditions that never meet, however many match each."""
    middle = START + timedelta(seconds=size / 2)
    order = size // 20
    return {
        "everything": Facets(),
        "kind": Facets(kind="order:kind5"),
        "rare kind": Facets(kind="books:checked"),
        "three kinds": Facets(kind="order:kind5 order:kind6 books:checked"),
        "order": Facets(order_ref=f"ORD-{order:010d}"),
        "merchant": Facets(merchant_ref=f"MER-{7:010d}"),
        "shopper": Facets(subject=f"sub_{order % 5000:024x}"),
        "actor": Facets(actor=f"sub_{order % 5000:024x}"),
        "stream": Facets(stream=f"order/{order}"),
        "denied": Facets(outcome="denied"),
        "failed": Facets(outcome="failed"),
        "half of the time": Facets(since=START, until=middle),
        "kind and merchant": Facets(kind="order:kind5", merchant_ref=f"MER-{5:010d}"),
        "never meet": Facets(kind="order:kind5", merchant_ref=f"MER-{6:010d}"),
        "failed of a merchant": Facets(outcome="failed", merchant_ref=f"MER-{6:010d}", until=middle),
        "done of a kind": Facets(outcome="done", kind="order:kind5"),
    }  # fmt: skip


WORK: dict[str, Callable[[Facets], object]] = {
    "page": searching.matching,
    "counts": searching.tally,
    "alert": lambda facets: searching.count_up_to(facets, 50),
}


@contextmanager
def sent() -> Iterator[list[tuple[str, Any]]]:
    found: list[tuple[str, Any]] = []

    def note(_connection: Any, _cursor: Any, statement: str, values: Any, *_more: Any) -> None:
        found.append((statement, values))

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        yield found
    finally:
        event.remove(db.engine, "before_cursor_execute", note)


def scans(statement: str, values: Any) -> list[str]:
    """Whole tables that the plan of a statement walks through."""
    raw = db.session.connection().connection.cursor()
    raw.execute(f"EXPLAIN (FORMAT JSON) {statement}", values)
    plan = raw.fetchone()[0]
    return _walked(plan[0]["Plan"] if isinstance(plan, list) else json.loads(plan)[0]["Plan"])


def _walked(node: dict[str, Any]) -> list[str]:
    own = [node["Relation Name"]] if node["Node Type"] == "Seq Scan" else []
    return own + [name for child in node.get("Plans", ()) for name in _walked(child)]


Figures = dict[tuple[str, str], tuple[float, float, int]]
"""By kind of work and search: its milliseconds, those of the bare limit, and its statements."""


def measured(size: int) -> Figures:
    """Raises where a plan scans."""
    found: Figures = {}
    for name, facets in searches(size).items():
        for kind, work in WORK.items():
            with sent() as statements:
                work(facets)
            walked = [table for one in statements for table in scans(*one)]
            if walked and size >= WORTH_AN_INDEX:
                raise RuntimeError(f"{name}, {kind}: walks through {walked}")
            times = interleave({"ours": _timed(lambda w=work, f=facets: w(f)), "bare": _timed(bare(size))}, ROUNDS)
            found[kind, name] = (median(times["ours"]), median(times["bare"]), len(statements))
    facets, cursor = Facets(kind="order:kind5"), None
    for _ in range(20):
        cursor = searching.matching(facets, cursor).next
    alone = {"page 20 deep": lambda: searching.matching(facets, cursor), "kinds for the form": glance.kinds}
    for name, times in interleave({name: _timed(work) for name, work in alone.items()}, ROUNDS).items():
        found[name, "kind"] = (median(times), 0.0, 1)
    return found


def bare(size: int) -> Callable[[], object]:
    """Fifty rows by their keys, of which everything is known beforehand."""
    keys = db.session.execute(text("SELECT id FROM audit_entries TABLESAMPLE SYSTEM (0.5) LIMIT 50")).scalars().all()
    chosen = list(keys) or [None]
    return lambda: db.session.execute(
        text("SELECT * FROM audit_entries WHERE id = ANY(:keys)"), {"keys": random.sample(chosen, len(chosen))}
    ).all()


def _timed(work: Callable[[], object]) -> Callable[[], float]:
    def run() -> float:
        begun = perf_counter()
        work()
        db.session.expunge_all()
        return (perf_counter() - begun) * 1000

    return run


def at(stack: Stack, size: int) -> Figures:
    config = Config.from_env(stack.environment)
    name = f"searching_{size}"
    with psycopg.connect(stack.url("postgres"), autocommit=True) as link:
        link.execute(f"CREATE DATABASE {name} TEMPLATE daigou OWNER daigou_owner")  # type: ignore[arg-type]
    fill(stack.url(name), size)
    app = create_app(replace(config, database_url=config.database_url.replace("/daigou?", f"/{name}?")))
    with app.app_context():
        found = measured(size)
        db.session.remove()
        db.engine.dispose()
    return found


def rows(house: House) -> Iterator[Row]:
    small, large = house.pair(LARGEST)
    few, many = at(house.stack, small), at(house.stack, large)
    for work in dict.fromkeys(work for work, _ in many):
        named = {name: figures for (kind, name), figures in many.items() if kind == work}
        growth = {name: figures[0] / few[work, name][0] for name, figures in named.items()}
        worst, most = max(named, key=lambda name: named[name][0]), max(growth, key=lambda name: growth[name])
        took, limit, statements = named[worst]
        yield Row(
            f"trail search: {work}", large, f"{took:.1f} ms", f"{limit:.1f} ms" if limit else "-", growth[most],
            "<= 3 at 100x the entries", growth[most] <= 3, sql=str(statements),
            note=f"trail search, {work}: the slowest of {len(named)} is “{worst}”, and “{most}” grows most; the ratio "
            "is to the same search of a hundredth of the entries; no plan scans a table",
        )  # fmt: skip
