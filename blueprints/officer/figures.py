"""How payments go, by method, currency and country; what is held, day by day; and the reserve fund."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from flask import render_template, request

from blueprints.guard import actor, guarded
from daigou.core import clock
from daigou.core.access import require
from daigou.ledger import correcting
from daigou.methods import words as way_words
from daigou.payments import books
from daigou.payments.paying import words as payment_words
from daigou.payments.reporting import figures

from . import bp

LONGEST = timedelta(days=366)
WIDTH, HEIGHT = 640, 160


def period(days: int) -> tuple[date, date]:
    """The chosen days; what is not a day, or turned round, or too long, is brought into order."""
    today = clock.today()
    last = min(_day(request.args.get("until"), today), today)
    first = _day(request.args.get("since"), last - timedelta(days=days - 1))
    return max(min(first, last), last - LONGEST), last


def _day(text: str | None, otherwise: date) -> date:
    try:
        return date.fromisoformat(text or "")
    except ValueError:
        return otherwise


@bp.get("/payments")
@guarded("books.view")
def payments() -> str:
    first, last = period(30)
    return render_template(
        "officer/payments.html",
        console=True,
        first=first,
        last=last,
        most=figures.MOST,
        rows=figures.by_method(first, last),
        declines=figures.declines(first, last),
        declined=payment_words.declined,
        ways=way_words.NAMES,
    )


@bp.get("/held")
@guarded("books.view")
def held() -> str:
    first, last = period(30)
    charts = [(row, drawn(row)) for row in figures.held(first, last)]
    return render_template(
        "officer/held.html", console=True, first=first, last=last, charts=charts, width=WIDTH, height=HEIGHT
    )


def drawn(row: figures.Held) -> dict[str, Any]:
    """The line and the area under it, as SVG points in a box of WIDTH by HEIGHT."""
    most = max(row.most.minor, 1)
    steps = max(len(row.minor) - 1, 1)
    points = [(WIDTH * n / steps, HEIGHT - (HEIGHT - 8) * max(m, 0) / most) for n, m in enumerate(row.minor)]
    if len(points) == 1:
        points.append((float(WIDTH), points[0][1]))
    line = " ".join(f"{x:.1f},{y:.1f}" for x, y in points)
    return {"line": line, "area": f"0,{HEIGHT} {line} {WIDTH},{HEIGHT}"}


@bp.get("/reserve")
@guarded("books.view")
def reserve() -> str:
    require(actor(), "books.view")
    rows = [row for row in books.balances() if row["kind"] in ("reserve", "escrow", "claim")]
    currencies = sorted({row["balance"].currency for row in rows})
    by = {(row["kind"], row["balance"].currency): row["balance"] for row in rows}
    return render_template(
        "officer/reserve.html",
        console=True,
        by=by,
        currencies=currencies,
        moves=correcting.movements("reserve", request.args.get("cursor")),
    )
