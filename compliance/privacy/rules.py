"""Pure rules of leaks and of requests by authorities."""

from __future__ import annotations

from datetime import datetime, timedelta

from daigou.core.states import Machine, move

BREACH = Machine(
    "breach",
    "noticed",
    move("assess", "noticed assessed", "assessed", "privacy.keep"),
    move("report", "noticed assessed", "reported", "privacy.keep"),
    move("close", "assessed reported", "closed", "privacy.keep"),
)
REGULATOR = Machine(
    "regulator_request",
    "received",
    move("take", "received", "running", "privacy.keep"),
    move("answer", "received running", "answered", "privacy.keep"),
)

AUTHORITY_TOLD_WITHIN = timedelta(hours=72)
"""GDPR art. 33(1): from the moment we become aware of it."""
REMINDED_BEFORE = (timedelta(hours=48), timedelta(hours=24), timedelta(hours=6))
"""How long before a deadline those who answer for it hear of it, each once."""
RISKS = ("none", "some", "high")
DAYS_TO_ANSWER = 30


def authority_due(noticed_at: datetime) -> datetime:
    return noticed_at + AUTHORITY_TOLD_WITHIN


def must_be_reported(risk: str) -> bool:
    """GDPR art. 33(1): unless it is unlikely to result in a risk."""
    return risk in ("some", "high")


def people_must_be_told(risk: str) -> bool:
    """GDPR art. 34(1): when the risk is high."""
    return risk == "high"


def step_of(due: datetime, now: datetime) -> int:
    """How many of the reminders are due now: 0 while it is far off, one more when it has passed."""
    return sum(1 for ahead in (*REMINDED_BEFORE, timedelta(0)) if now >= due - ahead)
