"""What runs by the calendar, and the letters of it. Each may run twice."""

from __future__ import annotations

from uuid import UUID

from daigou.core.db import load, transaction
from daigou.core.i18n import _
from daigou.notices import recipients
from daigou.notices.service import speaking, tell

from . import auditing, findings, scanning
from .models import Finding


def plan_audits() -> None:
    auditing.plan_due()


def remind_of_findings() -> None:
    findings.remind()


def run_scans() -> None:
    scanning.run_all()


def tell_late(finding_id: str) -> None:
    """To the owner: a finding's day has passed."""
    with transaction():
        row = load(Finding, id=UUID(finding_id))
        to = recipients.find(row.owner)
        with speaking(to.locale, to.zone):
            title = _("A finding is past its day")
            body = _("%(ref)s should have been mended by %(day)s. Mend it, or say why it is accepted.",
                     ref=row.ref, day=row.due_on.isoformat())  # fmt: skip
            tell(row.owner, "finding.late", title, body, f"/officer/findings/{row.ref}", once=(row.id, row.told_late))
