"""A merchant's bank details, statements and invoices."""

from __future__ import annotations

from flask import Response, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm

from blueprints import countries
from blueprints.fields import Line, OneOf, options
from blueprints.guard import actor, guarded
from blueprints.pages import shown_on
from blueprints.stepped import stepped_up
from daigou.accounts.models import Merchant
from daigou.core.db import db
from daigou.core.i18n import _, lazy
from daigou.invoicing import showing
from daigou.payments.payouts import statements as room
from daigou.payments.payouts.banking import details

from . import bp


class BankForm(FlaskForm):
    holder = Line(lazy("Name of the account’s holder"), 140, required=True)
    country = OneOf(lazy("Country of the bank"))
    account = Line(lazy("IBAN or account number"), 50, required=True, render_kw={"autocomplete": "off"})
    bic = Line(
        lazy("BIC (SWIFT code)"),
        14,
        description=lazy("Needed beside an account number; not beside an IBAN."),
    )


@bp.get("/payouts/bank")
@guarded("payout.onboard")
def bank() -> str:
    return _bank(_form())


@bp.post("/payouts/bank")
@guarded("payout.onboard")
@stepped_up
def save_bank() -> ResponseReturnValue:
    form = _form()
    with shown_on(form) as shown:
        if form.validate_on_submit():
            details.save(actor(), form.holder.data, form.account.data, form.bic.data, form.country.data)
            flash(_("Your bank details are saved. Each owner of your shop is told."), "success")
            return redirect(url_for("merchant.bank"), 303)
    return _bank(form), shown.status


def _form() -> BankForm:
    form = BankForm()
    form.country.choices = options(countries.choices())
    if not form.country.data:
        form.country.data = _merchant().country
    return form


def _bank(form: BankForm) -> str:
    return render_template("merchant/bank.html", console=True, form=form, now=details.current(_merchant().id))


def _merchant() -> Merchant:
    return db.session.get_one(Merchant, actor().merchant_id)


@bp.get("/payouts/statements")
@guarded("payout.onboard")
def statements() -> str:
    invoices = showing.of_merchant(actor(), request.args.get("cursor"))
    return render_template("merchant/statements.html", console=True, months=room.months(_merchant()), invoices=invoices)


@bp.get("/payouts/statements/<month>.csv")
@guarded("payout.onboard")
def statement_csv(month: str) -> Response:
    return _file(room.as_csv(room.statement(actor(), month)), "text/csv; charset=utf-8", f"statement-{month}.csv")


@bp.get("/payouts/statements/<month>.pdf")
@guarded("payout.onboard")
def statement_pdf(month: str) -> Response:
    return _file(room.as_pdf(room.statement(actor(), month)), "application/pdf", f"statement-{month}.pdf")


def _file(content: str | bytes, kind: str, name: str) -> Response:
    response = Response(content, content_type=kind)
    response.headers.set("Content-Disposition", "attachment", filename=name)
    response.headers["Cache-Control"] = "no-store"
    return response
