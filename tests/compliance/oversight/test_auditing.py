"""An audit from the calendar to its report."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from compliance.audit.models import Entry
from compliance.oversight import auditing, evidence, findings
from compliance.oversight.auditing import Answer
from compliance.oversight.models import AuditPoint, ComplianceAudit, Finding
from compliance.oversight.standards import ALL
from daigou.core import clock
from daigou.core.clock import FixedClock
from daigou.core.db import db
from daigou.core.errors import Denied, Impossible, Invalid
from daigou.notices.models import Notice
from tests import factories


@pytest.fixture
def officer(app):
    return factories.account("officer")


@pytest.fixture
def me(officer):
    return factories.actor(officer)


@pytest.fixture
def running(me):
    audit = auditing.plan(me, "ecommerce_law", clock.today())
    auditing.start(me, audit.ref)
    return audit


def test_the_calendar_plans_each_standard_once_a_year(app):
    assert auditing.plan_due() == len(ALL)
    assert auditing.plan_due() == 0
    with clock.use(FixedClock(clock.now() + timedelta(days=340))):
        assert auditing.plan_due() == len(ALL)
        assert auditing.plan_due() == 0


def test_a_point_keeps_what_the_system_said_when_it_was_answered(running, me):
    auditing.answer(me, running.ref, "32", Answer("met", ""))
    point = auditing.find_point(me, running.ref, "32")[1]
    assert point.evidence == evidence.answers(["fee_rows"])
    assert point.evidence["fee_rows"].endswith(", 0")


def test_what_is_not_met_becomes_a_finding_with_a_day(running, me):
    auditing.answer(me, running.ref, "38", Answer("not_met", "Nobody looks at them.", "high"))
    found = db.session.scalars(select(Finding).filter_by(audit_id=running.id)).one()
    assert (found.state, found.severity, found.due_on) == ("open", "high", clock.today() + timedelta(days=30))
    auditing.answer(me, running.ref, "38", Answer("partly", "One person looks.", "low"))
    assert db.session.scalars(select(Finding).filter_by(audit_id=running.id)).one().severity == "low"


@pytest.mark.parametrize(
    ("answer", "field"),
    [
        (Answer("", "x"), "verdict"),
        (Answer("not_met", "x"), "severity"),
        (Answer("partly", "", "low"), "remark"),
        (Answer("not_applicable", ""), "remark"),
        (Answer("met", "x" * 2001), "remark"),
    ],
)
def test_an_answer_that_says_nothing_is_refused(running, me, answer, field):
    with pytest.raises(Invalid) as refused:
        auditing.answer(me, running.ref, "10", answer)
    assert field in refused.value.fields


def test_it_is_closed_only_when_every_point_is_answered(running, me):
    with pytest.raises(Impossible):
        auditing.close(me, running.ref, "All well.")
    for point in ALL["ecommerce_law"].points:
        auditing.answer(me, running.ref, point.code, Answer("met", ""))
    with pytest.raises(Invalid):
        auditing.close(me, running.ref, " ")
    auditing.close(me, running.ref, "All well.")
    assert running.state == "closed"
    with pytest.raises(Impossible):
        auditing.answer(me, running.ref, "10", Answer("met", ""))


def test_a_finding_is_verified_by_another_than_who_mended_it(me):
    row = findings.report(me, "critical", "The door was open.")
    findings.mend(me, row.ref, "It is shut.")
    with pytest.raises(Denied):
        findings.verify(me, row.ref)
    findings.verify(factories.actor(factories.account("officer")), row.ref)
    assert row.state == "verified"


def test_the_owner_of_a_late_finding_hears_of_it_once_a_week(me, officer, work):
    row = findings.report(me, "critical", "The door was open.")
    assert findings.remind() == 0
    with clock.use(FixedClock(clock.now() + timedelta(days=8))):
        assert findings.remind() == 1
        assert findings.remind() == 0
        work()
        told = db.session.scalars(select(Notice).filter_by(account_id=officer.id, kind="finding.late")).all()
        assert len(told) == 1
        assert row.ref in told[0].content["body"]
    with clock.use(FixedClock(clock.now() + timedelta(days=16))):
        assert findings.remind() == 1


def test_an_officer_walks_it_in_the_browser_and_prints_it(client_of, officer):
    desk = client_of(officer)
    number = "walks-it-in-the-browser-1"
    sent = desk.post(
        "/officer/audits", data={"standard": "gdpr_30", "due_on": clock.today().isoformat(), "once": number}
    )
    audit = db.session.scalars(select(ComplianceAudit).filter_by(standard="gdpr_30")).one()
    assert sent.headers["Location"].endswith(audit.ref)
    desk.post(f"/officer/audits/{audit.ref}/start")
    page = desk.get(f"/officer/audits/{audit.ref}/points/30(1)(b)").text
    assert "Columns of personal data that are encrypted one by one" in page
    kept = desk.post(f"/officer/audits/{audit.ref}/points/30(1)(b)", data={"verdict": "partly", "remark": "Half of it"})
    assert kept.status_code == 422
    assert "Half of it" in kept.text
    answer = {"verdict": "partly", "severity": "low", "remark": "Half of it"}
    onwards = desk.post(f"/officer/audits/{audit.ref}/points/30(1)(b)", data=answer)
    assert onwards.headers["Location"].endswith("/points/30(1)(c)")
    paper = desk.get(f"/officer/audits/{audit.ref}/report.pdf")
    assert paper.data.startswith(b"%PDF")
    kinds = set(db.session.scalars(select(Entry.kind).filter_by(stream=audit.stream)))
    assert kinds == {"compliance_audit:created", "compliance_audit:start", "compliance_audit:answered"}


def test_points_of_the_list_stand_in_their_order(me, running):
    codes = [point.code for point in auditing.points_of(running)]
    assert codes == [point.code for point in ALL["ecommerce_law"].points]
    assert db.session.query(AuditPoint).filter_by(audit_id=running.id).count() == len(codes)
