"""Which way a merchant can be paid, by the dated rows of country pairs, and what is in the way today."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from flask import current_app
from sqlalchemy import or_, select

from daigou.accounts.models import Merchant
from daigou.core import clock
from daigou.core.db import db, find

from .banking import details
from .models import PayoutAccount, RailRule


@dataclass(frozen=True, slots=True)
class Way:
    """How one merchant gets one currency. ``obstacle`` is the code of what is missing, empty when nothing is."""

    rail: str | None
    obstacle: str = ""


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
            or_(RailRule.valid_to.is_(None), RailRule.valid_to > today),
        )
        .order_by(RailRule.valid_from.desc())
        .limit(1)
    )
    return db.session.execute(statement).scalar_one_or_none()


def way(merchant_id: UUID, currency: str) -> Way:
    """A currency that our account at the provider does not settle in goes by bank, whatever the country's rail is."""
    rail = rail_of(merchant_id)
    if rail is None:
        return Way(None, "rail_missing")
    if rail != "connect" or currency != current_app.extensions["config"].platform_currency:
        return Way("bank_file", details.obstacle(merchant_id))
    account = find(PayoutAccount, merchant_id=merchant_id)
    if account is None:
        return Way("connect", "no_account")
    return Way("connect", "" if account.is_("enabled") else "account_not_ready")
