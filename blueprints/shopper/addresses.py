"""The address book. Which fields there are depends on the country, so that is asked first."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from wtforms import HiddenField

from blueprints import countries, fields
from blueprints.guard import actor, guarded
from blueprints.local import local_path
from blueprints.once import once
from blueprints.pages import fail
from blueprints.stepped import stepped_up
from daigou.accounts import directory
from daigou.accounts.addresses import rules, service
from daigou.accounts.models import Address
from daigou.core.access import Actor
from daigou.core.errors import Invalid
from daigou.core.i18n import _, lazy

from . import bp


class AddressForm(FlaskForm):
    country = fields.OneOf(lazy("Country"))
    name = fields.Line(lazy("Full name of who receives it"), 80, required=True)
    street = fields.Line(lazy("Street and number"), 160, required=True)
    postal_code = fields.Line(lazy("Postal code"), 16)
    city = fields.Line(lazy("Town or city"), 80)
    region = fields.Line(lazy("State, province or region"), 80)
    phone = fields.Line(lazy("Phone number"), 40, required=True)
    email = fields.Email(lazy("E-mail for the carrier"), required=False)
    tax_id = fields.Line(lazy("Tax or customs number"), 40)
    next = HiddenField()

    def __init__(self, **more: Any) -> None:
        super().__init__(**more)
        self.country.choices = fields.options(countries.choices())

    def facts(self) -> rules.AddressFacts:
        return rules.AddressFacts(
            country=self.country.data,
            name=self.name.data,
            street=self.street.data,
            city=self.city.data or "",
            postal_code=self.postal_code.data or "",
            region=self.region.data or "",
            phone=self.phone.data,
            email=self.email.data or "",
            tax_id=self.tax_id.data or "",
        )


@bp.get("/addresses")
@guarded("address.keep")
def addresses() -> str:
    return render_template("shopper/addresses.html", addresses=service.mine(actor()), country_name=countries.name)


@bp.get("/addresses/new")
@guarded("address.keep")
def new_address() -> str:
    account = directory.own(actor())
    form = AddressForm(formdata=None, country=account.country, name=account.name)
    form.next.data = local_path(request.args.get("next"), "")
    return _page(form)


@bp.post("/addresses/new")
@guarded("address.keep")
@stepped_up
def add_address() -> ResponseReturnValue:
    return _save(AddressForm(), service.add, _("The address is in your book."))


@bp.get("/addresses/<ref>")
@guarded("address.keep")
def address(ref: str) -> str:
    found = service.find(actor(), ref)
    return _page(AddressForm(formdata=None, country=found.country, **found.content), found)


@bp.post("/addresses/<ref>")
@guarded("address.keep")
@stepped_up
def change_address(ref: str) -> ResponseReturnValue:
    change = partial(service.change, ref=ref)
    return _save(AddressForm(), lambda who, facts: change(who, facts=facts), _("The address is changed."))


@bp.post("/addresses/<ref>/delete")
@guarded("address.keep")
@stepped_up
def delete_address(ref: str) -> ResponseReturnValue:
    service.delete(actor(), ref)
    flash(_("The address is deleted. Parcels that are on their way to it are not changed."), "success")
    return redirect(url_for("shopper.addresses"), 303)


def _save(form: AddressForm, use_case: Callable[[Actor, rules.AddressFacts], object], done: str) -> ResponseReturnValue:
    def save() -> str:
        use_case(actor(), form.facts())
        flash(done, "success")
        return local_path(form.next.data, url_for("shopper.addresses"))

    if "fields" in request.form:  # another country was chosen: its fields, with all that was typed
        return _page(form)
    if form.validate_on_submit():
        try:
            return once(save)
        except Invalid as refusal:
            fail(form, refusal)
    return _page(form), 422


def _page(form: AddressForm, found: Address | None = None) -> str:
    country = form.country.data or directory.own(actor()).country
    needed, number = rules.needed(country), service.importer_id(country)
    return render_template("shopper/address.html", form=form, address=found, needed=needed, importer_id=number)
