"""What a rule or a person found suspicious: listings held back, messages with lures, reported reviews."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm

from blueprints import habit_words
from blueprints.fields import Passage
from blueprints.guard import actor, guarded
from daigou.core.errors import Denied
from daigou.core.i18n import _, format_money, lazy
from daigou.core.money import Money
from daigou.risk import service
from daigou.risk.models import RiskCase

from . import bp, held_payments

KINDS = {
    "listing": lazy("Listing"),
    "message": lazy("Message"),
    "payment": lazy("Payment"),
    "review": lazy("Review"),
}
STATES = {
    "open": (lazy("Waits for a decision"), "warning"),
    "upheld": (lazy("Found wrong"), "error"),
    "cleared": (lazy("Found right"), "success"),
}
REASONS = {
    "forbidden_word": lazy("A word of forbidden goods: %(word)s"),
    "lure": lazy("Leads away from the platform: %(word)s"),
    "far_below_market": lazy("Far below what other shops ask: %(price)s"),
    "price_edit": lazy("The price fell by more than half in one edit"),
    "stolen_pictures": lazy("Photos that another shop sent in before: %(photos)s"),
    "new_shop_valuables": lazy("A new shop shows more than %(more_than)s valuables"),
    "low_score": lazy("The shop’s score is low"),
    "reported": lazy("Reported: %(word)s"),
}


class RulingForm(FlaskForm):
    reason = Passage(lazy("Reason, as those concerned will read it"), 1000, required=True)


@bp.get("/risks")
@guarded("risk.view")
def risks() -> str:
    return _page()


@bp.get("/risks/<ref>")
@guarded("risk.view")
def risk(ref: str) -> str:
    return _page(ref, RulingForm(formdata=None))


@bp.post("/risks/<ref>/clear")
@guarded("risk.decide")
def clear_risk(ref: str) -> ResponseReturnValue:
    return _decide(ref, service.clear, _("Decided: nothing is wrong with it."))


@bp.post("/risks/<ref>/uphold")
@guarded("risk.decide")
def uphold_risk(ref: str) -> ResponseReturnValue:
    return _decide(ref, service.uphold, _("Decided: it is wrong. Those concerned read your reason."))


def _decide(ref: str, decision: Any, done: str) -> ResponseReturnValue:
    form = RulingForm()
    if not form.validate():
        return _page(ref, form), 422
    try:
        decision(actor(), ref, form.reason.data)
    except Denied as refusal:
        flash(str(refusal.message), "error")
        return _page(ref, form), refusal.status
    flash(done, "success")
    return redirect(url_for("officer.risks"), 303)


def _page(ref: str | None = None, form: RulingForm | None = None) -> str:
    asked = request.args.get("state", "open")
    state = asked if asked in service.STATES else "open"
    likely = "likely" in request.args
    case = service.view(actor(), ref) if ref else None
    return render_template(
        "officer/risks.html",
        console=True,
        page=service.queue(actor(), state, request.args.get("cursor"), likely=likely),
        case=case,
        form=form,
        payment=_payment(case, form),
        likely=likely,
        state=state,
        states=STATES,
        kinds=KINDS,
        reasons=reasons,
        tabs_of=[(STATES[s][0], url_for("officer.risks", state=s), s == state) for s in service.STATES],
    )


def _payment(case: RiskCase | None, form: RulingForm | None) -> held_payments.Shown | None:
    if case is None or case.kind != "payment":
        return None
    return held_payments.of_case(case, again=form is not None and form.is_submitted())


def reasons(case: RiskCase) -> list[str]:
    """The reasons of a case in words."""
    if case.kind == "payment":
        return [habit_words.of_sign(row) for row in case.reasons]
    return [str(REASONS[row["code"]]) % _shown(row) for row in case.reasons]


def _shown(row: dict[str, Any]) -> dict[str, Any]:
    """A row's facts, its price as money: rows keep "1200 JPY"."""
    minor, _space, currency = str(row.get("price", "")).partition(" ")
    return {**row, "price": format_money(Money(int(minor), currency))} if currency else row
