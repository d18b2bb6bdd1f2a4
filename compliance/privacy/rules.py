"""Pure rules of leaks, of requests by authorities, and of what people ask of us about their own data."""

from __future__ import annotations

import calendar
from datetime import date, datetime, timedelta

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

REQUEST = Machine(
    "privacy_request",
    "received",
    move("take", "received", "running", "privacy.keep"),
    move("begin", "received running", "running", "privacy.work"),
    move("answer", "received running", "answered", "privacy.answer"),
    move("refuse", "received running", "refused", "privacy.keep"),
    move("withdraw", "received", "withdrawn", "privacy.ask"),
    move("lapse", "received running", "withdrawn", "privacy.work"),  # whoever asked is erased
)
HOLD = Machine("legal_hold", "placed", move("release", "placed", "released", "privacy.keep"))
REQUESTS = ("access", "portability", "erasure", "rectification")  # GDPR art. 15, 20, 17, 16

COOLING_OFF = timedelta(days=7)
"""Between the wish to be erased and the erasure: time to find out that somebody else has asked."""
COPY_KEPT = timedelta(days=7)
"""How long a copy of somebody's data waits to be fetched."""
PROBES_KEPT = timedelta(days=30)
"""How long the words to search for are kept after an erasure: longer than any copy of the key store lives."""

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


def month_after(day: date) -> date:
    """GDPR art. 12(3): one month after the request came; in a shorter month its last day."""
    year, month = (day.year, day.month + 1) if day.month < 12 else (day.year + 1, 1)
    return date(year, month, min(day.day, calendar.monthrange(year, month)[1]))
