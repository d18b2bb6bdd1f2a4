"""The rates and fees of today, kept in this process for a minute, so that warm pages ask no database for them."""

from __future__ import annotations

import time
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from flask import current_app
from sqlalchemy import or_, select
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
    """The board of this process and day; two queries once a minute."""
    day = clock.today()
    held: Board | None = current_app.extensions.get("pricing_board")
    if held is not None and held.day == day and held.until > time.monotonic():
        return held
    board = _read(day)
    if board.rates:
        current_app.extensions["pricing_board"] = board
    return board


def forget() -> None:
    """After a change of rates or fees: this process reads them anew."""
    current_app.extensions.pop("pricing_board", None)


def _read(day: date) -> Board:
    rates = _rates(day)
    stamp = hash((day, tuple(sorted((c, p.rate) for c, p in rates.items()))))
    return Board(day, time.monotonic() + KEEP_SECONDS, rates, fees_of(day), stamp, {})


def _rates(day: date) -> dict[str, Published]:
    statement = (
        select(Rate.currency, Rate.rate, Rate.day, Rate.source)
        .ext(distinct_on(Rate.currency))
        .where(Rate.day <= day, Rate.day > day - LOOK_BACK)
        .order_by(Rate.currency, Rate.day.desc())
    )
    found = {c: Published(rate, when, source) for c, rate, when, source in db.session.execute(statement)}
    if found:  # the euro is as fresh as the newest rate
        found[EURO] = Published(Decimal(1), max(p.day for p in found.values()), "euro")
    return found


def fees_of(day: date) -> tuple[FeeRule, ...]:
    statement = (
        select(Fee.kind, Fee.permille, Fee.minimum_minor, Fee.currency, Fee.valid_from, Fee.source)
        .where(Fee.valid_from <= day, or_(Fee.valid_to.is_(None), Fee.valid_to > day))
        .order_by(Fee.valid_from.desc())
    )
    return tuple(FeeRule(*row) for row in db.session.execute(statement))
