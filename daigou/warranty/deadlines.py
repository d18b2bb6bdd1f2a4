"""What happens to claims when a time is over: by rule where the rule is plain, else somebody hears that it is late."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from compliance.audit import door
from daigou.core import clock
from daigou.core.db import db, load_locked, transaction

from . import news, rules
from .covering import SYSTEM
from .models import WarrantyClaim

BY_RULE = {"assigned": "lapse", "not_covered": "let_stand"}
"""Never sent within three weeks; a refusal that was not answered within two."""
LATE = ("reported", "arrived", "covered", "appealed", "repaired", "dismissed")


def overdue(limit: int) -> list[UUID]:
    """Claims whose time is over, the longest first."""
    statement = (
        select(WarrantyClaim.id)
        .where(WarrantyClaim.state.in_((*BY_RULE, *LATE)), WarrantyClaim.due < clock.now())
        .order_by(WarrantyClaim.due)
        .limit(limit)
    )
    with transaction():
        return list(db.session.execute(statement).scalars())


def keep(claim_id: UUID) -> None:
    """One claim, once for each of its deadlines."""
    with transaction():
        claim = load_locked(WarrantyClaim, id=claim_id)
        if claim.due >= clock.now():
            return
        if claim.state in BY_RULE:
            _by_rule(claim)
        elif claim.is_(*LATE):
            news.late(claim)


def _by_rule(claim: WarrantyClaim) -> None:
    move = BY_RULE[claim.state]
    claim.due = clock.now() + rules.RETURN_WITHIN
    door.transition(SYSTEM, claim, move)
    news.moved(claim)
