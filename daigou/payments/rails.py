"""Which way a merchant can be paid, by the dated rows of country pairs."""

from __future__ import annotations

from uuid import UUID

from flask import current_app
from sqlalchemy import or_, select

from daigou.accounts.models import Merchant
from daigou.core import clock
from daigou.core.db import db

from .models import RailRule


def rail_of(merchant_id: UUID) -> str | None:
    """``connect``, ``bank_file``, or None where no row stands for the merchant's country today."""
    today = clock.today()
    statement = (
        select(RailRule.rail)
        .join(Merchant, Merchant.country == RailRule.merchant_country)
        .where(
            Merchant.id == merchant_id,
            RailRule.platform_country == current_app.extensions["config"].platform_country,
            RailRule.valid_from <= today,
            or_(RailRule.valid_to.is_(None), RailRule.valid_to >= today),
        )
        .order_by(RailRule.valid_from.desc())
        .limit(1)
    )
    return db.session.execute(statement).scalar_one_or_none()
