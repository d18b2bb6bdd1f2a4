"""A log of its own for each module: a clone of the migrated database, seen as superuser."""

import itertools

import psycopg
import pytest

from benchmarks import audit_fill
from compliance.audit import note, sequencer

ORIGIN = "example.com/log"
_numbers = itertools.count(1)


@pytest.fixture(scope="session")
def key():
    return note.generate(ORIGIN)


@pytest.fixture(scope="module")
def log_url(stack, config):
    """The address of a database with an empty log; everything in it is committed for real."""
    name = f"audit_log_{next(_numbers)}"
    with psycopg.connect(stack.url("postgres"), autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {name} TEMPLATE daigou_template OWNER daigou_owner STRATEGY wal_log")
        yield stack.url(name)
        admin.execute(f"DROP DATABASE {name} WITH (FORCE)")


@pytest.fixture
def connection(log_url):
    """A superuser's connection to an emptied log."""
    with psycopg.connect(log_url, autocommit=True) as opened:
        tables = "audit_entries, audit_leaves, audit_nodes, audit_checkpoints, audit_streams, audit_keys, audit_horizon"
        tables += ", audit_deliveries, audit_timestamps"
        opened.execute("SET session_replication_role = replica")
        opened.execute(f"TRUNCATE {tables}")
        yield opened


@pytest.fixture
def fill(connection, key):
    """Appends entries; with `sequence`, sequences and signs them."""
    done = 0

    def run(count, sequence=True, per_stream=10):
        nonlocal done
        audit_fill.fill(connection, count, done, per_stream)
        done += count
        return sequencer.run(connection, ORIGIN, [key]) if sequence else None

    return run
