"""What is true for everybody: how it works, what is covered, what it costs, what is kept."""

from __future__ import annotations

from flask import render_template
from flask.typing import ResponseReturnValue

from blueprints.guard import guarded
from blueprints.pages import ui
from compliance.privacy.consents import TEXTS
from compliance.privacy.purposes import PURPOSES
from daigou.aftersales.rules import HOUSE_WINDOW
from daigou.core.errors import Unavailable
from daigou.core.money import Money
from daigou.payments.escrow import rulebook
from daigou.pricing import service as pricing
from daigou.pricing import tariffs

from . import bp


@bp.get("/how-it-works")
@guarded("public.view")
def how_it_works() -> ResponseReturnValue:
    return render_template("public/how_it_works.html", silence=rulebook.span("delivery_silence").days)


@bp.get("/protection")
@guarded("public.view")
def protection() -> ResponseReturnValue:
    """The days are those of the rows that are carried out."""
    silence = rulebook.span("delivery_silence").days
    return render_template("public/protection.html", silence=silence, window=HOUSE_WINDOW.days)


@bp.get("/fees")
@guarded("public.view")
def fees() -> ResponseReturnValue:
    """From the dated rows themselves, so the page can't say anything else than what is charged."""
    rows = [r for r in pricing.tariff() if r.kind in tariffs.CHARGED and r.currency in (None, ui().currency)]
    example = Money.of(100, ui().currency)
    return render_template("public/fees.html", rows=rows, example=example, charged=_charged(example))


@bp.get("/privacy")
@guarded("public.view")
def privacy() -> ResponseReturnValue:
    """Drawn from the table of purposes that the register is drawn from."""
    return render_template("public/privacy.html", purposes=PURPOSES.values())


@bp.get("/terms")
@guarded("public.view")
def terms() -> ResponseReturnValue:
    return render_template("public/terms.html", version=TEXTS["terms"].version)


def _charged(example: Money) -> Money | None:
    try:
        return pricing.fee("service", example.currency).of(example)
    except Unavailable:
        return None
