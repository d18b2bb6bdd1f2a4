"""Benchmarks run once in a while: what would break them is found here."""

import json

from sqlalchemy import func, make_url, select

from benchmarks import __main__ as benchmarks
from benchmarks import market
from benchmarks.record import Record, Run
from benchmarks.report import Row
from daigou.catalog import window
from daigou.catalog.models import Listing
from daigou.core.db import db, look, transaction
from tests import factories


def test_the_benchmarks_market_fits_the_tables_as_they_are_now(committed_app):
    config = committed_app.extensions["config"]
    name = make_url(config.database_url).database
    owner = config.owner_url.replace("/daigou?", f"/{name}?").replace("postgresql+psycopg:", "postgresql:")
    market.fill(owner, 120)
    with committed_app.app_context():
        assert db.session.scalar(select(func.count()).select_from(Listing)) == 120
        assert len(window.window().places) == window.PAGE


def test_a_look_opens_no_transaction_and_within_one_sees_what_it_has_written(committed_app):
    with committed_app.app_context():
        window.window()
        assert not db.session().in_transaction()
        with transaction():
            factories.merchant()
            db.session.flush()
            assert look(select(func.count()).select_from(Listing.__table__)) == [(0,)]
            assert db.session().in_transaction()


def test_a_part_of_the_rows_replaces_only_itself(tmp_path):
    data, target = tmp_path / "measured.json", tmp_path / "benchmarks.md"
    order = ("first", "second")
    for at, found in (
        ("2026-01-01 00:00 UTC", {"first": [Row("a", None, "1/s")], "second": [Row("b", None, "2/s")]}),
        ("2026-01-02 00:00 UTC", {"second": [Row("b", None, "3/s")]}),
    ):
        kept = Record.read(data)
        kept.merge("everyday", Run(at, 1, ["here"]), found, order)
        kept.write(data, target)
    parts = json.loads(data.read_text())["parts"]["everyday"]
    assert [(name, one["run"], one["rows"][0]["ours"]) for name, one in parts.items()] == [
        ("first", "2026-01-01 00:00 UTC", "1/s"),
        ("second", "2026-01-02 00:00 UTC", "3/s"),
    ]
    assert "2026-01-01" in target.read_text()
    assert "2/s" not in target.read_text()


def test_all_rows_are_written_and_a_part_of_them_only_when_asked():
    assert benchmarks.read([]).write
    assert benchmarks.read(["--large"]).write
    assert not benchmarks.read(["--quick"]).write
    assert not benchmarks.read(["place", "item"]).write
    assert benchmarks.read(["place", "item", "--write"]).rows == ["item", "place"], "in our order"
