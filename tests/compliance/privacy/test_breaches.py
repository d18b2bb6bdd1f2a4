"""A leak has 72 hours, an authority's letter its day; both are told of in time."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from compliance.privacy import breaches, regulators, rules
from compliance.privacy.breaches import Assessment, Notice
from compliance.privacy.regulators import Letter
from daigou.core import clock
from daigou.core.clock import FixedClock
from daigou.core.db import db
from daigou.core.errors import Impossible, Invalid
from daigou.notices.models import Notice as News
from tests import factories


@pytest.fixture
def officer(app):
    return factories.account("officer")


@pytest.fixture
def me(officer):
    return factories.actor(officer)


@pytest.fixture
def leak(me):
    return breaches.notice(me, Notice(clock.now(), "A laptop was stolen.", ["account"], 40))


def later(hours):
    return clock.use(FixedClock(clock.now() + timedelta(hours=hours)))


@given(st.integers(0, 200))
def test_the_steps_of_a_clock_only_go_up(hours):
    due = clock.now()
    steps = [rules.step_of(due, due + timedelta(hours=h)) for h in (-200, hours - 100, hours - 99, 200)]
    assert steps == sorted(steps)
    assert (steps[0], steps[-1]) == (0, len(rules.REMINDED_BEFORE) + 1)


def test_officers_hear_of_each_step_once(leak, officer, work):
    assert breaches.remind() == 0
    with later(25):
        assert breaches.remind() == 1
        assert breaches.remind() == 0
        work()
    with later(73):
        assert breaches.remind() == 1
        work()
    told = db.session.scalars(select(News).filter_by(account_id=officer.id, kind="breach.due")).all()
    assert len(told) == 2


def test_after_72_hours_the_authority_is_told_why(me, leak):
    with later(73):
        with pytest.raises(Invalid) as refused:
            breaches.report(me, leak.ref, "BfDI, 123")
        assert set(refused.value.fields) == {"why_late"}
        breaches.report(me, leak.ref, "BfDI, 123", "It was found on a Friday night.")
    assert leak.state == "reported"


def test_what_must_be_told_is_told_before_it_is_closed(me, leak):
    breaches.assess(me, leak.ref, Assessment("high", "Strangers may write to them.", "Keys were changed."))
    with pytest.raises(Impossible):
        breaches.close(me, leak.ref)
    breaches.report(me, leak.ref, "BfDI, 123")
    with pytest.raises(Impossible):
        breaches.close(me, leak.ref)
    breaches.tell_people(me, leak.ref)
    breaches.close(me, leak.ref)
    assert leak.state == "closed"


def test_a_harmless_one_is_closed_without_telling_but_stays_on_the_register(me, leak):
    breaches.assess(me, leak.ref, Assessment("none", "The disk was encrypted.", "None needed."))
    breaches.close(me, leak.ref)
    assert leak in breaches.register(me).rows


@pytest.mark.parametrize(
    ("first", "field"),
    [
        (Notice(clock.now(), " ", ["account"], None), "what"),
        (Notice(clock.now(), "x", [], None), "kinds"),
        (Notice(clock.now(), "x", ["no_such"], None), "kinds"),
        (Notice(clock.now() + timedelta(hours=1), "x", ["account"], None), "noticed_at"),
    ],
)
def test_a_leak_without_its_facts_is_refused(me, first, field):
    with pytest.raises(Invalid) as refused:
        breaches.notice(me, first)
    assert set(refused.value.fields) == {field}


def test_the_register_in_the_browser(client_of, officer):
    desk = client_of(officer)
    form = {
        "noticed_at": "2026-01-02T10:00",
        "what": "A list was sent to the wrong person.",
        "once": "leak-in-the-browser",
    }
    refused = desk.post("/officer/breaches", data=form)
    assert refused.status_code == 422
    assert "A list was sent" in refused.text
    sent = desk.post("/officer/breaches", data=form | {"kinds": ["account", "transaction"], "people": "12"})
    where = sent.headers["Location"]
    assert "72 hours have passed" in desk.get(where).text
    assert desk.post(f"{where}/close").status_code == 409
    assert desk.post(f"{where}/report", data={"authority": "CNIL 7"}).status_code == 422
    desk.post(f"{where}/report", data={"authority": "CNIL 7", "why_late": "Holidays."})
    assert "Authority told" in desk.get(where).text


def test_a_letter_is_answered_in_its_time(client_of, officer, me, work):
    row = regulators.enter(me, Letter("Finanzamt", "7/26", "Turnover of 2025", clock.today()))
    assert row.due_on == clock.today() + timedelta(days=30)
    with later(29 * 24):
        assert regulators.remind() == 1
        work()
        told = db.session.scalars(select(News).filter_by(account_id=officer.id, kind="regulator.due")).all()
        assert len(told) == 1
    desk = client_of(officer)
    desk.post(f"/officer/regulators/{row.ref}/take")
    assert desk.post(f"/officer/regulators/{row.ref}/answer", data={"answer": ""}).status_code == 422
    desk.post(f"/officer/regulators/{row.ref}/answer", data={"answer": "Sent by post."})
    assert "Sent by post." in desk.get(f"/officer/regulators/{row.ref}").text
    assert regulators.find(me, row.ref).state == "answered"
