"""Free storage ends with letters ahead of it, each written once."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from daigou.core import clock
from daigou.core.db import db, transaction
from daigou.notices.models import Notice
from daigou.warehouse import rules, storage
from daigou.warehouse.models import StockUnit
from tests.warehouse import bench


@pytest.fixture
def row(app):
    return bench.item("in_stock")


def ends_in(row, days):
    unit = db.session.execute(select(StockUnit).filter_by(item_id=row.id)).scalar_one()
    with transaction():
        unit.storage_until = clock.now() + timedelta(days=days)
    return unit


def letters(row):
    return db.session.query(Notice).filter_by(account_id=row.account_id, kind="item.storage").count()


@pytest.mark.parametrize("days", rules.REMIND_DAYS)
def test_a_letter_goes_ahead_of_the_end_and_only_once(row, days):
    ends_in(row, days)
    assert storage.remind() == 1
    storage.remind()
    assert letters(row) == 1


@pytest.mark.parametrize("days", [60, 13, 2, 0, -3])
def test_on_other_days_nobody_is_bothered(row, days):
    ends_in(row, days)
    assert storage.remind() == 0
    assert letters(row) == 0


def test_what_has_left_is_not_reminded_of(row):
    unit = ends_in(row, 7)
    with transaction():
        unit.left_at = clock.now()
    assert storage.remind() == 0
