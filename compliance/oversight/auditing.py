"""Walking an audit: planned by the calendar, taken by an officer, answered point by point, closed with a conclusion."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from sqlalchemy import func, select
from sqlalchemy.dialects.postgresql import insert

from compliance.audit import door
from daigou.core import clock, ids
from daigou.core.access import Actor, require, system
from daigou.core.db import Page, advisory_lock, db, keyset, load, load_locked, transaction
from daigou.core.errors import Impossible, Invalid
from daigou.core.i18n import lazy, nlazy

from . import evidence, findings, rules
from .models import AuditPoint, ComplianceAudit
from .standards import ALL, Standard

AHEAD = timedelta(days=30)  # planned so long before it is due
LONGEST = 2000


@dataclass(frozen=True, slots=True)
class Answer:
    """What an officer says of one point. ``severity`` makes a finding of a point that is not met."""

    verdict: str
    remark: str
    severity: str = ""


def plan_due() -> int:
    """The job: one audit for each standard whose turn comes within a month. How many were planned."""
    made = 0
    with transaction():
        advisory_lock("compliance-audits")
        last: dict[str, date] = {code: day for code, day in db.session.execute(_last_by_standard())}  # noqa: C416 (rows)
        for standard in ALL.values():
            due = rules.next_due(last.get(standard.code), standard.every_months, clock.today())
            if due <= clock.today() + AHEAD:
                _plan(system("oversight"), standard, due)
                made += 1
    return made


def plan(actor: Actor, code: str, due_on: date) -> ComplianceAudit:
    """One out of turn: before an auditor comes, after an incident. Invalid for a day that is gone or taken."""
    require(actor, "oversight.keep")
    if code not in ALL:
        raise Invalid({"standard": lazy("Choose one of the standards.")})
    if due_on < clock.today():
        raise Invalid({"due_on": lazy("This day is gone. Choose today or a later one.")})
    with transaction():
        advisory_lock("compliance-audits")
        taken = select(ComplianceAudit.id).filter_by(standard=code, due_on=due_on)
        if db.session.execute(taken).first():
            raise Invalid({"due_on": lazy("An audit of this standard is planned for that day already.")})
        return _plan(actor, ALL[code], due_on)


def _last_by_standard():  # type: ignore[no-untyped-def]
    counted = ComplianceAudit.state != "dropped"
    return (
        select(ComplianceAudit.standard, func.max(ComplianceAudit.due_on))
        .where(counted)
        .group_by(ComplianceAudit.standard)
    )


def _plan(actor: Actor, standard: Standard, due_on: date) -> ComplianceAudit:
    audit = ComplianceAudit(ref=ids.new_ref("AUD"), standard=standard.code, version=standard.version, due_on=due_on)
    door.created(actor, audit, standard=standard.code, due_on=due_on.isoformat())
    db.session.flush()
    rows = [
        {"id": ids.new_id(), "created_at": clock.now(), "audit_id": audit.id, "code": point.code, "position": number,
         "verdict": rules.OPEN, "remark": "", "evidence": {}}
        for number, point in enumerate(standard.points)
    ]  # fmt: skip
    db.session.execute(insert(AuditPoint.__table__), rows)
    return audit


def start(actor: Actor, ref: str) -> None:
    """Take it: who walks it is its owner."""
    with transaction():
        audit = load_locked(ComplianceAudit, ref=ref)
        door.transition(actor, audit, "start")
        audit.owner = actor.account_id


def answer(actor: Actor, ref: str, code: str, given: Answer) -> None:
    """Judge one point. What the system says at this moment is kept beside it; a fault makes a finding."""
    with transaction():
        audit = load_locked(ComplianceAudit, ref=ref)
        require(actor, "oversight.keep")
        if not audit.is_("running"):
            raise Impossible("audit.not_running", lazy("Start the audit first; then you can answer its points."))
        point = load_locked(AuditPoint, audit_id=audit.id, code=code)
        _check(given)
        point.verdict, point.remark = given.verdict, given.remark.strip()
        point.answered_by, point.answered_at = actor.account_id, clock.now()
        point.evidence = evidence.answers(_evidence_of(audit, code))
        door.record(actor, audit, "answered", point=code, verdict=given.verdict)
        if given.verdict in rules.FAULTY:
            findings.raise_from(actor, audit, code, given.severity, point.remark)


def _check(given: Answer) -> None:
    wrong: dict[str, object] = {}
    if given.verdict not in rules.VERDICTS:
        wrong["verdict"] = lazy("Choose one of the answers.")
    if given.verdict in rules.FAULTY and given.severity not in rules.SEVERITIES:
        wrong["severity"] = lazy("Say how grave it is: a finding with a day to mend it is made of it.")
    if given.verdict != "met" and not given.remark.strip():
        wrong["remark"] = lazy("Say why, in a sentence that an auditor understands.")
    if len(given.remark) > LONGEST:
        wrong["remark"] = nlazy("At most %(num)d character.", "At most %(num)d characters.", LONGEST)
    if wrong:
        raise Invalid(wrong)


def _evidence_of(audit: ComplianceAudit, code: str) -> tuple[str, ...]:
    point = ALL[audit.standard].point(code)
    return point.evidence if point else ()


def close(actor: Actor, ref: str, conclusion: str) -> None:
    """Impossible while a point is unanswered; Invalid without a conclusion."""
    with transaction():
        audit = load_locked(ComplianceAudit, ref=ref)
        left = rules.unanswered(point.verdict for point in points_of(audit))
        if left:
            raise Impossible(
                "audit.unanswered",
                nlazy("%(num)d point is still unanswered.", "%(num)d points are still unanswered.", left),
            )
        if not conclusion.strip():
            raise Invalid({"conclusion": lazy("Say in a few sentences what this audit found.")})
        audit.conclusion, audit.closed_by = conclusion.strip()[:LONGEST], actor.account_id
        door.transition(actor, audit, "close", score=rules.score(p.verdict for p in points_of(audit)))


def drop(actor: Actor, ref: str) -> None:
    with transaction():
        door.transition(actor, load_locked(ComplianceAudit, ref=ref), "drop")


def everything(actor: Actor, cursor: str | None = None) -> Page:
    """Every audit, the one that is due last first."""
    require(actor, "oversight.view")
    return keyset(select(ComplianceAudit), ComplianceAudit.due_on, ComplianceAudit.id, cursor=cursor)


def find(actor: Actor, ref: str) -> ComplianceAudit:
    require(actor, "oversight.view")
    found: ComplianceAudit = load(ComplianceAudit, ref=ref)
    return found


def points_of(audit: ComplianceAudit) -> Sequence[AuditPoint]:
    """In the order of the list; there are never more than a few dozen."""
    return db.session.scalars(select(AuditPoint).filter_by(audit_id=audit.id).order_by(AuditPoint.position)).all()


def find_point(actor: Actor, ref: str, code: str) -> tuple[ComplianceAudit, AuditPoint]:
    """NotFound when the audit has no such point."""
    audit = find(actor, ref)
    return audit, load(AuditPoint, audit_id=audit.id, code=code)
