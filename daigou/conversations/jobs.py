"""What conversations do by themselves. It can run twice."""

from __future__ import annotations

from daigou.core.db import transaction

from . import letters


def remind_of_late() -> None:
    """Support hears of each answer that is late, once."""
    with transaction():
        people = letters.support()
        for talk in letters.late_ones():
            letters.late(talk, people)
