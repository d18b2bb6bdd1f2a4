"""How a fee of ours is taxed, by the dated rows."""

from __future__ import annotations

from datetime import date

from flask import current_app
from sqlalchemy import exists, or_, select

from daigou.core.db import db

from .models import UnionMember, VatRule
from .rules import Tax


class NoTaxRule(LookupError):
    """No row says how this is taxed: an installation without its tax rows must not issue invoices."""


def tax_of(country: str, business: bool, day: date) -> Tax:
    """The most particular row that is valid on the day: the country's own, then the union's, then the one for all."""
    supplier = current_app.extensions["config"].platform_country
    wanted = [country, *(["EU"] if _is_member(country, day) else []), "*"]
    statement = select(VatRule).where(
        VatRule.supplier == supplier,
        VatRule.business == business,
        VatRule.customer.in_(wanted),
        VatRule.valid_from <= day,
        or_(VatRule.valid_to.is_(None), VatRule.valid_to > day),
    )
    rows = list(db.session.execute(statement.order_by(VatRule.valid_from.desc())).scalars())
    if not rows:
        raise NoTaxRule(f"{supplier} to {country} on {day}")
    row = min(rows, key=lambda one: wanted.index(one.customer))
    return Tax(row.permille, row.treatment, row.note)


def _is_member(country: str, day: date) -> bool:
    member = exists().where(
        UnionMember.country == country,
        UnionMember.valid_from <= day,
        or_(UnionMember.valid_to.is_(None), UnionMember.valid_to > day),
    )
    return bool(db.session.execute(select(member)).scalar_one())
