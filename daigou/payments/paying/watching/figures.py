"""How the watch does: what it asked, held and closed, and how often a person found it wrong. One statement."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import text

from daigou.core.access import Actor, require
from daigou.core.db import db

_FIGURES = text("""
    SELECT (SELECT count(*) FROM payment_attempts
            WHERE created_at > :since AND source = 'provider') AS begun,
           (SELECT count(DISTINCT stream) FROM audit_entries
            WHERE kind = 'bill:asked_who' AND at > :since) AS asked,
           count(*) AS held,
           count(*) FILTER (WHERE verdict = 'freeze') AS frozen,
           count(*) FILTER (WHERE state = 'held') AS waiting,
           count(*) FILTER (WHERE state = 'cleared') AS cleared,
           count(*) FILTER (WHERE state = 'refused') AS refused,
           count(*) FILTER (WHERE contested_at IS NOT NULL) AS contested
    FROM payment_checks WHERE created_at > :since""")


@dataclass(frozen=True, slots=True)
class Figures:
    """Counts since a moment: payments begun, asked who it is, held for a person (``frozen``: at once closed), and how
    those stand."""

    begun: int
    asked: int
    held: int
    frozen: int
    waiting: int
    cleared: int
    refused: int
    contested: int

    @property
    def precision(self) -> int | None:
        """Permille of the decided ones that a person found wrong; None while none is decided."""
        decided = self.cleared + self.refused
        return None if not decided else round(1000 * self.refused / decided)


def since(actor: Actor, moment: datetime) -> Figures:
    require(actor, "habit.view")
    row = db.session.execute(_FIGURES, {"since": moment}).one()
    return Figures(**row._mapping)
