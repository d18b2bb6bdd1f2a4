"""What the pages show of one person's identity, in a handful of queries."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from sqlalchemy import or_, select

from daigou.accounts.models import Account
from daigou.core import clock
from daigou.core.db import db, find

from . import rating, rules, tiers
from .models import Identity, IdentityCheck, RetentionRule, Standing, TierRule
from .rules import Limits


@dataclass(frozen=True, slots=True)
class View:
    """``tier`` is basic, verified or advanced; ``open`` is the check under way by method."""

    tier: str
    identity: Identity | None
    checks: Sequence[IdentityCheck]
    open: dict[str, IdentityCheck]
    score: int
    band: str
    reasons: Sequence[rating.Reason]
    table: Sequence[Limits]

    @property
    def card_verified(self) -> bool:
        return self.identity is not None and self.identity.card_verified_at is not None


def of_account(account: Account) -> View:
    identity = find(Identity, account_id=account.id)
    standing = find(Standing, account_id=account.id)
    checks = _checks(account)
    score = standing.score if standing else rating.START
    held = tiers.table()
    return View(
        tier=identity.state if identity else "basic",
        identity=identity,
        checks=checks,
        open={check.method: check for check in reversed(checks) if check.is_(*rules.OPEN)},
        score=score,
        band=held.band(score).name,
        reasons=[rating.Reason(**row) for row in standing.reasons] if standing else (),
        table=[held.limits[rules.SHOPPER, tier] for tier in rules.TIERS],
    )


def _checks(account: Account) -> Sequence[IdentityCheck]:
    """The latest ten, newest first."""
    statement = select(IdentityCheck).where(IdentityCheck.account_id == account.id).order_by(IdentityCheck.id.desc())
    return db.session.execute(statement.limit(10)).scalars().all()


def rows(audience: str, day: date | None = None) -> Sequence[TierRule]:
    """The tier rows in force, lowest tier first: for the page that officers read with its sources."""
    today = day or clock.today()
    statement = select(TierRule).where(
        TierRule.audience == audience, TierRule.valid_from <= today,
        or_(TierRule.valid_to.is_(None), TierRule.valid_to > today),
    )  # fmt: skip
    found = db.session.execute(statement.order_by(TierRule.valid_from)).scalars().all()
    return sorted(found, key=lambda row: rules.TIERS.index(row.tier))


def retention() -> Sequence[RetentionRule]:
    """How long images live, by country and kind."""
    today = clock.today()
    statement = select(RetentionRule).where(
        RetentionRule.valid_from <= today, or_(RetentionRule.valid_to.is_(None), RetentionRule.valid_to > today)
    )
    return db.session.execute(statement.order_by(RetentionRule.country, RetentionRule.kind)).scalars().all()
