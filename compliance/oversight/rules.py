"""Pure rules of audits, findings and changes of the law."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from daigou.core.states import Machine, move

AUDIT = Machine(
    "compliance_audit",
    "planned",
    move("start", "planned", "running", "oversight.keep"),
    move("close", "running", "closed", "oversight.keep"),
    move("drop", "planned running", "dropped", "oversight.keep"),
)
FINDING = Machine(
    "audit_finding",
    "open",
    move("mend", "open", "mended", "oversight.keep"),
    move("verify", "mended", "verified", "oversight.keep"),
    move("reopen", "mended", "open", "oversight.keep"),
    move("accept", "open", "accepted", "oversight.keep"),
)
LAW = Machine(
    "law_change",
    "noticed",
    move("assess", "noticed", "assessed", "oversight.keep"),
    move("apply", "assessed", "applied", "oversight.keep"),
    move("dismiss", "noticed assessed", "no_action", "oversight.keep"),
)

OPEN = "open"
VERDICTS = ("met", "partly", "not_met", "not_applicable")
FAULTY = frozenset({"partly", "not_met"})
SEVERITIES = ("low", "medium", "high", "critical")
DAYS_TO_MEND = {"low": 180, "medium": 90, "high": 30, "critical": 7}
"""How long a finding may stay open at most, by severity (PCI DSS 6.3.3 gives a month for high and critical ones)."""


AGAIN = timedelta(days=7)
"""How long after a reminder of a passed day the next one comes."""


def mend_until(severity: str, found_on: date) -> date:
    return found_on + timedelta(days=DAYS_TO_MEND[severity])


def next_due(last_due: date | None, every_months: int, today: date) -> date:
    """When the next audit of a standard is due: at once when there was none, else a whole number of months later."""
    if last_due is None:
        return today
    months = last_due.year * 12 + last_due.month - 1 + every_months
    year, month = divmod(months, 12)
    return date(year, month + 1, min(last_due.day, 28))


def unanswered(verdicts: Iterable[str]) -> int:
    return sum(1 for verdict in verdicts if verdict == OPEN)


def score(verdicts: Iterable[str]) -> int:
    """Percent of the applicable points that are met; one partly met counts half. 100 where none applies."""
    worth = {"met": 2, "partly": 1, "not_met": 0, OPEN: 0}
    given = [worth[verdict] for verdict in verdicts if verdict != "not_applicable"]
    return 100 * sum(given) // (2 * len(given)) if given else 100
