"""What a committing test leaves never reaches the next one."""

import psycopg
import pytest
from sqlalchemy import text

from daigou.core.db import db
from tests import factories

CHANGES = (
    "CREATE TABLE of_a_test (n int)",
    "UPDATE fees SET source = 'a test'",
    "ALTER TABLE audit_entries DISABLE TRIGGER ALL",
)


@pytest.mark.parametrize("change", CHANGES)
def test_what_can_not_be_swept_away_is_cloned_anew(cloned, committed_app, stack, change):
    clone, _app = cloned
    with psycopg.connect(stack.url(clone.name), autocommit=True) as superuser:
        superuser.execute("SET session_replication_role = replica")
        superuser.execute(change)
    before = identity(stack, clone)
    clone.give_back()
    clone.take()
    assert identity(stack, clone) != before


def test_what_was_committed_is_gone_and_the_database_is_the_same(cloned, committed_app, stack):
    clone, _app = cloned
    factories.account()
    db.session.remove()
    db.engine.dispose()
    before = identity(stack, clone)
    clone.give_back()
    clone.take()
    assert identity(stack, clone) == before
    assert db.session.execute(text("SELECT count(*) FROM accounts")).scalar_one() == 0


def identity(stack, clone):
    with psycopg.connect(stack.url("postgres")) as server:
        return server.execute("SELECT oid FROM pg_database WHERE datname = %s", [clone.name]).fetchone()
