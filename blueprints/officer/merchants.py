"""Merchants after their approval: papers, tests of their goods, suspension, appeal, closure."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from flask_wtf.file import FileField

from blueprints import countries, fields, qualification
from blueprints.guard import actor, guarded
from blueprints.once import once
from blueprints.pages import shown_on
from blueprints.stepped import stepped_up
from compliance.audit import proposals
from compliance.identity import tiers
from compliance.identity import words as identity_words
from compliance.qualification import authenticity, holds, life_rules, standing, suspending
from daigou.core.i18n import _, lazy
from daigou.payments.paying import words as payment_words
from daigou.payments.payouts import asking, depositing, leaving

from . import bp

TABS = (("active", lazy("Active")), ("suspended", lazy("Suspended")), ("closed", lazy("Closed")))
STATES = {
    "pending": (lazy("not approved yet"), "info"), "active": (lazy("active"), "success"),
    "suspended": (lazy("suspended"), "error"), "closed": (lazy("closed"), ""),
}  # fmt: skip
TEST_STATES = {
    "planned": (lazy("planned"), "info"),
    "at_laboratory": (lazy("at the laboratory"), "info"),
    "passed": (lazy("passed"), "success"),
    "failed": (lazy("failed"), "error"),
    "cancelled": (lazy("cancelled"), ""),
}
SUSPENSION_STATES = {
    "in_force": (lazy("in force"), "error"), "appealed": (lazy("appealed"), "warning"), "lifted": (lazy("lifted"), ""),
}  # fmt: skip
PAYOUTS = {
    "intended": (lazy("to be sent"), "info"), "submitted": (lazy("on its way"), "info"),
    "paid": (lazy("paid"), "success"), "refused": (lazy("refused"), "error"), "returned": (lazy("sent back"), "error"),
}  # fmt: skip
HOLDS = {
    "paper": lazy("A paper has ended"), "test": lazy("A sample failed its test"),
    "suspension": lazy("Suspended"), "closure": lazy("Closed"),
}  # fmt: skip
OUTCOMES = {
    "pass": lazy("Genuine"),
    "fail": lazy("Not genuine: its listings rest and a review opens"),
    "repeat": lazy("Nothing can be said: another sample"),
}


class SuspendForm(FlaskForm):
    code = fields.OneOf(lazy("Reason"), life_rules.SUSPEND_REASONS.items())
    words = fields.Passage(lazy("What the merchant reads"), 1000, required=True)


class WordsForm(FlaskForm):
    words = fields.Passage(lazy("Reason"), 1000, required=True)


class ReasonForm(FlaskForm):
    reason = fields.Passage(lazy("Reason, for whoever decides"), proposals.LONGEST, required=True)


class AnswerForm(FlaskForm):
    reason = fields.Passage(lazy("What the merchant reads"), proposals.LONGEST, required=True)


class SampleForm(FlaskForm):
    item = fields.Line(lazy("Reference of the item"), 60, required=True)
    laboratory = fields.Line(lazy("Laboratory or expert"), 120, required=True)


class OutcomeForm(FlaskForm):
    outcome = fields.OneOf(lazy("Outcome"), OUTCOMES.items())
    finding = fields.Passage(lazy("Finding"), 2000, required=True)
    file = FileField(lazy("The laboratory’s report"))


@bp.get("/merchants")
@guarded("merchant.suspend")
def merchants() -> str:
    state = request.args.get("state", "active")
    state = state if state in dict(TABS) else "active"
    page = suspending.merchants(actor(), state, request.args.get("cursor"))
    tabs = [(words, url_for("officer.merchants", state=name), name == state) for name, words in TABS]
    return render_template(
        "officer/merchants.html", console=True, page=page, tabs=tabs, state=state, words=qualification
    )


@bp.get("/merchants/<ref>")
@guarded("merchant.suspend")
def merchant(ref: str) -> str:
    return _page(ref)


@bp.post("/merchants/<ref>/suspend")
@guarded("merchant.suspend")
@stepped_up
def suspend_merchant(ref: str) -> ResponseReturnValue:
    form = SuspendForm()
    return _do(ref, "suspend", form, lambda: suspending.suspend(actor(), ref, form.code.data, form.words.data))


@bp.post("/merchants/<ref>/suspensions/<suspension>/uphold")
@guarded("merchant.suspend")
def uphold_suspension(ref: str, suspension: str) -> ResponseReturnValue:
    form = WordsForm()
    return _do(ref, "uphold", form, lambda: suspending.uphold(actor(), suspension, form.words.data))


@bp.post("/merchants/<ref>/suspensions/<suspension>/lift")
@guarded("merchant.suspend")
def lift_suspension(ref: str, suspension: str) -> ResponseReturnValue:
    form = WordsForm()
    return _do(ref, "lift", form, lambda: suspending.lift(actor(), suspension, form.words.data))


@bp.post("/merchants/<ref>/close")
@guarded("merchant.suspend")
@stepped_up
def close_merchant(ref: str) -> ResponseReturnValue:
    form = WordsForm()
    return _do(ref, "close", form, lambda: leaving.close(actor(), ref, form.words.data))


@bp.post("/merchants/<ref>/deposit")
@guarded("deposit.return")
@stepped_up
def return_deposit(ref: str) -> ResponseReturnValue:
    form, page = ReasonForm(), url_for("officer.merchant", ref=ref)
    return _do(ref, "deposit", form, lambda: once(
        lambda: (depositing.propose(actor(), ref, form.reason.data or ""), page)[1]))  # fmt: skip


@bp.post("/merchants/<ref>/deposit/<request_ref>/decline")
@guarded("deposit.return")
def decline_deposit(ref: str, request_ref: str) -> ResponseReturnValue:
    form = AnswerForm()
    return _do(ref, "keep", form, lambda: asking.decline(actor(), request_ref, form.reason.data or ""))


@bp.post("/merchants/<ref>/tests")
@guarded("test.plan")
def plan_test(ref: str) -> ResponseReturnValue:
    return once(lambda: (authenticity.plan(actor(), ref), url_for("officer.merchant", ref=ref))[1])


@bp.post("/merchants/<ref>/tests/<test>/sample")
@guarded("test.record")
def sample_test(ref: str, test: str) -> ResponseReturnValue:
    form = SampleForm()
    return _do(ref, test, form, lambda: authenticity.sample(actor(), test, form.item.data, form.laboratory.data))


@bp.post("/merchants/<ref>/tests/<test>/conclude")
@guarded("test.record")
def conclude_test(ref: str, test: str) -> ResponseReturnValue:
    form = OutcomeForm()
    return _do(ref, test, form, lambda: authenticity.conclude(
        actor(), test, form.outcome.data, form.finding.data, authenticity.read_report(form.file.data)))  # fmt: skip


def _do(ref: str, which: str, form: FlaskForm, act: Any) -> ResponseReturnValue:
    """Run one small form of the page; shown again with what was typed where it is refused."""
    with shown_on(form) as shown:
        if form.validate_on_submit():
            act()
            flash(_("Done. It stands in the log."), "success")
            return redirect(url_for("officer.merchant", ref=ref), 303)
    return _page(ref, which, form), shown.status


def _page(ref: str, which: str = "", form: FlaskForm | None = None) -> str:
    found = suspending.find_merchant(actor(), ref)
    papers = standing.papers_of(found)
    forms = {"suspend": SuspendForm, "uphold": WordsForm, "lift": WordsForm, "close": WordsForm, "deposit": ReasonForm}
    forms |= {"keep": AnswerForm}
    shown = {name: form if name == which and form else make(formdata=None) for name, make in forms.items()}
    return render_template(
        "officer/merchant.html", console=True, merchant=found,
        country=countries.name(found.country), papers=papers.values(),
        in_force=standing.in_force(papers.values()), holds=holds.open_of(found.id), tests=authenticity.of(found.id),
        tier=identity_words.TIERS[tiers.merchant_tier(found)], suspensions=suspending.of(found),
        applications=standing.applications_of(found.id), unsettled=leaving.unsettled(found), settle_words=leaving.WORDS,
        deposit=depositing.of(found), deposit_words=depositing.WHY_NOT, asked=asking.latest(found.id),
        payout_states=PAYOUTS, payout_why=payment_words.waiting,
        forms=shown, which=which, form=form, sample_form=SampleForm(formdata=None),
        outcome_form=OutcomeForm(formdata=None), words=qualification, states=STATES, test_states=TEST_STATES,
        suspension_states=SUSPENSION_STATES, hold_words=HOLDS, reasons=life_rules.SUSPEND_REASONS,
    )  # fmt: skip
