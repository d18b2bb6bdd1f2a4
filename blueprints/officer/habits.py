"""What follows from an unusual payment: the dated thresholds, how the watch does, and a form for a change."""

from __future__ import annotations

from datetime import timedelta
from math import exp

from flask import flash, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm

from blueprints.fields import Day, Line, OneOf, Passage, Whole
from blueprints.guard import actor, guarded
from blueprints.once import once
from blueprints.pages import shown_on
from compliance.audit import proposals
from compliance.identity.words import TIERS
from daigou.core import clock
from daigou.core.i18n import _, lazy
from daigou.payments.paying.watching import figures
from daigou.risk.habits import scoring, thresholds

from . import bp
from .tariff import STANDING

SPAN = timedelta(days=30)
SIGNS = {
    "amount": lazy("An amount beyond what is usual"),
    "country": lazy("A country that nothing was sent to before"),
    "currency": lazy("A new currency"),
    "method": lazy("A new way to pay"),
    "category": lazy("A new kind of goods"),
    "hour": lazy("An unusual time"),
    "browser": lazy("A new kind of browser"),
    "pace": lazy("Many payments within a day"),
    "declines": lazy("Many declined tries within a day"),
    "ways": lazy("Many ways to pay tried within a day"),
    "cards": lazy("Many new cards within a day"),
    "network": lazy("Something in common with an account whose payment was refused"),
}


class ThresholdForm(FlaskForm):
    name = OneOf(lazy("What follows"), thresholds.NAMES.items())
    points = Whole(lazy("From how many points on"), 1, thresholds.MOST_POINTS)
    valid_from = Day(lazy("From this day on"), future=True)
    source = Line(lazy("What it is founded on"), 200, required=True)
    reason = Passage(lazy("Reason, for whoever decides"), proposals.LONGEST, required=True)


@bp.get("/habits")
@guarded("habit.view")
def habits() -> str:
    return _page(ThresholdForm(formdata=None))


@bp.post("/habits")
@guarded("habit.propose")
def propose_threshold() -> ResponseReturnValue:
    form = ThresholdForm()
    with shown_on(form) as shown:
        if form.validate():
            response = once(lambda: _proposed(form))
            flash(_("Proposed. It begins when a second person has agreed."), "success")
            return response
    return _page(form), shown.status


def _proposed(form: ThresholdForm) -> str:
    thresholds.propose(
        actor(), form.name.data, form.points.number, form.valid_from.data, form.source.data, form.reason.data
    )
    return url_for("officer.habits")


def _page(form: ThresholdForm) -> str:
    return render_template(
        "officer/habits.html",
        console=True,
        form=form,
        history=thresholds.history(actor()),
        names=thresholds.NAMES,
        priors=[(row, _usual(row.typical_minor, row.spread_permille)) for row in thresholds.priors(actor())],
        tiers=TIERS,
        signs=[(SIGNS[code], most) for code, most in sorted(scoring.MOST.items(), key=lambda each: -each[1])],
        figures=figures.since(actor(), clock.now() - SPAN),
        standing=lambda row: STANDING[thresholds.standing(row)],
    )


def _usual(typical: int, spread: int) -> int:
    """Euro cents up to which a first payment is nothing to wonder at."""
    return round(typical * exp(scoring.USUAL * spread / 1000))
