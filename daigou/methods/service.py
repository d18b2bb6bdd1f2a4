"""The ways in which a bill can be paid today."""

from __future__ import annotations

from datetime import date

from flask import current_app
from sqlalchemy import or_, select

from daigou.core import clock
from daigou.core.config import Config
from daigou.core.db import db
from daigou.core.errors import Impossible
from daigou.core.i18n import format_money, lazy
from daigou.core.money import Money
from daigou.providers.stripe.amounts import charge_limits

from . import rules, words
from .models import PaymentMethod
from .rules import Method, Need, Way


def ways(need: Need) -> list[Way]:
    """Every way that fits, the recommended one first; empty when none does."""
    return rules.ranked(today(), need) if _is_chargeable(need.amount) else []


def ways_or_refuse(need: Need) -> list[Way]:
    """Impossible, in words, when nothing can take this amount: before anybody is asked for money."""
    least, most = charge_limits(need.amount.currency)
    if need.amount < least:
        raise _refusal("small", least)
    if need.amount > most:
        raise _refusal("large", most)
    found = rules.ranked(methods := today(), need)
    if not found:
        raise _refusal(rules.why_none(methods, need), need.amount)
    return found


def today(day: date | None = None) -> list[Method]:
    """Every method of a day (today), as an account in the platform's country may use it."""
    day = day or clock.today()
    statement = (
        select(PaymentMethod)
        .where(PaymentMethod.valid_from <= day, or_(PaymentMethod.valid_to.is_(None), PaymentMethod.valid_to > day))
        .order_by(PaymentMethod.code, PaymentMethod.valid_from)
    )
    newest = {row.code: row for row in db.session.execute(statement).scalars()}
    return [_method(row) for row in newest.values()]


def named(code: str | None) -> Method | None:
    """The method of this code today."""
    return next((method for method in today() if method.code == code), None)


def _method(row: PaymentMethod) -> Method:
    config: Config = current_app.extensions["config"]
    platform = None if config.is_sandbox else config.platform_country
    return Method(
        code=row.code,
        rides_on=row.rides_on,
        currencies=rules.currencies_for(row.currencies, platform),
        countries=frozenset(row.countries),
        usual_in=frozenset(row.usual_in),
        limits=row.limits,
        wait_days=row.wait_days,
        refund_days=row.refund_days,
        cost_permille=row.cost_permille,
        instalments=row.instalments,
        wants_address=row.wants_address,
    )


def _is_chargeable(amount: Money) -> bool:
    least, most = charge_limits(amount.currency)
    return least <= amount <= most


def _refusal(why: str, limit: Money) -> Impossible:
    said = words.NO_WAY[why]
    return Impossible(f"payment.{why}", lazy(said, currency=limit.currency, limit=format_money(limit)))
