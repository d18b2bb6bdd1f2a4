"""Each promise that every other test here ends with can be found broken: it is broken on purpose, and undone again."""

from __future__ import annotations

import contextlib

import pytest
from sqlalchemy import create_engine

from daigou.core.db import db

from .promises import CLEARING, DURABLE, HEARD, IN_HAND, LEDGER, PROMISES, broken

ONE = "(SELECT id FROM {0} ORDER BY id LIMIT 1)"
OFF_BY_ONE = (
    "UPDATE ledger_balances SET balance = balance + 1 WHERE (account_id, slot) = (SELECT b.account_id, b.slot"
    " FROM ledger_balances b JOIN ledger_accounts a ON a.id = b.account_id WHERE a.kind = '{0}' LIMIT 1)"
)

# What the database itself refuses is let through for the moment; then one statement does the harm.
LET = {
    "one success a bill": "DROP INDEX uq_payment_attempts_success",
    "one release an item": "ALTER TABLE releases DROP CONSTRAINT uq_releases_item_id",
    "nothing sold twice": "ALTER TABLE listings DROP CONSTRAINT ck_listings_stock_not_negative",
}
HARM = {
    "one success a bill": "UPDATE payment_attempts SET bill_id = (SELECT bill_id FROM payment_attempts"
    " WHERE state = 'succeeded' LIMIT 1) WHERE state = 'succeeded'",
    "captured at most due": "UPDATE payment_attempts SET amount_minor = amount_minor + 1 WHERE state = 'succeeded'",
    "refunds at most captured": "UPDATE refunds SET amount_minor = amount_minor + 1",
    "one release an item": "UPDATE releases SET item_id = (SELECT item_id FROM releases LIMIT 1)",
    "escrow never negative": "UPDATE ledger_balances b SET balance = 1 FROM ledger_accounts a"
    " WHERE a.id = b.account_id AND a.kind = 'escrow'",
    "books balance in each currency": "UPDATE ledger_postings SET amount = amount + 1 WHERE id = "
    + ONE.format("ledger_postings"),
    "one audit entry a money transaction": "DELETE FROM ledger_transactions WHERE id = "
    + ONE.format("ledger_transactions"),
    "an order for each accepted quote, and one": "UPDATE orders SET quote_id = gen_random_uuid() WHERE id = "
    + ONE.format("orders"),
    "nothing sold twice": "UPDATE listings SET stock = -1",
    "the outbox is empty": "UPDATE outbox SET done_at = NULL WHERE id = " + ONE.format("outbox"),
    "nothing given up": "UPDATE outbox SET failed_at = now() WHERE id = " + ONE.format("outbox"),
    "no work in dead hands": "UPDATE outbox SET done_at = NULL, leased = true WHERE id = " + ONE.format("outbox"),
    "the inbox is empty": "UPDATE inbox_events SET done_at = NULL WHERE id = " + ONE.format("inbox_events"),
    "no bill paid without its order": "UPDATE orders SET state = 'placed' WHERE state IN ('paid', 'completed')",
    LEDGER: OFF_BY_ONE.format("service_fee"),
    CLEARING: OFF_BY_ONE.format("clearing"),
    DURABLE: "DELETE FROM orders",
    HEARD: "DELETE FROM inbox_events WHERE id = " + ONE.format("inbox_events"),
}
# A row of each table, moved to where our own machinery would have it in hand.
STUCK = {
    "refunds": "requested", "payouts": "submitted", "releases": "decided", "recourses": "reversing",
    "disputes": "submitting", "parcels": "packed", "audit_exports": "building",
}  # fmt: skip


@contextlib.contextmanager
def harmed(shop, *statements):
    """Done by somebody whom no trigger, key or role of the database holds back, and undone afterwards."""
    engine = create_engine(shop.servers.superuser_url("daigou").replace("postgresql:", "postgresql+psycopg:"))
    ours = db.engine
    db.session.remove()  # what it has read is locked against being altered
    with engine.connect() as connection:
        outer = connection.begin()
        plain = connection.connection.driver_connection
        plain.execute("SET LOCAL session_replication_role = replica")
        touched = [plain.execute(statement).rowcount for statement in statements]
        assert touched[-1], f"nothing was harmed by {statements[-1]}"
        db.engines[None] = connection
        try:
            yield
        finally:
            db.session.remove()
            db.engines[None] = ours
            outer.rollback()
    engine.dispose()


@pytest.fixture
def lived(shop):
    """A shop where each table that is asked has a row."""
    refunded, first, second = shop.all_of([lambda: shop.order().paid() for _ in range(3)])
    shop.all_of([refunded.refunded, *(lambda life=life: life.deliver().released() for life in (first, second))])
    shop.at_rest()
    return shop


def test_every_promise_can_be_found_broken(lived):
    assert broken(lived) == []
    assert HARM.keys() == {*PROMISES, LEDGER, CLEARING, DURABLE, HEARD} - {name for name in PROMISES if ": a" in name}
    for name, harm in HARM.items():
        with harmed(lived, *filter(None, [LET.get(name), harm])):
            found = broken(lived)
        assert [line for line in found if line.startswith(f"{name}:")], (name, found)
        lived.tried.note("promises broken on purpose")
    assert broken(lived) == []


def test_whatever_our_machinery_keeps_in_hand_is_found(lived):
    assert STUCK.keys() == IN_HAND.keys()
    for table, state in STUCK.items():
        query = f"SELECT count(*) FROM {table} WHERE {IN_HAND[table]}"
        assert PROMISES[f"{table}: a next step or a human"].endswith(IN_HAND[table]), query
        if db.session.connection().exec_driver_sql(f"SELECT count(*) FROM {table}").scalar_one():
            with harmed(lived, f"UPDATE {table} SET state = '{state}'"):
                assert [line for line in broken(lived) if line.startswith(f"{table}:")]
            lived.tried.note("promises broken on purpose")
