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
    return [] if beyond(need.amount) else rules.ranked(today(), need)


def ways_or_refuse(need: Need) -> list[Way]:
    """Impossible, in words, when nothing can take this amount: before anybody is asked for money."""
    found = ways(need)
    if not found:
        raise refusal(need)
    return found


def refusal(need: Need) -> Impossible:
    """Why no way takes this, and what to try next."""
    return beyond(need.amount) or _refusal(rules.why_none(today(), need), need.amount)


def beyond(amount: Money) -> Impossible | None:
    """Why the provider charges no such amount at once, by any way; None when it does. Asks no database."""
    least, most = charge_limits(amount.currency)
    if amount < least:
        return _refusal("small", least)
    return _refusal("large", most) if amount > most else None


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


def _refusal(why: str, limit: Money) -> Impossible:
    said = words.NO_WAY[why]
    return Impossible(f"payment.{why}", lazy(said, currency=limit.currency, limit=format_money(limit)))
