"""The books against the log: what a superuser does to either is named, and untouched they agree."""

import psycopg
import pytest

from compliance.audit import service as log
from compliance.audit.report import Report
from daigou.core.access import system
from daigou.core.db import db, transaction
from daigou.core.money import Money
from daigou.ledger import proving, service
from daigou.ledger.rules import credit, debit
from tests import factories

EUR = Money(10_000, "EUR")


def lines(number):
    return [debit("clearing", EUR), credit("escrow", EUR, f"item-{number}")]


@pytest.fixture
def superuser(committed_app, stack):
    """Some money moved, one by one and in batches; a connection that no trigger and no grant stops."""
    who, clerk = factories.account(), system("test")
    with transaction():
        service.post(clerk, who, "test", "one", lines(1))
        service.post_batch(clerk, who, "test", [(f"batch-{n}", lines(n)) for n in range(2, 30)])
    with transaction():
        service.post_batch(clerk, who, "other", [(f"more-{n}", lines(n)) for n in range(30, 35)])
    with psycopg.connect(stack.url(db.engine.url.database), autocommit=True) as connection:
        connection.execute("SET session_replication_role = replica")
        yield connection


def found(connection):
    report = Report()
    proving.check(connection, report)
    return report.codes


def test_untouched_books_agree_with_the_log(superuser):
    with superuser.transaction():
        assert found(superuser) == set()
    log.sequence()
    assert log.check().findings == []


ONE = "(SELECT id FROM ledger_transactions WHERE key = 'one')"
MANY = "(SELECT id FROM ledger_transactions WHERE key = 'batch-7')"
NEW = "'019a0000-0000-7000-8000-00000000ffff'"
DAMAGE = {
    "an amount": (f"UPDATE ledger_postings SET amount = amount * 2 WHERE transaction_id = {ONE}", "posting_differs"),
    "an amount of a batch": (f"UPDATE ledger_postings SET amount = amount + 1 WHERE transaction_id = {MANY}",
                             "posting_differs"),
    "an account": (f"UPDATE ledger_postings SET account_id = (SELECT id FROM ledger_accounts WHERE code LIKE '%item-9')"
                   f" WHERE amount < 0 AND transaction_id = {ONE}", "posting_differs"),
    "a transaction": ("DELETE FROM ledger_transactions WHERE key = 'one'", "entry_without_posting"),
    "one of a batch": ("DELETE FROM ledger_transactions WHERE key = 'batch-7'", "entry_without_posting"),
    "a new transaction": ("INSERT INTO ledger_transactions (id, created_at, kind, key, about, facts)"
                          f" SELECT {NEW}, created_at, kind, 'new', about, facts FROM ledger_transactions"
                          " WHERE key = 'one'", "posting_without_entry"),
    "a key": ("UPDATE ledger_transactions SET key = 'other' WHERE key = 'batch-7'", "posting_differs"),
    "its kind": ("UPDATE ledger_transactions SET kind = 'payout' WHERE key = 'one'", "posting_without_entry"),
    "its entry": ("DELETE FROM audit_entries WHERE kind LIKE '%:posted:other'", "posting_without_entry"),
}  # fmt: skip


def test_each_change_of_the_books_is_found(superuser):
    for what, (statement, code) in DAMAGE.items():
        with superuser.transaction(force_rollback=True):
            assert superuser.execute(statement).rowcount, what
            assert code in found(superuser), what


def test_an_entry_that_was_made_unreadable_ends_no_check(superuser):
    with superuser.transaction(force_rollback=True):
        superuser.execute(r"UPDATE audit_entries SET body = '\xff00ff' WHERE kind LIKE '%:posted:%'")
        assert found(superuser) == {"posting_without_entry"}
