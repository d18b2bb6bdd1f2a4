"""The rates and fees of today, kept in this process for a minute, so that warm pages ask no database for them."""

from __future__ import annotations

import time
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from flask import current_app
from sqlalchemy import Select, literal, or_, select, union_all
from sqlalchemy.dialects.postgresql import distinct_on

from daigou.core import clock
from daigou.core.db import db

from .models import Fee, Rate
from .rules import FeeRule, Published, Quotation

KEEP_SECONDS = 60.0
LOOK_BACK = timedelta(days=40)  # older rates are refused anyway; a long history must not be read for each board
EURO = "EUR"


@dataclass(frozen=True)
class Board:
    """``stamp`` changes whenever a rate does: what is rendered with these rates is cached by it."""

    day: date
    until: float
    rates: dict[str, Published]
    fees: tuple[FeeRule, ...]
    stamp: int
    quotations: dict[tuple[str, str, bool], Quotation]


def today() -> Board:
    """The board of this process and day; one query once a minute."""
    day = clock.today()
    held: Board | None = current_app.extensions.get("pricing_board")
    if held is not None and held.day == day and held.until > time.monotonic():
        return held
    board = _read(day)
    if board.rates:
        current_app.extensions["pricing_board"] = board
    return board


def known() -> Board | None:
    """The board that this process has read last, if it has."""
    held: Board | None = current_app.extensions.get("pricing_board")
    return held


def forget() -> None:
    """After a change of rates or fees: this process reads them anew."""
    current_app.extensions.pop("pricing_board", None)


def _read(day: date) -> Board:
    """One statement for both: a cold page must not cost two."""
    rates: dict[str, Published] = {}
    fees: list[FeeRule] = []
    for kind, number, least, currency, when, source in db.session.execute(union_all(_rates(day), _fees(day))):
        if kind == "rate":
            rates[currency] = Published(number, when, source)
        else:
            fees.append(FeeRule(kind, number, least, currency, when, source))
    if rates:  # the euro is as fresh as the newest rate
        rates[EURO] = Published(Decimal(1), max(p.day for p in rates.values()), "euro")
    stamp = hash((day, tuple(sorted((c, p.rate) for c, p in rates.items()))))
    return Board(day, time.monotonic() + KEEP_SECONDS, rates, _newest_first(fees), stamp, {})


def fees_of(day: date) -> tuple[FeeRule, ...]:
    """The fees valid on a day, newest first."""
    return _newest_first(FeeRule(*row) for row in db.session.execute(_fees(day)))


def _newest_first(fees: Iterable[FeeRule]) -> tuple[FeeRule, ...]:
    return tuple(sorted(fees, key=lambda row: row.valid_from, reverse=True))


def _rates(day: date) -> Select[Any]:
    newest = (
        select(Rate.currency, Rate.rate, Rate.day, Rate.source)
        .ext(distinct_on(Rate.currency))
        .where(Rate.day <= day, Rate.day > day - LOOK_BACK)
        .order_by(Rate.currency, Rate.day.desc())
        .subquery()
    )
    return select(literal("rate"), newest.c.rate, literal(0), newest.c.currency, newest.c.day, newest.c.source)


def _fees(day: date) -> Any:
    return select(Fee.kind, Fee.permille, Fee.minimum_minor, Fee.currency, Fee.valid_from, Fee.source).where(
        Fee.valid_from <= day, or_(Fee.valid_to.is_(None), Fee.valid_to > day)
    )
