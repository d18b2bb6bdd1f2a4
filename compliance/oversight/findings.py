"""Findings: each has an owner and a day, is mended by one person and verified by another."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import or_, select

from compliance.audit import door
from daigou.core import clock, ids, outbox
from daigou.core.access import Actor, require, system
from daigou.core.db import Page, db, keyset, load, load_locked, transaction
from daigou.core.errors import Denied, Invalid
from daigou.core.i18n import lazy

from . import rules
from .models import ComplianceAudit, Finding

OPEN = ("open", "mended")
_BATCH = 200


def raise_from(actor: Actor, audit: ComplianceAudit, code: str, severity: str, what: str) -> Finding:
    """The finding of one point of an audit; answering the point again changes it while it is open."""
    statement = select(Finding).filter_by(audit_id=audit.id, code=code, state="open").with_for_update()
    found = db.session.scalars(statement).first()
    if found is None:
        return _new(actor, severity, what, audit_id=audit.id, code=code)
    found.severity, found.what = severity, what
    found.due_on = rules.mend_until(severity, clock.today())
    door.record(actor, found, "changed", severity=severity)
    return found


def report(actor: Actor, severity: str, what: str) -> Finding:
    """One that no list asked for. Invalid without words or severity."""
    require(actor, "oversight.keep")
    wrong: dict[str, object] = {}
    if severity not in rules.SEVERITIES:
        wrong["severity"] = lazy("Choose how grave it is.")
    if not what.strip():
        wrong["what"] = lazy("Say what is wrong.")
    if wrong:
        raise Invalid(wrong)
    with transaction():
        return _new(actor, severity, what.strip())


def _new(actor: Actor, severity: str, what: str, audit_id: UUID | None = None, code: str = "") -> Finding:
    due = rules.mend_until(severity, clock.today())
    row = Finding(
        ref=ids.new_ref("FND"), audit_id=audit_id, code=code, severity=severity, what=what, owner=actor.account_id,
        due_on=due,
    )  # fmt: skip
    door.created(actor, row, severity=severity, point=code or None, due_on=due.isoformat())
    return row


def mend(actor: Actor, ref: str, how: str) -> None:
    """Say that it is mended, and how. Another person verifies it."""
    with transaction():
        row = load_locked(Finding, ref=ref)
        row.outcome, row.mended_by = _said(how), actor.account_id
        door.transition(actor, row, "mend")


def verify(actor: Actor, ref: str) -> None:
    """Denied for the one who mended it."""
    with transaction():
        row = load_locked(Finding, ref=ref)
        if row.mended_by == actor.account_id:
            words = lazy("You mended this yourself. Another person must look whether it is so.")
            raise Denied("finding.own", words, actor=actor.subject, thing=row.stream)
        door.transition(actor, row, "verify")


def reopen(actor: Actor, ref: str, why: str) -> None:
    with transaction():
        row = load_locked(Finding, ref=ref)
        row.outcome = _said(why)
        door.transition(actor, row, "reopen")


def accept(actor: Actor, ref: str, why: str) -> None:
    """Live with it: the risk is taken knowingly, with a reason."""
    with transaction():
        row = load_locked(Finding, ref=ref)
        row.outcome = _said(why)
        door.transition(actor, row, "accept")


def _said(words: str) -> str:
    if not words.strip():
        raise Invalid({"words": lazy("Say how or why, in a sentence.")})
    return words.strip()[:2000]


def everything(actor: Actor, cursor: str | None = None, closed: bool = False) -> Page:
    """Open ones by their day, or those that are done with, newest first."""
    require(actor, "oversight.view")
    if closed:
        return keyset(select(Finding).where(Finding.state.not_in(OPEN)), Finding.created_at, Finding.id, cursor=cursor)
    rows = select(Finding).where(Finding.state.in_(OPEN))
    return keyset(rows, Finding.due_on, Finding.id, cursor=cursor, descending=False)


def find(actor: Actor, ref: str) -> Finding:
    require(actor, "oversight.view")
    found: Finding = load(Finding, ref=ref)
    return found


def of_audit(audit: ComplianceAudit) -> Sequence[Finding]:
    return db.session.scalars(select(Finding).filter_by(audit_id=audit.id).order_by(Finding.due_on, Finding.id)).all()


def remind() -> int:
    """The job: tell the owners of what should be mended by now, once a week for each. How many."""
    today = clock.today()
    stale = or_(Finding.told_late.is_(None), Finding.told_late <= today - rules.AGAIN)
    late = select(Finding).where(Finding.state.in_(OPEN), Finding.due_on < today, stale).limit(_BATCH)
    with transaction() as session:
        rows = session.scalars(late.with_for_update(skip_locked=True)).all()
        for row in rows:
            row.told_late = today
            door.record(system("oversight"), row, "reminded")
            outbox.put("finding.late", finding_id=row.id)
    return len(rows)
