"""People and browsers on a database of their own: the sequencer and the export work over other connections."""

import pytest
from argon2 import PasswordHasher
from sqlalchemy import event

from compliance.audit import door, service
from daigou.core.db import db, transaction
from tests import factories
from tests.conftest import Browser

PASSWORD = "four unrelated words here"
_HASH = PasswordHasher(time_cost=1, memory_cost=64, parallelism=1).hash(PASSWORD)


@pytest.fixture
def house(committed_app):
    committed_app.test_client_class = Browser
    return committed_app


@pytest.fixture
def browser_of(house):
    def sign_in(account):
        browser, held = house.test_client(), factories.session_of(account)
        with browser.session_transaction() as session:
            session.update(held)
        return browser

    return sign_in


@pytest.fixture
def officer(house):
    account = factories.account("officer")
    with transaction():
        account.password_hash = _HASH
        db.session.add(account)
    return account


@pytest.fixture
def desk(browser_of, officer):
    """An officer's browser."""
    return browser_of(officer)


@pytest.fixture
def happen(house):
    """Let things happen to an order, and be sequenced and signed unless told otherwise."""

    def run(count=3, sign=True, order_ref="ORD-7K3M9Q2XW4", kind="order:paid", **facts):
        actor = factories.actor(factories.account())
        for number in range(count):
            with transaction():
                door.note(actor, f"order/{order_ref}", kind, order_ref=order_ref, step=number, **facts)
        if sign:
            service.sequence()
        return actor

    return run


@pytest.fixture
def client_on(house):
    """A browser of nobody."""
    return house.test_client()


@pytest.fixture
def count_statements(house):
    """How many SQL statements the work sends."""

    def run(work):
        sent = []

        def note(connection, cursor, statement, *more):
            sent.append(statement)

        event.listen(db.engine, "before_cursor_execute", note)
        try:
            work()
        finally:
            event.remove(db.engine, "before_cursor_execute", note)
        return len(sent)

    return run
