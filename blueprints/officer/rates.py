"""Exchange rates: where each comes from, how fresh it is, and entering those that nobody publishes."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm

from blueprints.fields import Day, Line, OneOf, Passage
from blueprints.guard import actor, guarded
from blueprints.once import once
from blueprints.pages import fail
from compliance.audit import proposals
from daigou.core import clock
from daigou.core.access import can
from daigou.core.errors import Refusal
from daigou.core.i18n import _, lazy
from daigou.pricing import entering
from daigou.pricing.rules import CURRENCIES, STALE_AFTER_DAYS

from . import bp


class RateForm(FlaskForm):
    currency = OneOf(lazy("Currency"), [(code, code) for code in CURRENCIES if code != "EUR"])
    rate = Line(lazy("How many buy one euro"), 24, required=True)
    day = Day(lazy("Day of the rate"))
    reason = Passage(lazy("Where the rate comes from"), proposals.LONGEST, required=True)


@bp.get("/rates")
@guarded("rate.view")
def rates() -> ResponseReturnValue:
    return _page(RateForm(currency=_first_stale(), day=clock.today()))


@bp.post("/rates")
@guarded("rate.enter")
def propose_rate() -> ResponseReturnValue:
    form = RateForm()
    if not form.validate_on_submit():
        return _page(form), 422

    def work() -> str:
        row = entering.propose_rate(actor(), form.currency.data, form.rate.data, form.day.data, form.reason.data)
        flash(_("Proposed. It counts when another officer has agreed."), "success")
        return url_for("officer.proposal", ref=row.ref)

    try:
        return once(work)
    except Refusal as refusal:
        fail(form, refusal)
        return _page(form), refusal.status


@bp.get("/rates/<currency>")
@guarded("rate.view")
def rate_of(currency: str) -> ResponseReturnValue:
    """The form with this currency chosen."""
    if currency not in CURRENCIES:
        return redirect(url_for("officer.rates"), 303)
    return _page(RateForm(currency=currency, day=clock.today()))


def _first_stale() -> str | None:
    return next((row.currency for row in entering.standing(actor()) if not row.is_usable), None)


def _page(form: RateForm) -> str:
    return render_template(
        "officer/rates.html",
        console=True,
        rows=entering.standing(actor()),
        form=form if can(actor(), "rate.enter") else None,
        days=STALE_AFTER_DAYS,
    )
