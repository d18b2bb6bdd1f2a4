"""The report of one audit, for paper."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from uuid import UUID

from compliance.audit import door
from daigou.core import clock
from daigou.core.access import Actor
from daigou.core.db import transaction
from daigou.core.i18n import _
from daigou.providers import typesetting

from . import auditing, evidence, findings, rules
from .models import AuditPoint, ComplianceAudit
from .standards import ALL

TEMPLATE = Path(__file__).with_name("report.typ")


def words_of_verdicts() -> dict[str, str]:
    return {
        "open": _("Not answered"),
        "met": _("Met"),
        "partly": _("Partly met"),
        "not_met": _("Not met"),
        "not_applicable": _("Does not apply"),
    }


def pdf(actor: Actor, ref: str, names: Mapping[UUID, str]) -> bytes:
    """In the language of whoever asks. That it was made stands in the log."""
    with transaction():
        audit = auditing.find(actor, ref)
        points = auditing.points_of(audit)
        data = _head(audit, points, names) | {"points": [_point(audit, point) for point in points]}
        data["findings"] = [
            [f.ref, f.severity, f.due_on.isoformat(), f.state, f.what, f.outcome] for f in findings.of_audit(audit)
        ]
        door.note(actor, f"compliance_audit_report/{audit.id}", "compliance_audit:report_made", about=audit.ref)
    return typesetting.pdf(TEMPLATE.read_text(), data)


def _head(audit: ComplianceAudit, points: object, names: Mapping[UUID, str]) -> dict[str, object]:
    verdicts = [point.verdict for point in points]  # type: ignore[attr-defined]
    return {
        "title": str(ALL[audit.standard].title),
        "lines": [
            [_("Report"), audit.ref],
            [_("Version of the standard"), audit.version],
            [_("Due"), audit.due_on.isoformat()],
            [_("Walked by"), names.get(audit.owner, "–") if audit.owner else "–"],
            [_("State"), audit.state],
            [_("Points met"), f"{rules.score(verdicts)} %"],
            [_("Made"), clock.now().strftime("%Y-%m-%d %H:%M UTC")],
        ],
        "conclusion": audit.conclusion,
        "words": {"conclusion": _("Conclusion"), "points": _("Points"), "findings": _("Findings"),
                  "none": _("No finding."), "system": _("What the system said")},
    }  # fmt: skip


def _point(audit: ComplianceAudit, point: AuditPoint) -> dict[str, object]:
    known = ALL[audit.standard].point(point.code)
    return {
        "code": point.code,
        "words": str(known.words) if known else "",
        "verdict": words_of_verdicts()[point.verdict],
        "remark": point.remark,
        "evidence": [[str(evidence.label(name)), str(value)] for name, value in point.evidence.items()],
    }
