"""Applying to become a merchant: one form a step, kept as typed, sent when nothing is missing."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm

from blueprints import countries, fields, qualification
from blueprints.guard import actor, guarded
from blueprints.once import once
from blueprints.pages import fail
from compliance.qualification import applying, papers, registers, requirements, rules
from compliance.qualification.models import Application
from daigou.core.errors import Invalid, NotFound, Refusal
from daigou.core.i18n import _, lazy

from . import bp


class BusinessForm(FlaskForm):
    kind = fields.OneOf(lazy("Who applies"), qualification.KINDS.items())
    country = fields.OneOf(lazy("Country you buy in"))
    trade_name = fields.Line(lazy("Name of the shop"), 120, required=True)

    def __init__(self, **more: Any) -> None:
        super().__init__(**more)
        self.country.choices = fields.options(countries.choices())


class CompanyForm(FlaskForm):
    legal_name = fields.Line(lazy("Legal name"), 160)
    representative = fields.Line(lazy("Representative"), 120)
    registration_number = fields.Line(lazy("Registration number"), 60)
    phone = fields.Line(lazy("Phone number"), 40)


class PlaceForm(FlaskForm):
    address = fields.Line(lazy("Address"), 240)
    city = fields.Line(lazy("Town or city"), 80)
    about = fields.Passage(lazy("About the shop"), 2000)


class NumbersForm(FlaskForm):
    tax_number = fields.Line(lazy("Tax number"), 40)
    eori = fields.Line(lazy("EORI number"), 40)
    iban = fields.Line(lazy("Account number (IBAN)"), 60)
    lei = fields.Line(lazy("Legal entity identifier (LEI)"), 40)


STEPS: dict[str, type[FlaskForm]] = {"company": CompanyForm, "place": PlaceForm, "numbers": NumbersForm}


@bp.get("/apply")
@guarded("application.start")
def apply() -> str:
    application = applying.mine(actor())
    if application is None or not application.is_(*rules.OPEN, "approved"):
        form = BusinessForm(formdata=None, kind="company", country="JP")
        return render_template("merchant/apply_start.html", form=form, before=application)
    return _status(application)


@bp.post("/apply")
@guarded("application.start")
def start() -> ResponseReturnValue:
    form = BusinessForm()
    if form.validate_on_submit():
        try:
            return once(lambda: _start(form))
        except Refusal as refusal:
            fail(form, refusal)
    return render_template("merchant/apply_start.html", form=form, before=None), 422


@bp.get("/apply/business")
@guarded("application.start")
def business() -> str:
    application = _mine()
    values = {name: getattr(application, name) for name in ("kind", "country", "trade_name")}
    return render_template("merchant/apply_step.html", form=BusinessForm(formdata=None, **values), step="business")


@bp.post("/apply/business")
@guarded("application.start")
def save_business() -> ResponseReturnValue:
    form = BusinessForm()
    if not form.validate_on_submit():
        return render_template("merchant/apply_step.html", form=form, step="business"), 422
    try:
        applying.save_business(actor(), form.kind.data, form.country.data, form.trade_name.data)
    except Invalid as refusal:
        fail(form, refusal)
        return render_template("merchant/apply_step.html", form=form, step="business"), 422
    return redirect(url_for("merchant.step", step="company"), 303)


@bp.get("/apply/<step>")
@guarded("application.start")
def step(step: str) -> str:
    application = _mine()
    return _step_page(step, _form(step, formdata=None, **application.claims), application)


@bp.post("/apply/<step>")
@guarded("application.start")
def save_step(step: str) -> ResponseReturnValue:
    """What was typed is kept even where something is wrong with it; that is said at the field."""
    form = _form(step)
    if form.validate_on_submit():
        faults = applying.save_claims(actor(), _claims(form))
        if not faults:
            return redirect(_after(step), 303)
        for name, words in faults.items():
            form[name].errors = [words]
    return _step_page(step, form, _mine()), 422


@bp.post("/apply/<step>/draft")
@guarded("application.start")
def autosave(step: str) -> ResponseReturnValue:
    form = _form(step)
    if not form.validate_on_submit():
        return "", 422
    applying.save_claims(actor(), _claims(form))
    return "", 204


@bp.post("/apply/submit")
@guarded("application.start")
def submit() -> ResponseReturnValue:
    return once(_submit)


@bp.post("/apply/withdraw")
@guarded("application.start")
def withdraw() -> ResponseReturnValue:
    applying.withdraw(actor())
    flash(_("Your application is withdrawn. You may begin a new one at any time."), "success")
    return redirect(url_for("merchant.apply"), 303)


def _form(step: str, **more: Any) -> FlaskForm:
    if step not in STEPS:
        raise NotFound("application.step", lazy("There is no such page."))
    return STEPS[step](**more)


def _after(step: str) -> str:
    names = [*STEPS, ""]
    following = names[names.index(step) + 1]
    return url_for("merchant.step", step=following) if following else url_for("merchant.apply")


def _start(form: BusinessForm) -> str:
    applying.start(actor(), form.kind.data, form.country.data, form.trade_name.data)
    return url_for("merchant.step", step="company")


def _submit() -> str:
    applying.submit(actor())
    flash(_("Your application is with the officers now."), "success")
    return url_for("merchant.apply")


def _mine() -> Application:
    application = applying.mine(actor())
    if application is None:
        raise NotFound("application.none", lazy("You have not begun an application yet."))
    return application


def _claims(form: FlaskForm) -> dict[str, str]:
    return {name: form[name].data or "" for name in rules.CLAIMS if name in form}


def _step_page(step: str, form: FlaskForm, application: Application) -> str:
    register = rules.register_of(application.kind, application.country)
    numbers = registers.number_forms(application.country)
    return render_template("merchant/apply_step.html", form=form, step=step, register=register, numbers=numbers)


def _status(application: Application) -> str:
    wanted = requirements.wanted(application.kind, application.country)
    required = requirements.of(application)
    return render_template(
        "merchant/apply.html",
        application=application,
        papers=papers.current(papers.of(application)),
        required=required,
        welcome=tuple(paper for paper in (*wanted.needed, *wanted.welcome) if paper not in required),
        lacking=applying.lacking(application),
        editable=application.is_(*rules.EDITABLE),
        country=countries.name(application.country),
        words=qualification,
    )
