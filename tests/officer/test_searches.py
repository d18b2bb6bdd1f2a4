"""Kept searches and alerts: told once for their time, to every officer, and nobody else's to drop."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from compliance.audit import door
from compliance.audit.models import Entry
from daigou.casework import alerts, jobs
from daigou.casework.models import Alert, SavedSearch
from daigou.core import clock
from daigou.core.access import system
from daigou.core.db import db, transaction
from daigou.notices.models import Notice
from tests import factories

ONCE = "a-form-number-of-its-own"


@pytest.fixture
def officer(app):
    return factories.account("officer")


@pytest.fixture
def desk(client_of, officer):
    return client_of(officer)


def keep(desk, **more):
    given = {"name": "Lost orders", "query": "kind=order:lost", "once": ONCE, "threshold": "", "minutes": ""} | more
    return desk.post("/officer/searches", data=given)


def lose(count=1, outcome="done", kind="order:lost"):
    for _ in range(count):
        with transaction():
            door.note(system("test"), "order/x", kind, outcome=outcome)


def of(code):
    return db.session.execute(select(SavedSearch).filter_by(code=code)).scalar_one()


def alerts_of(row):
    return db.session.query(Alert).filter_by(search_id=row.id).count()


def test_a_search_is_kept_and_one_click_away(desk):
    assert keep(desk).status_code == 303
    page = desk.get("/officer/searches").text
    assert "Lost orders" in page
    assert "/officer/audit?kind=order:lost" in page
    assert "kind=order:lost" in desk.get("/officer/searches?kind=order:lost").text


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ({"name": ""}, "This is needed."),
        ({"query": ""}, "Narrow the search down first"),
        ({"query": "since=nonsense"}, "Narrow the search down first"),
        ({"threshold": "3"}, "An alert needs both"),
        ({"threshold": "0", "minutes": "5"}, "A whole number between"),
        ({"threshold": "3", "minutes": "99999999"}, "A whole number between"),
    ],
)
def test_what_can_not_be_kept_is_said_and_what_was_typed_stays(desk, more, words):
    answer = keep(desk, **more)
    assert answer.status_code == 422
    assert words in answer.text
    assert db.session.query(SavedSearch).count() == 0


def test_ones_own_stay_ones_own_unless_shared(desk, client_of):
    other = client_of(factories.account("officer"))
    keep(desk)
    row = db.session.query(SavedSearch).one()
    assert "Lost orders" not in other.get("/officer/searches").text
    assert other.post(f"/officer/searches/{row.ref}/drop").status_code == 404
    keep(desk, name="All may see it", shared="1", once=ONCE + "2")
    assert "All may see it" in other.get("/officer/searches").text
    desk.post(f"/officer/searches/{row.ref}/drop")
    assert "Lost orders" not in desk.get("/officer/searches").text


def test_an_alert_is_raised_at_its_threshold_and_once_for_its_time(desk, officer, work):
    second = factories.account("officer")
    keep(desk, threshold="3", minutes="10")
    row = db.session.query(SavedSearch).one()
    lose(2)
    alerts.check()
    assert alerts_of(row) == 0
    lose(1)
    alerts.check()
    alerts.check()
    assert alerts_of(row) == 1
    for alert in db.session.scalars(select(Alert.id).filter_by(search_id=row.id)):
        jobs.tell_alert(str(alert))
        jobs.tell_alert(str(alert))
    told = [n.account_id for n in db.session.query(Notice).filter_by(kind="audit.alert")]
    assert sorted(told) == sorted([officer.id, second.id])
    with clock.use(clock.FixedClock(clock.now() + timedelta(minutes=11))):
        alerts.check()
        assert alerts_of(row) == 1
        lose(3)
        alerts.check()
    assert alerts_of(row) == 2


@pytest.mark.parametrize(
    ("code", "count", "facts"),
    [
        ("denied", 50, {"kind": "access:denied", "outcome": "denied"}),
        ("sign_in", 30, {"kind": "account:sign_in_failed", "outcome": "failed"}),
        ("roles", 1, {"kind": "account:invited"}),
        ("personal", 1, {"kind": "export:approved"}),
        ("books", 1, {"kind": "books:checked", "outcome": "failed"}),
    ],
)
def test_the_house_watches_these_by_itself(app, code, count, facts):
    alerts.seed()
    lose(count - 1, **facts)
    alerts.check()
    assert alerts_of(of(code)) == 0
    lose(1, **facts)
    alerts.check()
    assert alerts_of(of(code)) == 1


def test_one_of_the_house_that_was_dropped_stays_dropped_and_that_is_on_record(desk):
    alerts.seed()
    desk.post(f"/officer/searches/{of('roles').ref}/drop")
    lose(kind="account:invited")
    alerts.check()
    assert alerts_of(of("roles")) == 0
    assert db.session.query(SavedSearch).filter_by(code="roles").count() == 1
    entry = db.session.execute(select(Entry).where(Entry.kind == "saved_search:dropped")).scalar_one()
    assert b'"house":"roles"' in entry.body


def test_new_alerts_stand_on_the_home_page_until_somebody_has_looked(desk):
    lose(kind="books:checked", outcome="failed")
    alerts.check()
    assert "<b>1</b><span>alerts to look at" in desk.get("/officer/").text
    assert "The books do not balance" in desk.get("/officer/searches").text
    desk.post("/officer/searches/alerts/seen")
    home = desk.get("/officer/").text
    assert "<b>1</b><span>alerts to look at" not in home
    assert "alerts to look at</a></li>" in home


@pytest.mark.parametrize("role", ["shopper", "merchant", "inspector", "support", "admin"])
def test_it_is_for_officers_only(client_of, role):
    browser = client_of(factories.account(role))
    assert browser.get("/officer/searches").status_code == 403
    assert keep(browser).status_code == 403


def test_the_page_costs_the_same_however_much_there_is(desk, statements):
    keep(desk)
    desk.get("/officer/searches")
    with statements() as few:
        desk.get("/officer/searches")
    for number in range(5):
        keep(desk, name=f"Search {number}", once=f"{ONCE}{number}")
    with statements() as many:
        desk.get("/officer/searches")
    assert len(many) == len(few) <= 6
