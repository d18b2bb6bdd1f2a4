"""What one currency is worth in another today, and what we charge."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from sqlalchemy.dialects.postgresql import insert

from compliance.audit import door
from daigou.core import clock, ids
from daigou.core.access import system
from daigou.core.db import after_commit, db, transaction
from daigou.core.errors import Unavailable
from daigou.core.i18n import lazy
from daigou.core.money import Money

from . import board
from .board import EURO
from .models import Rate
from .rules import CURRENCIES, FeeRule, Published, Quotation, cross, is_stale


def rate(from_currency: str, to_currency: str, *, with_spread: bool) -> Quotation:
    """Units of ``to_currency`` for one of ``from_currency``. Unavailable without one that is fresh."""
    held = board.today()
    key = (from_currency, to_currency, with_spread)
    found = held.quotations.get(key)
    if found is None:
        found = held.quotations[key] = _quotation(held, *key)
    return found


def shown(money: Money, currency: str) -> Money | None:
    """The amount in the reader's currency as a page may show it, spread included; None without a usable rate."""
    try:
        return rate(money.currency, currency, with_spread=True).convert(money)
    except Unavailable:
        return None


def worth(money: Money, currency: str) -> Money | None:
    """What an amount is worth at the published rate, without our spread; None without a usable rate."""
    try:
        return rate(money.currency, currency, with_spread=False).convert(money)
    except Unavailable:
        return None


def in_euro(money: Money) -> Money:
    """For limits, not for prices: at the newest published rate, however old. Unavailable where there never was one."""
    if money.currency == EURO:
        return money
    published = board.today().rates.get(money.currency)
    if published is None:
        words = lazy("There is no exchange rate for this currency today. Choose another currency.")
        raise Unavailable("pricing.no_rate", words, currency=money.currency)
    return money.convert(Fraction(1) / Fraction(published.rate), EURO)


def unpriced() -> tuple[str, ...]:
    """Currencies in which nothing new is priced until somebody enters a rate, as far as this process has read them.

    It asks no database, for pages that say that there is none are drawn with it, too.
    """
    held = board.known()
    if held is None:
        return ()
    fresh = {code for code, published in held.rates.items() if not is_stale(published.day, held.day)}
    return tuple(code for code in CURRENCIES if code != EURO and code not in fresh)


def fee(kind: str, currency: str, day: date | None = None) -> FeeRule:
    """The newest row of this kind on ``day`` (today): the currency's own before the one for all; else Unavailable."""
    rows = board.today().fees if day is None or day == clock.today() else board.fees_of(day)
    for wanted in (currency, None):
        for row in rows:
            if row.kind == kind and row.currency == wanted:
                return row
    raise Unavailable(
        "pricing.no_fee", lazy("There is no tariff for this currency. Choose another currency."), currency=currency
    )


def tariff() -> tuple[FeeRule, ...]:
    """Every fee that is valid today."""
    return board.today().fees


def stamp() -> int:
    """Changes when a rate does."""
    return board.today().stamp


def record_rates(day: date, rates: dict[str, Decimal], source: str) -> int:
    """Keep one day's published rates; a row that stands is never changed. How many were new."""
    return record_history([(day, rates)], source)


def record_history(days: Iterable[tuple[date, dict[str, Decimal]]], source: str) -> int:
    """Keep the published rates of many days; how many rows were new."""
    rows: list[dict[str, Any]] = [
        {"id": ids.new_id(), "created_at": clock.now(), "currency": c, "day": day, "rate": r, "source": source}
        for day, rates in days
        for c, r in rates.items()
    ]
    made = 0
    with transaction():
        for start in range(0, len(rows), 5000):
            statement = insert(Rate.__table__).on_conflict_do_nothing(index_elements=["currency", "day"])
            made += len(db.session.execute(statement.returning(Rate.id), rows[start : start + 5000]).all())
        if made:
            days_kept = sorted({str(row["day"]) for row in rows})
            facts: dict[str, Any] = {"source": source, "rows": made, "first": days_kept[0], "last": days_kept[-1]}
            door.note(system("pricing"), "rates/published", "rates:kept", **facts)
        after_commit(board.forget)
    return made


def _quotation(held: board.Board, base: str, target: str, with_spread: bool) -> Quotation:
    if base == target:
        return Quotation(base, target, Decimal(1), held.day, "")
    left, right = _published(held, base), _published(held, target)
    spread = fee("spread", target).permille if with_spread else Decimal(0)
    older, source = min(left.day, right.day), right.source if right.source != "euro" else left.source
    return Quotation(base, target, cross(left, right, spread), older, source, spread)


def _published(held: board.Board, currency: str) -> Published:
    found = held.rates.get(currency)
    if found is None:
        raise Unavailable(
            "pricing.no_rate",
            lazy("There is no exchange rate for %(currency)s at the moment. Try again later.", currency=currency),
            currency=currency,
        )
    if is_stale(found.day, held.day):
        raise Unavailable(
            "pricing.stale_rate",
            lazy(
                "The newest exchange rate for %(currency)s is of %(day)s, too old for a new price. Try again later, or "
                "choose another currency.",
                currency=currency,
                day=found.day.isoformat(),
            ),
            currency=currency,
        )
    return found
