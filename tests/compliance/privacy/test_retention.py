"""What has had its time goes at night, and nothing else does."""

from datetime import timedelta

from sqlalchemy import func, select, update

from compliance.audit.models import Entry
from compliance.privacy import retention
from daigou.accounts.models import Submission
from daigou.core import clock, outbox
from daigou.core.clock import FixedClock
from daigou.core.db import db, transaction


def work_done(days_ago):
    with transaction():
        row = outbox.put("audit.sum_refusals", actor="sub_0")
        db.session.flush()
        done = clock.now() - timedelta(days=days_ago)
        db.session.execute(update(outbox.OutboxRow).where(outbox.OutboxRow.id == row.id).values(done_at=done))
    return row.id


def left(model, key):
    return db.session.execute(select(func.count()).select_from(model).where(model.id == key)).scalar_one()


def test_work_that_is_done_goes_after_a_month_and_what_is_open_stays(app):
    old, new = work_done(31), work_done(29)
    with transaction():
        waiting = outbox.put("audit.sum_refusals", actor="sub_0")
    with clock.use(FixedClock(clock.now() + timedelta(minutes=1))):
        assert retention.sweep()["outbox"] == 1
        assert retention.sweep()["outbox"] == 0
    assert (left(outbox.OutboxRow, old), left(outbox.OutboxRow, new), left(outbox.OutboxRow, waiting.id)) == (0, 1, 1)


def test_what_went_is_counted_in_the_log(app):
    with transaction() as session:
        session.add(Submission(account_key="x", once="y", created_at=clock.now() - timedelta(days=8)))
    assert retention.sweep()["forms"] == 1
    entry = db.session.scalars(select(Entry).filter_by(kind="retention:applied").order_by(Entry.at.desc())).first()
    assert b"forms" in entry.body


def test_every_kind_that_is_swept_has_a_row_that_says_how_long(app):
    for kind in (*retention.SWEPT, *retention.KEPT):
        assert retention.days_of(kind).days > 0
        assert str(retention.words_of(kind))
