from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from compliance.audit import refusals
from compliance.audit.models import Entry
from daigou.core import clock
from daigou.core.access import require
from daigou.core.db import db, transaction
from daigou.core.errors import Denied, NotFound
from daigou.core.outbox import OutboxRow
from tests import factories

NOON = datetime(2026, 11, 21, 12, 0, 1, tzinfo=UTC)


@pytest.fixture
def at_noon(app):
    fixed = clock.FixedClock(NOON)
    with clock.use(fixed):
        yield fixed


def entries(outcome="denied"):
    statement = select(Entry).where(Entry.outcome == outcome).order_by(Entry.stream, Entry.stream_no)
    return list(db.session.execute(statement).scalars())


def refuse(times, subject="sub_0123456789abcdef01234567"):
    for _ in range(times):
        refusals.record(Denied("access.denied", "", actor=subject, permission="audit.view"))


def test_a_shopper_at_an_officers_page_is_refused_and_that_is_written(client_of):
    shopper = factories.account()
    assert client_of(shopper).get("/officer/audit").status_code == 403
    (entry,) = entries()
    assert (entry.kind, entry.actor) == ("access:denied", shopper.subject)
    assert entry.stream == f"denied/{shopper.subject}"
    assert b'"permission":"audit.view"' in entry.body


def test_anothers_thing_is_not_there_and_the_attempt_is_written_with_its_facets(app):
    mine, other = factories.account(), factories.account()
    with pytest.raises(NotFound), transaction():
        require(factories.actor(mine), "account.confirm", other)
    (entry,) = entries()
    assert entry.actor == mine.subject
    assert entry.subject == other.subject
    assert entry.stream == f"denied/account:{other.id}"


def test_a_thing_that_is_simply_not_there_is_no_attempt(client_of):
    assert client_of(factories.account("officer")).get("/officer/exports/EXP-0000000000").status_code == 404
    assert entries() == []


def test_a_flood_becomes_twenty_entries_and_one_that_counts_the_rest(at_noon, work):
    refuse(25)
    assert len(entries()) == refusals.LIMIT
    at_noon.advance(timedelta(seconds=61))
    work()
    found = entries()
    assert len(found) == refusals.LIMIT + 1
    assert found[-1].kind == "access:denied_more"
    assert b'"count":5' in found[-1].body
    assert b'"minute":"2026-11-21T12:00:00.000000Z"' in found[-1].body


def test_the_next_minute_sums_up_the_last_one_and_the_job_adds_nothing(at_noon, work):
    refuse(22)
    at_noon.advance(timedelta(seconds=60))
    refuse(1)
    at_noon.advance(timedelta(seconds=30))
    work()
    kinds = [e.kind for e in entries()]
    assert kinds[20:] == ["access:denied_more", "access:denied"]


def test_a_flood_over_many_minutes_is_one_summary_for_each(at_noon, work):
    for _ in range(3):
        refuse(30)
        at_noon.advance(timedelta(seconds=60))
    work()
    assert sum(e.kind == "access:denied_more" for e in entries()) == 3
    assert db.session.query(OutboxRow).filter_by(topic="audit.sum_refusals").count() == 3


def test_one_flood_does_not_silence_another_person(at_noon):
    refuse(25)
    refuse(1, "sub_ffffffffffffffffffffffff")
    assert entries()[-1].actor == "sub_ffffffffffffffffffffffff"


def test_a_stream_opened_to_count_before_its_first_entry_is_no_finding(committed_app):
    from compliance.audit import door, service

    with transaction():
        door.lock_head("denied/sub_counted")
    assert [f.code for f in service.check().findings] == []
