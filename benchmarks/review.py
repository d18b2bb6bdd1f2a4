"""The officers' queue of applications: statements and time of its first and of a deep page, at two sizes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import psycopg

from benchmarks import statements
from benchmarks.house import House
from benchmarks.reckoning import environment_of, fastest
from benchmarks.report import Row
from daigou.app import create_app
from daigou.core.config import Config
from daigou.core.db import db
from tests import factories
from tests.conftest import signed_in

SIZES = (1_000, 100_000)
BUDGET = 6  # statements: session, actor, queue, and what every page of the office asks
PAGE = "/officer/applications"

_FILL = """
SET session_replication_role = replica;
INSERT INTO applications (id, created_at, state, state_since, stream_no, stream_head, ref, account_id, subject, kind,
    country, trade_name, submitted_at, decision_reason, purpose, changes, asks, rank, risk, risk_reasons, due_at)
SELECT gen_random_uuid(), at, 'submitted', at, 1, ''::bytea, 'APP-' || n, '{account}', 'sub_bench', 'company', 'JP',
    'Shop ' || n, at, '', 'opening', '{{}}', '{{}}', 1 + n % 3, n % 100, '[]', at + interval '2 days'
FROM (SELECT n, now() - n * interval '1 minute' AS at FROM generate_series(1, {size}) n) made;
SET session_replication_role = DEFAULT;
ANALYZE applications"""


def queue(house: House) -> Iterator[Row]:
    """Its cost must not know how many wait."""
    found = {}
    for size in (1_000, 10_000) if house.scale == "quick" else SIZES:
        with waiting(house, size) as browser:
            found[size] = _measured(browser)
    (small, (count, first)), (large, (more, last)) = found.items()
    for size, number, took, ratio in ((small, count, first, None), (large, more, last, first / last)):
        yield Row(
            "review queue page", size, f"{took * 1000:.1f} ms, {number} SQL", "-", ratio,
            f"<= {BUDGET} SQL, the same at any size", number <= BUDGET and number == count and took < 2 * first,
            value=1 / took,
        )  # fmt: skip


def _measured(browser: Any) -> tuple[int, float]:
    _get(browser)
    with statements.counted() as seen:
        _get(browser)
    return len(seen), fastest(20, lambda: _get(browser))


def _get(browser: Any) -> None:
    answer = browser.get(PAGE)
    if answer.status_code != 200:
        raise RuntimeError(answer.status_code)


@contextmanager
def waiting(house: House, size: int) -> Iterator[Any]:
    """An officer's browser before a queue of this size, in a database of its own."""
    name = f"review_{size}"
    house.database(name)
    app = create_app(Config.from_env(environment_of(house, name)))
    with app.app_context():
        account = factories.account("officer")
        with psycopg.connect(house.stack.url(name), autocommit=True) as connection:
            for statement in _FILL.format(account=account.id, size=size).split(";"):
                connection.execute(statement)  # type: ignore[call-overload]
        browser = signed_in(app, account)
    try:
        yield browser
    finally:
        with app.app_context():
            db.engine.dispose()
