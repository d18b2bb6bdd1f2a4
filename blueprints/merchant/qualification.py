"""A merchant's own standing: what was accepted, what ends, what holds its listings; changes, and an appeal."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm

from blueprints import fields
from blueprints import qualification as words
from blueprints.guard import actor, guarded
from blueprints.once import once
from blueprints.pages import shown_on
from compliance.identity import tiers
from compliance.identity import words as identity_words
from compliance.qualification import changing, holds, life_rules, standing, suspending
from daigou.accounts.models import Merchant
from daigou.catalog import service as catalog
from daigou.core.errors import Refusal
from daigou.core.i18n import _, lazy

from . import bp

HOLDS = {
    "paper": lazy("A paper that we need has ended."),
    "test": lazy("A sample of your goods failed its test."),
    "suspension": lazy("Your shop is suspended."),
    "closure": lazy("Your shop is closed."),
}


class AppealForm(FlaskForm):
    words = fields.Passage(lazy("Why the suspension is wrong"), 1000, required=True)


@bp.get("/qualification")
@guarded("merchant.work")
def qualification() -> str:
    return _page(AppealForm(formdata=None))


@bp.post("/qualification/change")
@guarded("merchant.change")
def start_change() -> ResponseReturnValue:
    try:
        return once(lambda: (changing.start(actor(), request.form.getlist("changes")), url_for("merchant.apply"))[1])
    except Refusal as refusal:
        flash(" ".join(str(said) for said in getattr(refusal, "fields", {"": refusal.message}).values()), "error")
        return _page(AppealForm(formdata=None)), refusal.status


@bp.post("/qualification/appeal")
@guarded("merchant.change")
def appeal() -> ResponseReturnValue:
    form = AppealForm()
    with shown_on(form) as shown:
        if form.validate_on_submit():
            suspending.appeal(actor(), form.words.data)
            flash(_("Your appeal is with another officer now."), "success")
            return redirect(url_for("merchant.qualification"), 303)
    return _page(form), shown.status


def _page(form: AppealForm) -> str:
    merchant: Merchant = catalog.merchant_of(actor())
    papers = standing.papers_of(merchant)
    return render_template(
        "merchant/qualification.html", console=True, merchant=merchant, papers=papers.values(),
        in_force=standing.in_force(papers.values()), ending=standing.ending(papers.values()),
        missing=standing.missing(merchant, papers.values()), holds=holds.open_of(merchant.id), hold_words=HOLDS,
        change=standing.open_change(merchant.id), suspension=suspending.current(merchant), changes=life_rules.CHANGES,
        reasons=life_rules.SUSPEND_REASONS, tier=identity_words.TIERS[tiers.merchant_tier(merchant)], words=words,
        form=form, owner="owner" in actor().roles,
    )  # fmt: skip
