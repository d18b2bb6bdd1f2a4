"""A busy day is read once, even when the database knows nothing of its lines yet."""

from datetime import timedelta

import pytest
from sqlalchemy import event, insert

from daigou.core import clock
from daigou.core.access import system
from daigou.core.db import db, load_locked, transaction
from daigou.core.money import Money
from daigou.ledger import service as ledger
from daigou.ledger.rules import credit, debit
from daigou.reconciliation import running
from daigou.reconciliation.models import ProviderLine

LINES = 300
pytestmark = pytest.mark.parametrize("provider", ["own"], indirect=True)


@pytest.fixture
def day(market, provider):
    """Three hundred lines of theirs, each booked by us, in tables that nobody has analysed since."""
    numbers, amount = [f"txn_plan{n}" for n in range(LINES)], Money(1_000, "JPY")
    both = [debit("clearing", amount), credit("bank", amount)]
    with transaction() as session:
        row = load_locked(type(market.bill), id=market.bill.id)
        ledger.post_batch(system("test"), row, "own_movement", [(f"stripe:{number}", both) for number in numbers])
        at = clock.now()
        common = {"day": at.date(), "at": at, "available_on": at, "kind": "topup", "source": "tu_plan"}
        money = {"currency": "JPY", "gross_minor": 1_000, "fee_minor": 0}
        session.execute(insert(ProviderLine), [{"id": number, **common, **money} for number in numbers])
    with clock.use(clock.FixedClock(clock.now() + timedelta(days=1))):
        yield at.date()


def visited(plan):
    """Rows that every part of a plan handed on or threw away, all its repetitions counted."""
    thrown = sum(plan.get(key, 0) for key in ("Rows Removed by Filter", "Rows Removed by Join Filter"))
    own = plan["Actual Loops"] * (plan["Actual Rows"] + thrown)
    return own + sum(visited(part) for part in plan.get("Plans", ()))


def test_a_day_without_statistics_costs_a_few_rows_for_each_line(day):
    asked = []

    def note(connection, cursor, statement, parameters, context, many):
        if "FROM provider_lines" in statement and "ledger_transactions" in statement:
            asked.append((statement, parameters))

    event.listen(db.engine, "before_cursor_execute", note)
    try:
        assert running.reconcile(day).matched == LINES
    finally:
        event.remove(db.engine, "before_cursor_execute", note)
    assert asked
    for statement, parameters in asked:
        explained = db.session.connection().exec_driver_sql(f"EXPLAIN (ANALYZE, FORMAT JSON) {statement}", parameters)
        assert visited(explained.scalar_one()[0]["Plan"]) < 100 * LINES
