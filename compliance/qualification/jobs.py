"""What qualification does by itself. Each can run twice."""

from __future__ import annotations

from uuid import UUID

from . import assessing, authenticity, deadlines, expiring


def watch_papers() -> None:
    """Daily: reminders of papers that end, holds for those that have."""
    expiring.watch()


def plan_tests() -> None:
    """Daily: samples of merchants whose interval is over."""
    authenticity.plan_due()


def remind_of_deadlines() -> None:
    """Hourly: what is late goes to the head of the queue."""
    deadlines.remind()


def inspect(application_id: str) -> None:
    """The checks that read files: text layers and pictures; then the risk anew."""
    assessing.inspect(UUID(application_id))


def reassess(screening_about: str) -> None:
    """A screening decision changed the facts of an application."""
    assessing.reassess(screening_about)
