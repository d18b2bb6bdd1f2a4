"""No table is outside of the log's sight: it has a life of its own, or a line that says how it stands to the log."""

import psycopg
import pytest

from compliance.audit import fsck_tables
from compliance.audit.coverage import COVERAGE, Logged
from compliance.audit.report import Report
from daigou.core.db import Base
from tests import unlogged

SILENT = """
from sqlalchemy import text
from daigou.core.db import db, transaction

def write(statement):
    with transaction():
        db.session.execute(text(statement))
"""


def test_every_table_has_a_life_or_a_line():
    lives = {table.name for table in fsck_tables.tables_of(Base)}
    every = {mapper.local_table.name for mapper in Base.registry.mappers}
    assert lives & COVERAGE.keys() == set()
    assert every - lives == COVERAGE.keys()


def test_each_line_is_sql_that_its_table_understands(config):
    """fsck asks with it: a column that was renamed shows here."""
    report = Report()
    with psycopg.connect(config.database_url.replace("+psycopg", "")) as connection:
        for name, line in COVERAGE.items():
            if isinstance(line, Logged) and line.stream:
                fsck_tables._check_logged(connection, name, line, report)
    assert report.findings == []


@pytest.mark.parametrize(
    ("statement", "is_seen"),
    [
        ("INSERT INTO exchange_rates (id, created_at, currency, day, rate, source)"
         " VALUES (gen_random_uuid(), now(), 'XTS', '2026-01-01', 2, 'nobody')", True),
        ("UPDATE exchange_rates SET rate = 3 WHERE currency = 'none'", False),
        ("DELETE FROM submissions WHERE created_at > now()", False),
    ],
)  # fmt: skip
def test_who_changes_evidence_without_an_entry_is_caught(app, watched, statement, is_seen):
    room = {}
    exec(compile(SILENT, str(unlogged.ROOT / "daigou/silent.py"), "exec"), room)  # as if it were a room's own code
    room["write"](statement)
    assert [text.startswith("daigou/silent.py") for text in watched.found] == [True] * is_seen
    watched.found.clear()
