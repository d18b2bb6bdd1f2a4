"""Reports of suspicion: two officers, every look in the log, and nothing that its subject could learn of."""

import json
import secrets
from xml.etree import ElementTree

import pytest
from sqlalchemy import select

from compliance.audit.models import Entry, Proposal
from compliance.privacy import exporting
from compliance.privacy.subject import person_of
from daigou.accounts.models import Account
from daigou.casework.suspicions.models import SuspicionReport
from daigou.core import clock
from daigou.core.db import db
from daigou.orders.models import Order
from tests import factories
from tests.guards.world import succeeded
from tests.warehouse import bench

GROUNDS = "Mara Vogel paid nine times within a day, each time under the limit, and had it all sent back. " * 2


@pytest.fixture
def suspect(app):
    factories.rates()
    return factories.account(country="DE")


@pytest.fixture
def desks(client_of):
    return client_of(factories.account("officer")), client_of(factories.account("officer"))


def draft(desk, about, **more):
    data = {"about": about.subject, "country": "DE", "kind": "laundering", "grounds": GROUNDS, "registration": "4711"}
    return desk.post("/officer/suspicions", data={**data, "once": secrets.token_hex(16), **more})


def report():
    return db.session.execute(select(SuspicionReport).execution_options(populate_existing=True)).scalar_one()


def agreed(desks, about, **more):
    """Drafted by one and agreed to by the other."""
    first, second = desks
    assert draft(first, about, **more).status_code == 303
    path = f"/officer/suspicions/{report().ref}"
    assert first.post(f"{path}/propose", data={"propose-reason": "Nine payments, no sense."}).status_code == 303
    ref = db.session.execute(select(Proposal.ref)).scalar_one()
    assert first.post(f"/officer/proposals/{ref}/approve", data={"note": ""}).status_code == 403
    assert second.post(f"/officer/proposals/{ref}/approve", data={"note": ""}).status_code == 303
    return path


def test_two_officers_agree_and_the_file_is_goamls_where_the_unit_takes_it(suspect, desks):
    shop, _owner = factories.merchant()
    item = bench.item("paid", suspect, shop)
    succeeded(db.session.get(Order, item.order_id), item)
    path = agreed(desks, suspect)
    answer = desks[0].post(f"{path}/file")
    root = ElementTree.fromstring(answer.data)
    assert [child.tag for child in root][:6] == [
        "rentity_id", "submission_code", "report_code", "entity_reference", "submission_date", "currency_code_local",
    ]  # fmt: skip
    assert root.findtext("transaction/t_from_my_client/from_person/last_name") == "Vogel"
    assert root.findtext("transaction/amount_local") == "89.80"
    assert answer.headers["Cache-Control"] == "no-store"
    filed = {"reference": "DE-2026-1", "filed_on": clock.today().isoformat()}
    assert desks[0].post(f"{path}/filed", data=filed).status_code == 303
    assert (report().state, report().unit_reference) == ("filed", "DE-2026-1")


def test_where_there_is_no_goaml_it_is_all_there_to_be_typed_off(suspect, desks):
    found = json.loads(desks[0].post(f"{agreed(desks, suspect, country='US')}/file").data)
    assert (found["unit"], found["person"]["name"], found["grounds"]) == ("FinCEN", "Mara Vogel", GROUNDS.strip())


def test_nothing_is_taken_out_before_a_second_officer_has_agreed(suspect, desks):
    draft(desks[0], suspect)
    assert desks[0].post(f"/officer/suspicions/{report().ref}/file").status_code == 409


def test_its_subject_learns_nothing(suspect, desks, client_of):
    agreed(desks, suspect)
    desks[0].post(f"/officer/suspicions/{report().ref}/file")
    copy = json.dumps(exporting.gathered(person_of(suspect.subject), "PRV-TEST"), default=str)
    assert "suspicion" not in copy
    assert report().ref not in copy
    entries = db.session.execute(select(Entry).where(Entry.kind.like("suspicion_report:%"))).scalars().all()
    assert {entry.kind for entry in entries} >= {"suspicion_report:created", "suspicion_report:taken_out"}
    assert {entry.subject for entry in entries} == {None}
    assert not any(suspect.subject.encode() in entry.body for entry in entries)
    proposal = db.session.execute(select(Proposal)).scalar_one()
    assert suspect.subject not in json.dumps([proposal.summary, proposal.payload, proposal.about])
    assert GROUNDS.encode() not in report().grounds_sealed


@pytest.mark.parametrize("role", ["support", "admin", "inspector", "shopper"])
def test_nobody_but_officers_sees_that_there_are_reports(client_of, app, role):
    assert client_of(factories.account(role)).get("/officer/suspicions").status_code == 403


def test_every_look_is_in_the_log(suspect, desks):
    draft(desks[0], suspect)
    desks[1].get(f"/officer/suspicions/{report().ref}")
    looks = db.session.execute(select(Entry.actor).where(Entry.kind == "suspicion_report:viewed")).scalars().all()
    assert len(set(looks)) == 1


def test_an_officer_finds_no_report_about_themselves(app, client_of):
    officer = factories.account("officer")
    draft(client_of(factories.account("officer")), officer)
    assert client_of(officer).get(f"/officer/suspicions/{report().ref}").status_code == 404


def test_what_is_not_reported_keeps_its_reason(suspect, desks):
    draft(desks[0], suspect)
    path = f"/officer/suspicions/{report().ref}"
    assert desks[0].post(f"{path}/drop", data={"drop-reason": "He showed the invoices."}).status_code == 303
    assert "He showed the invoices." in desks[0].get(path).text


@pytest.mark.parametrize("wrong", [{"grounds": "Strange."}, {"country": "ZZ"}, {"case_ref": "RSK-NONE"}])
def test_a_draft_that_a_unit_can_do_nothing_with_is_refused_with_what_was_typed(suspect, desks, wrong):
    answer = draft(desks[0], suspect, **wrong)
    assert answer.status_code == 422
    assert "4711" in answer.text


def test_reports_outlive_the_keys_of_the_account(suspect, desks):
    draft(desks[0], suspect)
    assert report().sealed_under != db.session.get(Account, suspect.id).subject
