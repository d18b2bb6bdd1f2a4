"""Papers end. Their owner hears of it 60, 30 and 7 days ahead; then the listings rest until a valid one is accepted."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta
from uuid import UUID

from sqlalchemy import or_, select

from daigou.accounts.models import Merchant
from daigou.core import clock
from daigou.core.access import Actor, system
from daigou.core.db import db, load_locked, transaction

from . import holds, life_letters, life_rules, standing
from .life_models import MerchantHold
from .models import Application, Paper

SYSTEM = system("qualification")
BATCH = 500
HOLD = "paper"


def watch() -> int:
    """The job: look at every merchant of which a paper ends soon, has ended, or holds it. How many were looked at."""
    merchants = _concerned()
    for start in range(0, len(merchants), BATCH):
        for merchant_id in merchants[start : start + BATCH]:
            look(merchant_id)
    return len(merchants)


def look(merchant_id: UUID) -> None:
    """Remind, hold or let go one merchant, by its papers of today. Safe to run twice."""
    with transaction():
        merchant = load_locked(Merchant, id=merchant_id)
        if merchant.is_("closed"):
            return
        papers = standing.papers_of(merchant).values()
        _remind(merchant, papers)
        follow(SYSTEM, merchant, papers)


def follow(actor: Actor, merchant: Merchant, papers: Iterable[Paper]) -> None:
    """Put and lift the holds that the papers cause. The merchant's row is locked."""
    gone = set(standing.missing(merchant, papers))
    held = {row.about for row in holds.open_of(merchant.id) if row.reason == HOLD}
    for kind in sorted(gone - held):
        holds.put(actor, merchant, HOLD, kind)
        life_letters.paper_ended(merchant, kind)
    for kind in sorted(held - gone):
        holds.lift(actor, merchant, HOLD, kind)


def _remind(merchant: Merchant, papers: Iterable[Paper]) -> None:
    for paper in papers:
        days = life_rules.reminder(paper.valid_to, clock.today()) if paper.valid_to else None
        if days is not None:
            life_letters.paper_ends(merchant, paper, days)


def _concerned() -> list[UUID]:
    """Merchants that are not closed, with a paper that ends within 60 days or ended, or a hold because of one."""
    soon = clock.today() + timedelta(days=life_rules.REMIND_DAYS[0])
    by_paper = (
        select(Application.merchant_id)
        .join(Paper, Paper.application_id == Application.id)
        .where(Paper.state == "accepted", Paper.valid_to <= soon, Application.merchant_id.is_not(None))
    )
    by_hold = select(MerchantHold.merchant_id).where(MerchantHold.reason == HOLD, MerchantHold.ended_at.is_(None))
    statement = select(Merchant.id).where(
        Merchant.state != "closed", or_(Merchant.id.in_(by_paper), Merchant.id.in_(by_hold))
    )
    with transaction():
        return list(db.session.execute(statement.order_by(Merchant.id)).scalars())
