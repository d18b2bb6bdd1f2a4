"""Assessing a consignment by the table's rows, and keeping what was shown."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import or_, select

from daigou.core.db import db, transaction
from daigou.core.errors import Unavailable
from daigou.core.i18n import lazy
from daigou.core.money import Money

from . import rules
from .models import DutyAssessment, DutyRule


def rows_for(destination: str, day: date) -> list[DutyRule]:
    """The rows in force there on that day. Unavailable where we hold none: nothing is promised about duty then."""
    statement = select(DutyRule).where(
        DutyRule.destination.in_(rules.jurisdictions(destination)),
        DutyRule.valid_from <= day,
        or_(DutyRule.valid_to.is_(None), DutyRule.valid_to > day),
    )
    found = list(db.session.execute(statement.order_by(DutyRule.kind, DutyRule.id)).scalars())
    if not found:
        raise no_rule()
    return found


def no_rule() -> Unavailable:
    return Unavailable(
        "customs.no_rule", lazy("We can’t estimate duty and tax for this country. Customs asks the recipient for them.")
    )


def assess(
    goods: Sequence[rules.Good],
    freight: Money,
    insurance: Money,
    destination: str,
    day: date,
    exchange: rules.Exchange = rules.unchanged,
) -> rules.Assessment:
    """What the border costs, in the destination's currency; ``exchange`` turns other money into it.

    Unavailable without rows.
    """
    rows = rows_for(destination, day)
    try:
        local = rules.currency_of(rows)
        there = rules.converted(goods, lambda paid: exchange(paid, local))
        return rules.assess(
            there, exchange(freight, local), exchange(insurance, local), destination, day, rows, exchange
        )
    except rules.NoRule as missing:
        raise no_rule() from missing


def importer_id(destination: str, day: date) -> str | None:
    """What the recipient's number is called that customs there asks for; None where it asks for none, or we hold no
    rows."""
    try:
        return rules.importer_id(rows_for(destination, day))
    except Unavailable:
        return None


def keep(about: str, assessment: rules.Assessment) -> DutyAssessment:
    """Written as it was shown, beside the thing it is about."""
    with transaction() as session:
        row = DutyAssessment(
            about=about,
            destination=assessment.destination,
            day=assessment.day,
            currency=assessment.goods.currency,
            goods_minor=assessment.goods.minor,
            freight_minor=assessment.freight.minor,
            duty_minor=assessment.duty.minor,
            vat_minor=assessment.vat.minor,
            handling_minor=assessment.handling.minor,
            rows=[as_row(c) for c in assessment.charges],
            rule_ids=sorted({c.rule_id for c in assessment.charges}),
        )
        session.add(row)
        return row


def as_row(charge: rules.Charge) -> dict[str, Any]:
    """A charge as it stands in the kept assessment."""
    rate = {"permille": str(charge.permille)} if charge.permille is not None else {"amount_minor": charge.each}
    return {
        "label": charge.code,
        "basis_minor": charge.basis.minor,
        **rate,
        "count": charge.count,
        "hs_prefix": charge.hs_prefix,
        "minor": charge.amount.minor,
        "rule_id": charge.rule_id,
        "source": charge.source,
    }


def kept_for(about: str) -> DutyAssessment | None:
    """The latest assessment of a thing."""
    statement = select(DutyAssessment).filter_by(about=about).order_by(DutyAssessment.id.desc()).limit(1)
    return db.session.execute(statement).scalar_one_or_none()
