"""What circles do by themselves. Each can run twice."""

from __future__ import annotations

from uuid import UUID

from . import moderating


def follow_decision(case_id: str) -> None:
    """An officer has decided on a post."""
    moderating.follow(UUID(case_id))


def forget_old() -> None:
    """Nightly: the words of posts that were found wrong, when the time to contest is long over."""
    moderating.forget_old()
