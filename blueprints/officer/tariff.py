"""The tariff: every dated row, and a form that puts a new one before a second person."""

from __future__ import annotations

from decimal import Decimal, InvalidOperation

from flask import flash, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from wtforms import ValidationError

from blueprints.fields import Amount, Day, Line, OneOf, Passage
from blueprints.guard import actor, guarded
from blueprints.once import once
from blueprints.pages import CURRENCIES, shown_on
from compliance.audit import proposals
from daigou.core import clock
from daigou.core.i18n import _, lazy
from daigou.pricing import tariffs as room

from . import bp

STANDING = {
    "future": (lazy("To come"), "info"),
    "present": (lazy("In force"), "success"),
    "past": (lazy("Past"), ""),
}


class FeeForm(FlaskForm):
    kind = OneOf(lazy("Fee"), room.NAMES.items())
    currency = OneOf(lazy("Currency"), [("", lazy("All currencies")), *((c, c) for c in CURRENCIES)], required=False)
    percent = Line(lazy("Percent"), 8, required=True, render_kw={"inputmode": "decimal"})
    minimum = Amount(lazy("At least"), required=False, zero=True)
    valid_from = Day(lazy("From this day on"), future=True)
    source = Line(lazy("Where it stands (terms, contract)"), 200, required=True)
    reason = Passage(lazy("Reason, for whoever decides"), proposals.LONGEST, required=True)

    def validate_percent(self, field: Line) -> None:
        try:
            found = Decimal(str(field.data).replace(",", "."))
        except InvalidOperation as error:
            raise ValidationError(_("Write a number of percent, such as 4.5.")) from error
        if not found.is_finite() or found * 100 != (found * 100).to_integral_value() or not 0 <= found <= 100:
            raise ValidationError(_("A number between 0 and 100 with at most two decimals."))

    def change(self) -> room.Change:
        money = self.minimum.money
        return room.Change(
            self.kind.data,
            Decimal(self.percent.data.replace(",", ".")) * 10,
            money.minor if money else 0,
            self.currency.data or None,
            self.valid_from.data,
            self.source.data,
        )


@bp.get("/fees")
@guarded("fee.view")
def fees() -> str:
    return _page(FeeForm())


@bp.post("/fees")
@guarded("fee.propose")
def propose_fee() -> ResponseReturnValue:
    form = FeeForm()
    if form.currency.data in CURRENCIES:
        form.minimum.currency = form.currency.data
    with shown_on(form) as shown:
        if form.validate():
            response = once(lambda: _proposed(form))
            flash(_("Proposed. It begins when a second person has agreed."), "success")
            return response
    return _page(form), shown.status


def _proposed(form: FeeForm) -> str:
    room.propose(actor(), form.change(), form.reason.data)
    return url_for("officer.fees")


def _page(form: FeeForm) -> str:
    today = clock.today()
    return render_template(
        "officer/fees.html",
        console=True,
        form=form,
        history=room.history(),
        names=room.NAMES,
        standing=lambda row: STANDING[room.standing(row, today)],
    )
