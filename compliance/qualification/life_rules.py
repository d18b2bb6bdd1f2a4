"""Pure rules of a merchant's life after its approval."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta

from daigou.core.i18n import lazy
from daigou.core.states import Machine, move

AUTHENTICITY_TEST = Machine(
    "authenticity_test",
    "planned",
    move("sample", "planned", "at_laboratory", "test.record"),
    move("pass", "at_laboratory", "passed", "test.record"),
    move("fail", "at_laboratory", "failed", "test.record"),
    move("repeat", "at_laboratory", "planned", "test.record"),
    move("cancel", "planned at_laboratory", "cancelled", "test.record"),
)

SUSPENSION = Machine(
    "suspension",
    "in_force",
    move("appeal", "in_force", "appealed", "suspension.appeal"),
    move("uphold", "appealed", "in_force", "merchant.suspend"),
    move("lift", "in_force appealed", "lifted", "merchant.suspend"),
)

REMIND_DAYS = (60, 30, 7)
"""How long before a paper's end its owner hears of it."""

SUSPEND_REASONS = {
    "counterfeit": lazy("Goods were found not to be genuine."),
    "papers": lazy("A paper that we need is no longer valid."),
    "identity": lazy("What was said about the business turned out to be false."),
    "orders": lazy("Orders were not bought, or not sent, again and again."),
    "law": lazy("Goods were offered that the law does not allow."),
    "other": lazy("Another reason, which is written below."),
}

CHANGES = {
    "name": lazy("Name of the shop or the company"),
    "bank": lazy("Bank account"),
    "address": lazy("Address"),
    "papers": lazy("Papers that end soon or have ended"),
}
_PROOFS = {"bank": ("bank_proof",), "address": ("warehouse_proof",)}


def reminder(ends: date, today: date) -> int | None:
    """Which of the reminders is due: 60, 30 or 7 days ahead; None when it is too early or the paper has ended."""
    left = (ends - today).days
    due = [days for days in REMIND_DAYS if left <= days]
    return min(due) if due and left >= 0 else None


def has_ended(ends: date | None, today: date) -> bool:
    """A paper is good through its last day."""
    return ends is not None and ends < today


def proofs(changes: Iterable[str], kind: str) -> list[str]:
    """Papers that prove a change, for a merchant of a kind."""
    name = ("representative_id",) if kind == "individual" else ("business_licence",)
    found = {paper for change in changes for paper in {**_PROOFS, "name": name}.get(change, ())}
    return sorted(found)


def merchant_risk(*, failed_tests: int, holds: int, age_days: int, kind: str) -> int:
    """From 0 to 100: how closely a merchant's goods are watched. More failures never lower it."""
    young = 20 if age_days < 90 else 10 if age_days < 365 else 0
    person = 10 if kind == "individual" else 0
    return min(100, 40 * failed_tests + 10 * min(holds, 3) + young + person)


def interval(risk: int, rows: Iterable[tuple[int, int]]) -> timedelta:
    """Days between two tests, of (least_risk, days): the row of the highest risk that is reached."""
    return timedelta(days=max(row for row in rows if row[0] <= risk)[1])
