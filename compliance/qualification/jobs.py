"""What qualification does by itself. Each can run twice."""

from __future__ import annotations

from uuid import UUID

from compliance.screening import service as screening

from . import assessing, authenticity, deadlines, expiring, twins


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
    twins.tell(UUID(application_id))


def weigh_twin(application_id: str, later_id: str) -> None:
    """A later application shares something with this one."""
    twins.weigh(UUID(application_id), UUID(later_id))


def reassess(party_id: str) -> None:
    """Lists say something else about somebody now: the applications that they stand in are weighed anew."""
    for about in screening.uses(UUID(party_id)):
        if about.startswith("APP-"):
            assessing.reassess(about)
