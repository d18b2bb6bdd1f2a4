"""What needs an officer now, in one look and one query."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask import current_app, render_template, url_for
from sqlalchemy import text

from blueprints.guard import guarded
from compliance.privacy.rules import AUTHORITY_TOLD_WITHIN
from compliance.screening.rules import PATIENCE
from daigou.core import clock
from daigou.core.db import db
from daigou.core.i18n import _, ngettext
from daigou.disputes.rules import URGENT
from daigou.pricing.rules import CURRENCIES, STALE_AFTER_DAYS

from . import bp

SLOW = timedelta(seconds=30)  # entries without a place for so long: the sequencer stands still
STALE = timedelta(minutes=30)  # the books are checked every ten minutes

_BOOKS = "FROM audit_entries WHERE kind = 'books:checked' ORDER BY at DESC, id DESC LIMIT 1"
_DISPUTES = "FROM disputes WHERE state IN ('opened', 'warning', 'evidence_due')"
_DIFFERENCES = "FROM reconciliation_findings WHERE state = 'open' AND kind = 'fault'"
_FINDINGS = "FROM compliance_findings WHERE state IN ('open', 'mended') AND due_on < CAST(:now AS date)"
_BREACHES = "FROM breaches WHERE state IN ('noticed', 'assessed')"
_REGULATORS = "FROM regulator_requests WHERE state IN ('received', 'running')"
FIGURES = {
    "applications": "SELECT count(*) FROM applications WHERE state = 'submitted'",
    "reviewing": "SELECT count(*) FROM applications WHERE state = 'in_review'",
    "oldest_application": "SELECT min(submitted_at) FROM applications WHERE state = 'submitted'",
    "returns": "SELECT count(*) FROM return_cases WHERE state = 'opened'",
    "returns_due": "SELECT count(*) FROM return_cases WHERE state = 'opened' AND decide_until < :now",
    "screening": "SELECT count(*) FROM screening_parties WHERE state = 'held'",
    "screening_late": "SELECT count(*) FROM screening_parties WHERE state = 'held' AND state_since < :checked",
    "alerts": "SELECT count(*) FROM search_alerts WHERE seen_at IS NULL",
    "disputes": f"SELECT count(*) {_DISPUTES}",
    "disputes_due": f"SELECT count(*) {_DISPUTES} AND due_at < :soon",
    "differences": f"SELECT count(*) {_DIFFERENCES}",
    "findings_late": f"SELECT count(*) {_FINDINGS}",
    "breaches": f"SELECT count(*) {_BREACHES}",
    "breaches_due": f"SELECT count(*) {_BREACHES} AND noticed_at < :told",
    "regulators": f"SELECT count(*) {_REGULATORS}",
    "regulators_due": f"SELECT count(*) {_REGULATORS} AND due_on <= CAST(:soon AS date)",
    "identities": "SELECT count(*) FROM identity_checks WHERE state = 'in_review'",
    "proposals": "SELECT count(*) FROM proposals WHERE state = 'proposed'",
    "wrecks": "SELECT count(*) FROM parcels WHERE state IN ('returned', 'lost', 'damaged', 'seized')",
    "work_failed": "SELECT count(*) FROM outbox WHERE failed_at IS NOT NULL",
    "work_late": "SELECT count(*) FROM outbox WHERE done_at IS NULL AND failed_at IS NULL AND due_at < :late",
    "refunds_failed": "SELECT count(*) FROM refunds WHERE state = 'failed'",
    "releases_failed": "SELECT count(*) FROM releases WHERE state = 'failed'",
    "unpriced": "SELECT count(*) FROM unnest(CAST(:currencies AS text[])) AS wanted (currency)"
    " WHERE NOT EXISTS (SELECT FROM exchange_rates r WHERE r.currency = wanted.currency AND r.day >= :fresh)",
    "denied": "SELECT count(*) FROM audit_entries WHERE outcome = 'denied' AND at > :yesterday",
    "log_size": "SELECT coalesce(max(leaf_index) + 1, 0) FROM audit_leaves",
    "signed_size": "SELECT coalesce(max(tree_size), 0) FROM audit_checkpoints",
    "signed_at": "SELECT at FROM audit_checkpoints ORDER BY tree_size DESC LIMIT 1",
    # What was made before the sequencer's horizon has its place, however late it was committed.
    "waiting_since": "SELECT e.at FROM audit_entries e WHERE e.at >"
    " greatest((SELECT h.at FROM audit_horizon h) - interval '2 minutes', :yesterday)"
    " AND NOT EXISTS (SELECT FROM audit_leaves l WHERE l.entry_id = e.id) ORDER BY e.at, e.id LIMIT 1",
    "books_at": f"SELECT at {_BOOKS}",
    "books_outcome": f"SELECT outcome {_BOOKS}",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the page: a number, what it counts, a remark, and where it is dealt with."""

    count: int
    label: str
    remark: str = ""
    tone: str = ""
    url: str = ""


