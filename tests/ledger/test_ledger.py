import psycopg
import pytest
from sqlalchemy import text
from sqlalchemy.exc import DatabaseError, IntegrityError

from daigou.core.access import system
from daigou.core.db import db, transaction
from daigou.core.money import Money
from daigou.ledger import service
from daigou.ledger.rules import credit, debit
from tests import factories

EUR = Money(10_000, "EUR")


def post(about, key, *lines):
    with transaction():
        return service.post(system("test"), about, "test", key, lines)


def test_a_balanced_transaction_moves_both_balances(app):
    who = factories.account()
    post(who, "k1", debit("clearing", EUR), credit("escrow", EUR, "item-1"))
    assert service.balance("escrow", "EUR", "item-1") == EUR
    assert service.balance("clearing", "EUR") >= EUR


def test_one_key_posts_once(app):
    who = factories.account()
    first = post(who, "k1", debit("clearing", EUR), credit("escrow", EUR, "item-1"))
    assert first is not None
    assert post(who, "k1", debit("clearing", EUR), credit("escrow", EUR, "item-1")) is None
    assert service.balance("escrow", "EUR", "item-1") == EUR


def test_unbalanced_lines_are_refused_before_the_database_hears_of_them(app):
    who = factories.account()
    with pytest.raises(ValueError, match="does not balance"):
        post(who, "k1", debit("clearing", EUR), credit("escrow", Money(9_999, "EUR"), "item-1"))


def test_the_database_refuses_to_overdraw_an_escrow(app):
    who = factories.account()
    post(who, "k1", debit("clearing", EUR), credit("escrow", EUR, "item-1"))
    with pytest.raises(IntegrityError, match="overdrawn"):
        post(who, "k2", debit("escrow", Money(10_001, "EUR"), "item-1"), credit("clearing", Money(10_001, "EUR")))
    assert service.balance("escrow", "EUR", "item-1") == EUR


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ledger_postings SET amount = 1",
        "DELETE FROM ledger_postings",
        "UPDATE ledger_balances SET balance = 0",
        "DELETE FROM audit_entries",
        "UPDATE audit_entries SET kind = 'x:y'",
    ],
)
def test_the_application_can_not_rewrite_its_books(app, statement):
    who = factories.account()
    post(who, "k1", debit("clearing", EUR), credit("escrow", EUR, "item-1"))
    with pytest.raises(DatabaseError, match="permission denied"), db.session.begin_nested():
        db.session.execute(text(statement))


@pytest.mark.parametrize("table", ["ledger_postings", "ledger_transactions", "ledger_accounts"])
@pytest.mark.parametrize("change", ["UPDATE {} SET currency = 'XXX'", "DELETE FROM {}", "TRUNCATE {} CASCADE"])
def test_not_even_the_owner_of_the_tables_rewrites_them(app, table, change):
    statement = change.format(table).replace("SET currency" if table == "ledger_transactions" else "-", "SET kind")
    refused = pytest.raises(psycopg.errors.InsufficientPrivilege, match="append-only")
    with psycopg.connect(app.extensions["config"].owner_url, autocommit=True) as owner, refused:
        owner.execute(statement)


@pytest.mark.parametrize(
    ("account", "currency", "amounts", "why"),
    [("clearing:EUR", "EUR", (100, -99), "sum to zero"), ("clearing:EUR", "JPY", (100, -100), "another currency")],
)
def test_the_database_itself_refuses_postings_that_are_none(app, account, currency, amounts, why):
    who = factories.account()
    number = post(who, "k1", debit("clearing", EUR), credit("escrow", EUR, "item-1"))
    one = "(:number, (SELECT id FROM ledger_accounts WHERE code = :account), :currency, {})"
    statement = "INSERT INTO ledger_postings (transaction_id, account_id, currency, amount) VALUES "
    rows = ", ".join(one.format(amount) for amount in amounts)
    with pytest.raises(IntegrityError, match=why), db.session.begin_nested():
        db.session.execute(text(statement + rows), {"number": number, "account": account, "currency": currency})


def test_the_database_refuses_a_state_changed_around_the_door(app):
    who = factories.account()
    with pytest.raises(IntegrityError, match="without an audit entry"), db.session.begin_nested():
        db.session.execute(text("UPDATE accounts SET state = 'closed' WHERE id = :id"), {"id": who.id})


def test_python_refuses_it_too(app):
    who = factories.account()
    with pytest.raises(RuntimeError, match="written by audit"):
        who.state = "closed"


def batch(about, *transfers):
    with transaction():
        return service.post_batch(system("test"), about, "test", transfers)


def test_a_batch_posts_each_of_its_transactions_once_and_leaves_one_entry(app):
    who = factories.account()
    before = db.session.execute(text("SELECT count(*) FROM audit_entries")).scalar_one()
    transfers = [(f"k{n}", [debit("clearing", EUR), credit("escrow", EUR, f"item-{n}")]) for n in range(20)]
    assert len(batch(who, *transfers[:10])) == 10
    assert len(batch(who, *transfers, transfers[-1])) == 10
    assert batch(who, *transfers) == []
    assert [service.balance("escrow", "EUR", f"item-{n}") for n in range(20)] == [EUR] * 20
    assert db.session.execute(text("SELECT count(*) FROM audit_entries")).scalar_one() == before + 2


def test_one_that_can_not_be_refuses_the_whole_batch(app):
    who = factories.account()
    good = ("k1", [debit("clearing", EUR), credit("escrow", EUR, "item-1")])
    with pytest.raises(IntegrityError, match="overdrawn"):
        batch(who, good, ("k2", [debit("escrow", EUR, "item-2"), credit("clearing", EUR)]))
    assert service.balance("escrow", "EUR", "item-1").minor == 0
    with pytest.raises(ValueError, match="does not balance"):
        batch(who, good, ("k3", [debit("clearing", EUR)]))
