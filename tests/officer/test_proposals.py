"""Two people: one proposes, another agrees, and only then it happens."""

from datetime import timedelta

import pytest

from compliance.audit import proposals
from compliance.audit.models import Entry
from compliance.audit.proposals import Kind
from daigou.accounts import passwords
from daigou.core import clock
from daigou.core.clock import FixedClock
from daigou.core.db import db
from daigou.core.errors import Denied, Impossible, Invalid, Refusal
from daigou.core.i18n import lazy
from tests import factories
from tests.accounts.people import PASSWORD

REASON = "The carrier raised its price."


@pytest.fixture
def done():
    """What the kind ``test.kind`` has done."""
    happened = []
    kind = Kind(
        "test.kind",
        "officer.work",
        "officer.work",
        lazy("A test"),
        lambda actor, row: happened.append(row.payload["n"]),
    )
    proposals.register(kind)
    yield happened
    proposals._kinds.pop("test.kind")


@pytest.fixture
def first(app):
    return factories.account("officer")


@pytest.fixture
def second(app):
    return factories.account("officer")


def test_agreeing_at_an_unattended_desk_asks_who_it_is_again_and_loses_nothing(done, first, client_of):
    row, desk = propose(first), client_of(factories.account("officer", password_hash=passwords.hashed(PASSWORD)))
    where, typed = f"/officer/proposals/{row.ref}/approve", {"note": "Seen the letter"}
    with clock.use(FixedClock(clock.now() + timedelta(minutes=11))):
        asked = desk.post(where, data=typed)
        assert (asked.status_code, done) == (422, [])
        assert "Seen the letter" in asked.text, "what was typed is carried along"
        assert desk.post(where, data={**typed, "proof": "not the password"}).status_code == 422
        assert desk.post(where, data={**typed, "proof": PASSWORD}).status_code == 303
    assert (done, row.decision) == ([7], "Seen the letter")


def propose(person, **more):
    given = {"about": "LST-1", "summary": "From 1 to 2", "reason": REASON, "payload": {"n": 7}} | more
    return proposals.propose(factories.actor(person), "test.kind", **given)


def test_it_happens_when_a_second_person_agrees_and_not_before(done, first, second, client_of):
    row = propose(first)
    assert done == []
    page = client_of(second).get(f"/officer/proposals/{row.ref}").text
    assert "From 1 to 2" in page
    assert "Approve and do it" in page
    client_of(second).post(f"/officer/proposals/{row.ref}/approve", data={"note": "Seen the letter"})
    assert done == [7]
    assert row.state == "approved"
    assert row.decision == "Seen the letter"


def test_nobody_agrees_to_what_they_proposed_themselves(done, first, client_of):
    row = propose(first)
    assert "Approve and do it" not in client_of(first).get(f"/officer/proposals/{row.ref}").text
    assert client_of(first).post(f"/officer/proposals/{row.ref}/approve").status_code == 403
    with pytest.raises(Denied):
        proposals.decline(factories.actor(first), row.ref, "No, better not.")
    assert done == []
    assert row.state == "proposed"


def test_it_happens_once(done, first, second):
    row = propose(first)
    proposals.approve(factories.actor(second), row.ref)
    with pytest.raises(Impossible):
        proposals.approve(factories.actor(second), row.ref)
    assert done == [7]


def test_what_can_not_be_done_leaves_the_proposal_open(first, second, done):
    def refuse(actor, row):
        raise Impossible("test.no", lazy("Not today."))

    proposals.register(Kind("test.kind", "officer.work", "officer.work", lazy("A test"), refuse))
    row = propose(first)
    with pytest.raises(Refusal):
        proposals.approve(factories.actor(second), row.ref)
    db.session.refresh(row)
    assert row.state == "proposed"
    assert row.decided_by is None


def test_declining_needs_a_reason_and_keeps_what_was_typed(done, first, second, client_of):
    row = propose(first)
    answer = client_of(second).post(f"/officer/proposals/{row.ref}/decline", data={"note": "Hm"})
    assert answer.status_code == 422
    assert "at least 10 characters" in answer.text
    assert "Hm</textarea>" in answer.text
    client_of(second).post(f"/officer/proposals/{row.ref}/decline", data={"note": "Ask the carrier first."})
    assert row.state == "declined"
    assert done == []


def test_one_takes_back_only_ones_own(done, first, second, client_of):
    row = propose(first)
    assert client_of(second).post(f"/officer/proposals/{row.ref}/withdraw").status_code == 404
    client_of(first).post(f"/officer/proposals/{row.ref}/withdraw")
    assert row.state == "withdrawn"


def test_what_nobody_decides_lapses_after_a_fortnight(done, first):
    row = propose(first)
    with clock.use(FixedClock(clock.now() + timedelta(days=13, hours=23))):
        assert proposals.expire_due() == 0
    with clock.use(FixedClock(clock.now() + timedelta(days=14, minutes=1))):
        assert proposals.expire_due() == 1
        assert proposals.expire_due() == 0
    assert row.state == "expired"


def test_a_role_without_the_kinds_own_permission_may_read_but_not_decide(done, first, client_of):
    row = propose(first)
    admin = factories.account("admin")
    page = client_of(admin).get(f"/officer/proposals/{row.ref}")
    assert "Your role may read this, but not decide it." in page.text
    assert client_of(admin).post(f"/officer/proposals/{row.ref}/approve").status_code == 403
    assert done == []


def test_the_inbox_shows_what_waits_and_the_log_who_decided(done, first, second, client_of):
    row = propose(first)
    assert row.ref in client_of(second).get("/officer/proposals").text
    proposals.approve(factories.actor(second), row.ref)
    assert row.ref not in client_of(second).get("/officer/proposals").text
    assert row.ref in client_of(second).get("/officer/proposals?state=decided").text
    kinds = [(e.kind, e.actor) for e in db.session.query(Entry).filter_by(stream=row.stream).order_by(Entry.stream_no)]
    assert kinds == [("proposal:created", first.subject), ("proposal:approve", second.subject)]


@pytest.mark.parametrize("reason", ["", "too short", "x" * 1001])
def test_a_proposal_needs_a_reason_of_some_length(done, first, reason):
    with pytest.raises(Invalid):
        propose(first, reason=reason)
