"""Guarantees: what they hold and cost, and the repair partners with what we owe them."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from wtforms import SelectMultipleField
from wtforms.widgets import CheckboxInput, ListWidget

from blueprints import countries
from blueprints.fields import Amount, Line, OneOf, Passage, needed, options
from blueprints.guard import actor, guarded
from blueprints.once import once
from blueprints.pages import fail
from blueprints.stepped import stepped_up
from compliance.audit import proposals
from daigou.catalog.rules import CATEGORY_WORDS
from daigou.core.errors import Refusal
from daigou.core.i18n import _, lazy
from daigou.pricing.rules import CURRENCIES
from daigou.warranty import partners, register, words

from . import bp

BOOKS = {
    "warranty_provision": lazy("Set aside for the official warranty"),
    "warranty_premium": lazy("Premiums paid and not yet earned"),
    "warranty_income": lazy("Premiums earned"),
    "warranty_cost": lazy("What guarantees have cost us"),
    "repair_payable": lazy("Owed to repair partners"),
}


class Several(SelectMultipleField):
    """Boxes to tick."""

    widget = ListWidget(prefix_label=False)
    option_widget = CheckboxInput()


class PartnerForm(FlaskForm):
    name = Line(lazy("Name"), 120, required=True)
    country = OneOf(lazy("Country"))
    place = Passage(lazy("Address, as on a label"), 300, required=True)
    categories = Several(lazy("What it repairs"), [needed()], choices=options(CATEGORY_WORDS.items()))
    currency = OneOf(lazy("Currency of its invoices"), [(code, code) for code in sorted(CURRENCIES)])


class PaymentForm(FlaskForm):
    paid = Amount(lazy("What was paid by bank"))
    reason = Passage(lazy("The partner’s invoice, for whoever decides"), proposals.LONGEST, required=True)


@bp.get("/warranty")
@guarded("warranty.partner")
def warranty() -> ResponseReturnValue:
    return _page()


@bp.post("/warranty/partners")
@guarded("warranty.partner")
def enter_partner() -> ResponseReturnValue:
    form = _partner_form(PartnerForm())
    if not form.validate():
        return _page(form), 422
    return once(lambda: _entered(form))


def _entered(form: PartnerForm) -> str:
    told = partners.Entered(
        form.name.data or "", form.country.data, form.place.data or "", form.categories.data or (), form.currency.data
    )
    partners.enter(actor(), told)
    flash(_("Entered. Defects of its country go there from now on."), "success")
    return url_for("officer.warranty")


@bp.post("/warranty/partners/<ref>/leave")
@guarded("warranty.partner")
def partner_leaves(ref: str) -> ResponseReturnValue:
    partners.leave(actor(), ref)
    flash(_("It gets no more work. What it has in hand it ends."), "info")
    return redirect(url_for("officer.warranty"), 303)


@bp.get("/warranty/partners/<ref>")
@guarded("warranty.partner")
def repair_partner(ref: str) -> ResponseReturnValue:
    return _partner_page(ref, PaymentForm(formdata=None))


@bp.post("/warranty/partners/<ref>/pay")
@guarded("warranty.partner")
@stepped_up
def pay_partner(ref: str) -> ResponseReturnValue:
    form, status = PaymentForm(), 422
    form.paid.currency = partners.account(actor(), ref).partner.currency
    try:
        if form.validate():
            return once(lambda: _proposed(ref, form))
    except Refusal as refusal:
        fail(form, refusal)
        status = refusal.status
    return _partner_page(ref, form), status


def _proposed(ref: str, form: PaymentForm) -> str:
    row = partners.propose_payment(actor(), ref, form.paid.money, form.reason.data or "")
    flash(_("It waits for a second officer."), "success")
    return url_for("officer.proposal", ref=row.ref)


def _partner_form(form: PartnerForm) -> PartnerForm:
    form.country.choices = options(countries.choices())
    return form


def _page(form: PartnerForm | None = None) -> str:
    return render_template(
        "officer/warranty.html",
        console=True,
        found=register.register(actor()),
        books=BOOKS,
        partners=partners.directory(actor()),
        form=form or _partner_form(PartnerForm(formdata=None)),
        words=words,
        categories=CATEGORY_WORDS,
    )


def _partner_page(ref: str, form: PaymentForm) -> str:
    return render_template(
        "officer/repair_partner.html",
        console=True,
        found=partners.account(actor(), ref),
        form=form,
        categories=CATEGORY_WORDS,
    )
