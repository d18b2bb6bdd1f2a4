"""A merchant's money: what is coming, where it goes, and when."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_babel import format_date
from flask_wtf import FlaskForm

from blueprints.fields import OneOf, Whole
from blueprints.guard import actor, guarded
from blueprints.once import once
from blueprints.pages import fail
from blueprints.stepped import stepped_up
from daigou.core.errors import Impossible, Invalid, Refusal, Unavailable
from daigou.core.i18n import _, lazy
from daigou.payments.escrow import rulebook
from daigou.payments.paying import words
from daigou.payments.payouts import asking, bankward, depositing, onboarding, terms
from daigou.payments.payouts import earnings as room
from daigou.payments.payouts import words as payout_words

from . import bp

SCHEDULES = (
    ("as_released", lazy("At once, each release by itself")),
    ("daily", lazy("Once a day")),
    ("weekly", lazy("Once a week")),
    ("monthly", lazy("Once a month")),
)
# Why an item's money is held still, by the state of the item.
HELD = {
    "paid": lazy("You have to buy it and record the purchase."),
    "balance_due": lazy("Its price rose. The shopper pays the difference or declines it."),
    "purchased": lazy("It has to reach our warehouse."),
    "received": lazy("It is being inspected."),
    "inspected": lazy("The shopper looks at the inspection report."),
    "in_stock": lazy("The shopper collects items for a parcel."),
    "in_parcel": lazy("Its parcel is being packed."),
    "shipped": lazy("Its parcel is on the way."),
    "delivered": lazy("The shopper has time to object."),
    "return_requested": lazy("A return is open. It is decided first."),
}


class ScheduleForm(FlaskForm):
    schedule = OneOf(lazy("When to pay you"), SCHEDULES)
    weekday = OneOf(lazy("Day of the week"), required=False)
    month_day = Whole(lazy("Day of the month, 1 to 28"), 1, 28, required=False)

    def __init__(self, *given: Any, **more: Any) -> None:
        super().__init__(*given, **more)
        self.weekday.choices = [("", "–"), *weekdays()]

    def day(self) -> int:
        if self.schedule.data == "weekly":
            return int(self.weekday.data) if self.weekday.data else -1
        return int(self.month_day.number or 0) if self.schedule.data == "monthly" else 0


def weekdays() -> list[tuple[str, str]]:
    """Monday is 0. The days' names come from the reader's language; 2024-01-01 was a Monday."""
    from datetime import date

    return [(str(n), format_date(date(2024, 1, n + 1), "EEEE")) for n in range(7)]


@bp.get("/payouts")
@guarded("payout.onboard")
def payouts() -> ResponseReturnValue:
    return _page()


@bp.post("/payouts/onboard")
@guarded("payout.onboard")
@stepped_up
def onboard_payouts() -> ResponseReturnValue:
    """To the provider's pages. Sent twice, it is the same account: its key is our row's."""
    try:
        return redirect(onboarding.onboard(actor()), 303)
    except (Impossible, Unavailable) as refusal:
        flash(str(refusal.message), "error")
        return _page(), refusal.status


@bp.get("/payouts/return")
@guarded("payout.onboard")
def payouts_return() -> ResponseReturnValue:
    onboarding.came_back(actor())
    flash(_("Thank you. The payment provider checks what you sent; this page shows how it stands."), "info")
    return redirect(url_for("merchant.payouts"), 303)


@bp.get("/payouts/again")
@guarded("payout.onboard")
def payouts_again() -> ResponseReturnValue:
    """The provider's link was old or used. A new one needs a click, for a GET must not make one."""
    flash(_("That page had expired. Go on from here: nothing you sent was lost."), "warning")
    return redirect(url_for("merchant.payouts"), 303)


@bp.post("/payouts/schedule")
@guarded("payout.onboard")
@stepped_up
def choose_schedule() -> ResponseReturnValue:
    form = ScheduleForm()
    if form.validate_on_submit():
        try:
            terms.choose(actor(), form.schedule.data, form.day())
            flash(_("Your schedule is saved. What waits goes by it."), "success")
            return redirect(url_for("merchant.payouts"), 303)
        except Refusal as refusal:
            fail(form, refusal)
    return _page(form), 422


@bp.get("/payouts/deposit")
@guarded("payout.onboard")
def deposit() -> str:
    """What the merchant has put up, what it owes back, how to pay in and how to have it back."""
    view = room.overview(actor())
    return render_template(
        "merchant/deposit.html",
        console=True,
        view=view,
        claims=room.claims(actor(), request.args.get("cursor")),
        deposit=depositing.of(view.merchant),
        asked=asking.latest(view.merchant.id),
        waiting=words.waiting,
        days=rulebook.span(depositing.RULE).days,
    )


@bp.post("/payouts/deposit")
@guarded("deposit.ask")
def ask_deposit() -> ResponseReturnValue:
    """Ask for it back: two officers send it, or one answers why it stays."""
    try:
        return once(_asked)
    except (Impossible, Invalid) as refusal:
        flash(str(refusal.message), "error")
        return deposit(), refusal.status


def _asked() -> str:
    asking.ask(actor())
    flash(_("You have asked for your deposit. You are told when it is on its way, or why it stays."), "success")
    return url_for("merchant.deposit")


def _page(form: ScheduleForm | None = None) -> str:
    view = room.overview(actor())
    found = room.releases(actor(), request.args.get("cursor"))
    return render_template(
        "merchant/payouts.html",
        console=True,
        view=view,
        releases=found,
        decisions=rulebook.of_items(row.item_id for row in found.rows),
        coming=room.coming(actor(), request.args.get("coming")),
        history=room.history(actor(), request.args.get("history")),
        sent_on=bankward.of_merchant(actor(), request.args.get("sent")),
        saving=terms.saving(view.merchant),
        form=form or _filled(view.terms),
        waiting=words.waiting,
        wanted=payout_words.wanted,
        advice=bankward.advice,
        held=HELD,
        why=rulebook.WHY,
        silence=rulebook.span("delivery_silence").days,
    )


def _filled(now: terms.Terms) -> ScheduleForm:
    values = {"schedule": now.schedule, "weekday": str(now.day) if now.schedule == "weekly" else ""}
    return ScheduleForm(None, **values, month_day=str(now.day) if now.schedule == "monthly" else "")
