"""A change of the law, from the day it is noticed to the rows that carry it out."""

from datetime import date
from uuid import uuid4

import pytest
from sqlalchemy import select

from compliance.customs.models import DutyRule
from compliance.oversight import laws
from compliance.oversight.laws import News
from daigou.core.db import db
from daigou.core.errors import Impossible, Invalid
from tests import factories

NEWS = News("EU", "The relief for parcels up to EUR 150 ends", "OJ L, 2026/1234", date(2026, 7, 1))


@pytest.fixture
def officer(app):
    return factories.account("officer")


@pytest.fixture
def me(officer):
    return factories.actor(officer)


def some_row():
    return db.session.scalars(select(DutyRule).limit(1)).one()


def test_it_is_carried_out_by_the_rows_it_made(me):
    change = laws.notice(me, NEWS)
    laws.assess(me, change.ref, "Three euros for each heading.")
    with pytest.raises(Impossible):
        laws.apply(me, change.ref)
    row = some_row()
    for _again in range(2):
        laws.tie(me, change.ref, "duty_rules", row.id)
    tied = laws.tied(change)
    assert [(r.id, r.source) for r in tied] == [(row.id, row.source)]
    laws.apply(me, change.ref)
    assert change.state == "applied"


def test_only_rows_of_dated_rules_can_be_tied(me):
    change = laws.notice(me, NEWS)
    for table, key in (("accounts", uuid4()), ("duty_rules", uuid4()), ("no_such", uuid4())):
        with pytest.raises(Invalid):
            laws.tie(me, change.ref, table, key)


def test_every_table_of_dated_rules_is_found_by_itself(app):
    assert {"duty_rules", "fees", "payout_rails"} <= set(laws.dated_tables())


def test_what_is_put_aside_needs_a_reason_and_takes_no_rows(me):
    change = laws.notice(me, NEWS)
    with pytest.raises(Invalid):
        laws.dismiss(me, change.ref, " ")
    laws.dismiss(me, change.ref, "We do not ship there.")
    with pytest.raises(Impossible):
        laws.tie(me, change.ref, "duty_rules", some_row().id)


def test_the_register_in_the_browser(client_of, officer):
    desk = client_of(officer)
    form = {
        "jurisdiction": "EU",
        "title": NEWS.title,
        "source": "",
        "in_force_on": "2027-01-01",
        "once": "register-in-browser",
    }
    refused = desk.post("/officer/laws", data=form)
    assert refused.status_code == 422
    assert NEWS.title in refused.text
    sent = desk.post("/officer/laws", data=form | {"source": "OJ L"})
    ref = sent.headers["Location"].rsplit("/", 1)[1]
    desk.post(f"/officer/laws/{ref}/assess", data={"words": "New rows."})
    page = desk.get(f"/officer/laws/{ref}?table=duty_rules").text
    assert f"duty_rules:{some_row().id}" in page
    desk.post(f"/officer/laws/{ref}/rows", data={"row": f"duty_rules:{some_row().id}"})
    assert desk.post(f"/officer/laws/{ref}/rows", data={"row": "nonsense"}).status_code == 422
    desk.post(f"/officer/laws/{ref}/apply")
    assert "Carried out" in desk.get(f"/officer/laws/{ref}").text
