"""A merchant's public page: what was verified, since when, and what is on offer."""

from __future__ import annotations

from flask import render_template
from sqlalchemy import select

from blueprints import countries, qualification
from blueprints.guard import guarded
from blueprints.public import cards
from compliance.identity import tiers, words
from compliance.qualification import standing
from daigou.accounts.models import Merchant
from daigou.catalog.models import Listing
from daigou.catalog.window import Place
from daigou.core.db import db, load
from daigou.core.errors import NotFound
from daigou.core.i18n import lazy
from daigou.reputation import service as reputation

from . import bp
from .standing import words_of

SHOWN = 24
REVIEWS = 10


@bp.get("/merchants/<ref>")
@guarded("public.view")
def merchant(ref: str) -> str:
    found = load(Merchant, ref=ref)
    if found.verified_at is None or found.state not in ("active", "suspended"):
        raise NotFound("merchant.not_found", lazy("There is no such merchant here."))
    return render_template(
        "public/merchant.html",
        merchant=found,
        country=countries.name(found.country),
        tier=words.TIERS[tiers.merchant_tier(found)],
        verified=[qualification.PAPERS[kind] for kind in standing.in_force(standing.papers_of(found).values())],
        trader=standing.trader(found),
        standing=words_of(found.id),
        reviews=reputation.shown(merchant_id=found.id, most=REVIEWS),
        cards=cards.draw(_offers(found)) if found.is_("active") else [],
    )


def _offers(merchant: Merchant) -> list[Place]:
    """The newest listings on show."""
    table = Listing.__table__.c
    statement = (
        select(table.id, table.version, table.stock == 0, table.published_no)
        .where(table.merchant_id == merchant.id, table.state == "active")
        .order_by(table.id.desc())
    )
    return [Place(*row) for row in db.session.execute(statement.limit(SHOWN))]
