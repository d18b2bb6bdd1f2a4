"""What has had its time goes at night, and nothing else does."""

from datetime import timedelta

import pytest
from sqlalchemy import func, select, update

from compliance.audit import door, exports, wishes
from compliance.audit.bundle import Filter
from compliance.audit.models import Entry
from compliance.privacy import leftovers, retention
from daigou.accounts.models import Submission
from daigou.core import clock, ids, outbox
from daigou.core.access import system
from daigou.core.clock import FixedClock
from daigou.core.db import db, transaction
from daigou.core.errors import NotFound
from daigou.documents.models import StoredFile
from daigou.providers.storage import Folder
from tests import factories


def work_done(days_ago):
    with transaction():
        key = outbox.put("audit.sum_refusals", actor="sub_0")
    with transaction():
        done = clock.now() - timedelta(days=days_ago)
        db.session.execute(update(outbox.OutboxRow).where(outbox.OutboxRow.id == key).values(done_at=done))
    return key


def left(model, key):
    return db.session.execute(select(func.count()).select_from(model).where(model.id == key)).scalar_one()


def test_work_that_is_done_goes_after_a_month_and_what_is_open_stays(app):
    old, new = work_done(31), work_done(29)
    with transaction():
        waiting = outbox.put("audit.sum_refusals", actor="sub_0")
    with clock.use(FixedClock(clock.now() + timedelta(minutes=1))):
        assert retention.sweep()["outbox"] == 1
        assert retention.sweep()["outbox"] == 0
    assert (left(outbox.OutboxRow, old), left(outbox.OutboxRow, new), left(outbox.OutboxRow, waiting)) == (0, 1, 1)


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


@pytest.fixture
def place(app, tmp_path):
    """A storage of this test's own."""
    before = app.extensions["storage"]
    app.extensions["storage"] = Folder(tmp_path)
    yield app.extensions["storage"]
    app.extensions["storage"] = before


def later(**span):
    return clock.use(FixedClock(clock.now() + timedelta(**span)))


def test_bytes_whose_transaction_never_landed_go_after_a_day(place):
    owner = factories.account()
    with transaction() as session:
        kept = StoredFile(
            ref=ids.new_ref("DOC"), subject=owner.subject, purpose="account", kind="receipt", about="item/1",
            media_type="text/plain", size=1, pages=1, sha256="0" * 64,
        )  # fmt: skip
        kept.storage_key = f"files/{kept.id.hex[-2:]}/{kept.id.hex}"
        session.add(kept)
    lost, strange = f"files/aa/{ids.new_id().hex}", f"elsewhere/{ids.new_id().hex}"
    for key in (kept.storage_key, lost, strange):
        place.put(key, [b"bytes"])
    assert leftovers.sweep() == 0, "an upload may be on its way"
    with later(days=2):
        assert leftovers.sweep() == 1
        assert leftovers.sweep() == 0
    assert [place.exists(key) for key in (kept.storage_key, lost, strange)] == [True, False, True]


def test_a_bundle_goes_when_its_days_are_over_and_its_hash_stays(place):
    officer = factories.actor(factories.account("officer"))
    with transaction():
        row = exports._row(officer, wishes.Wanted(Filter(), "reason enough", "en"))
        door.created(officer, row)
        row.storage_key, row.sha256 = f"exports/{row.id.hex}", "a" * 64
        door.transition(system("audit"), row, "build")
        door.transition(system("audit"), row, "finish", sha256=row.sha256)
    place.put(row.storage_key, [b"bundle"])
    with later(days=retention.days_of("exports").days - 1):
        assert leftovers.let_go() == 0
    with later(days=retention.days_of("exports").days + 1):
        assert leftovers.let_go() == 1
        assert leftovers.let_go() == 0
    assert list(place.keys()) == []
    assert (row.sha256, row.storage_key) == ("a" * 64, None)
    with pytest.raises(NotFound):
        exports.fetch(officer, row.ref)
    said = db.session.scalars(select(Entry).filter_by(stream=row.stream).order_by(Entry.stream_no.desc())).first()
    assert (said.kind, b'"sha256":"aaaa' in said.body) == ("export:file_deleted", True)