@bp.get("/")
@guarded("officer.work")
def home() -> str:
    found = figures()
    waits, quiet = by_need(queue(found))
    lines = {"waits": waits, "quiet": quiet, "faults": faults(found), "books": address("officer.books")}
    return render_template("officer/home.html", console=True, found=found, log_tone=log_tone(found), **lines)


def figures() -> Any:
    """Everything that the page shows, read in one statement."""
    now = clock.now()
    times = {
        "now": now,
        "late": now - timedelta(minutes=10),
        "checked": now - PATIENCE,
        "yesterday": now - timedelta(days=1),
        "soon": now + URGENT,
        "told": now - AUTHORITY_TOLD_WITHIN + timedelta(hours=24),
        "fresh": clock.today() - timedelta(days=STALE_AFTER_DAYS),
        "currencies": [code for code in CURRENCIES if code != "EUR"],
    }
    columns = ", ".join(f"({sql}) AS {name}" for name, sql in FIGURES.items())
    return db.session.execute(text(f"SELECT {columns}"), times).mappings().one()


def by_need(lines: list[Line]) -> tuple[list[Line], list[Line]]:
    """What waits, with what is late or due soon first, and what does not."""
    waits = sorted((line for line in lines if line.count), key=lambda line: line.tone == "")
    return waits, [line for line in lines if not line.count]


def queue(found: Any) -> list[Line]:
    """What waits for a decision of a person."""
    overdue = (
        ngettext("%(num)d past its day", "%(num)d past their day", found["returns_due"]) if found["returns_due"] else ""
    )
    tone = "warning" if overdue else ""
    late = found["screening_late"]
    waited = ngettext("%(num)d waits too long", "%(num)d wait too long", late) if late else ""
    waiting_tone = "warning" if waited else ""
    unpriced = found["unpriced"]
    withheld = _("Nothing is offered in them until a rate is entered.") if unpriced else ""
    unpriced_tone = "warning" if unpriced else ""
    return [
        Line(found["applications"], _("applications to take up"), url=address("officer.applications")),
        Line(found["reviewing"], _("applications under review"), url=address("officer.applications")),
        Line(found["returns"], _("returns to decide"), overdue, tone, address("support.returns")),
        Line(found["screening"], _("screening cases to decide"), waited, waiting_tone, address("officer.screening")),
        Line(found["alerts"], _("alerts to look at"), url=address("officer.searches")),
        _due(found, "disputes", _("disputes to answer"), "officer.disputes"),
        Line(found["identities"], _("identities to check"), url=address("officer.identities")),
        Line(found["differences"], _("differences with the provider"), url=address("officer.reconciliation")),
        _due(found, "breaches", _("leaks to report or close"), "officer.breaches"),
        _due(found, "regulators", _("authorities to answer"), "officer.regulators"),
        Line(found["findings_late"], _("findings past their day"), url=address("officer.findings")),
        Line(found["proposals"], _("decisions that need a second person"), url=address("officer.proposals")),
        Line(found["wrecks"], _("parcels not delivered to settle"), url=address("officer.wrecks")),
        Line(unpriced, _("currencies without a fresh rate"), withheld, unpriced_tone, address("officer.rates")),
        Line(found["denied"], _("denied attempts since yesterday"), url=url_for(".audit", outcome="denied")),
    ]


def _due(found: Any, name: str, label: str, endpoint: str) -> Line:
    """A line of things with deadlines: how many of them come soon, or have passed."""
    near = found[f"{name}_due"]
    words = ngettext("%(num)d is due soon or late", "%(num)d are due soon or late", near) if near else ""
    return Line(found[name], label, words, "warning" if near else "", address(endpoint))


def faults(found: Any) -> list[Line]:
    """What went wrong and does not mend itself; empty when all is well."""
    lines = [
        Line(
            found["work_failed"],
            _("jobs given up after many tries"),
            _("Have them tried again, or set them aside with a reason."),
            "error",
            address("officer.given_up"),
        ),
        Line(found["work_late"], _("jobs that should have run"), _("Are the workers running?"), "warning"),
        Line(found["refunds_failed"], _("refunds that the provider refused"), "", "error", address("officer.books")),
        Line(found["releases_failed"], _("payouts that the provider refused"), "", "error", address("officer.books")),
    ]
    return [line for line in lines if line.count]


def log_tone(found: Any) -> str:
    waiting: datetime | None = found["waiting_since"]
    return "warning" if waiting and clock.now() - waiting > SLOW else "success"


def address(endpoint: str) -> str:
    """Where it is dealt with, if that page is there."""
    return url_for(endpoint) if endpoint in current_app.view_functions else ""
