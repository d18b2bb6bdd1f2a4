"""A merchant's listings: the list, the form, and out into the window."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm

from blueprints.fields import Amount, Day, Line, OneOf, Passage, Whole
from blueprints.guard import actor, guarded
from blueprints.once import once
from blueprints.pages import fail
from daigou.catalog import service, tariff
from daigou.catalog.models import Listing
from daigou.catalog.rules import (
    CONDITION_LOOKS,
    CONDITION_WORDS,
    CONDITIONS,
    DETAILS,
    PHOTOS_NEEDED,
    VIEWS,
    missing,
    missing_views,
)
from daigou.core.errors import Impossible, Invalid
from daigou.core.i18n import _, lazy
from daigou.risk import service as risk

from . import bp
from .goods import Goods, countries, suggestions

STATES = {
    "draft": (lazy("Draft"), ""),
    "active": (lazy("In the shop"), "success"),
    "paused": (lazy("Paused"), "warning"),
    "in_review": (lazy("Being looked at"), "info"),
    "ended": (lazy("Ended"), ""),
}


TEXTS = (
    "category", "title", "brand", "model", "origin", "condition", "description", "usage", "function", "accessories",
    "flaws",
)  # fmt: skip
NUMBERS = ("stock", "weight_g", "length_mm", "width_mm", "height_mm")


class ListingForm(Goods, FlaskForm):
    title = Line(lazy("Title"), 160, required=True)
    description = Passage(lazy("Description"), 5000)
    title_zh = Line(lazy("Title in Chinese"), 160)
    description_zh = Passage(lazy("Description in Chinese"), 5000)
    brand = Line(lazy("Brand"), 80)
    model = Line(lazy("Model"), 80)
    condition = OneOf(lazy("Condition"), [(key, CONDITION_WORDS[key][0]) for key in CONDITIONS])
    purchased_on = Day(lazy("Bought on"), required=False)
    usage = Line(lazy("How it was used"), 300)
    function = Line(lazy("What works and what does not"), 300)
    accessories = Line(lazy("Comes with"), 300)
    flaws = Passage(lazy("Flaws"), 1000)
    price = Amount(lazy("Price of one piece"))
    domestic_freight = Amount(lazy("Freight to our warehouse"), zero=True)
    stock = Whole(lazy("Pieces in stock"), 0, 100_000)
    version = Whole(lazy("Version"), 0, 10**9, required=False)

    def terms(self) -> service.Terms:
        chinese = {"title": self.title_zh.data, "description": self.description_zh.data}
        plain: dict[str, Any] = {name: getattr(self, name).data or "" for name in TEXTS}
        numbers = {name: getattr(self, name).number for name in NUMBERS}
        return service.Terms(
            **plain,
            **numbers,
            hs_code=self.hs_code.code,
            price=self.price.money,
            domestic_freight=self.domestic_freight.money,
            purchased_on=self.purchased_on.data,
            translations={"zh_Hans": {k: v for k, v in chinese.items() if v}} if any(chinese.values()) else {},
        )


@bp.get("/listings")
@guarded("listing.manage")
def listings() -> ResponseReturnValue:
    state = request.args.get("state", "")
    page = service.own(actor(), request.args.get("after"), state if state in STATES else "")
    return render_template("merchant/listings.html", console=True, page=page, states=STATES, state=state)


@bp.get("/listings/new")
@guarded("listing.manage")
def new_listing() -> ResponseReturnValue:
    return _show(_form({"stock": "1", "domestic_freight": "0"}))


@bp.post("/listings/new")
@guarded("listing.manage")
def draft_listing() -> ResponseReturnValue:
    form = _form()
    if not form.validate_on_submit():
        return _show(form), 422
    try:
        return once(lambda: url_for("merchant.edit_listing", ref=service.draft(actor(), form.terms()).ref))
    except Invalid as refusal:
        fail(form, refusal)
        return _show(form), 422


@bp.get("/listings/<ref>/edit")
@guarded("listing.manage")
def edit_listing(ref: str) -> ResponseReturnValue:
    listing = service.view_own(actor(), ref)
    return _show(_form(_values(listing)), listing)


@bp.post("/listings/<ref>/edit")
@guarded("listing.manage")
def save_listing(ref: str) -> ResponseReturnValue:
    listing, form = service.view_own(actor(), ref), _form()
    if not form.validate_on_submit():
        return _show(form, listing), 422
    try:
        service.edit(actor(), ref, form.version.number or 0, form.terms())
    except (Invalid, Impossible) as refusal:
        fail(form, refusal)
        _take_newer_version(form, refusal)
        return _show(form, listing), 422
    flash(_("Saved."), "success")
    return redirect(url_for("merchant.edit_listing", ref=ref), 303)


@bp.post("/listings/<ref>/publish")
@guarded("listing.manage")
def publish_listing(ref: str) -> ResponseReturnValue:
    return _move(ref, service.publish, {
        "active": _("It is in the shop now."),
        "in_review": _("An officer looks at it first, within a day. Then it is in the shop by itself."),
    })  # fmt: skip


@bp.post("/listings/<ref>/pause")
@guarded("listing.manage")
def pause_listing(ref: str) -> ResponseReturnValue:
    return _move(ref, service.pause, {"paused": _("It is out of the shop until you publish it again.")})


@bp.post("/listings/<ref>/end")
@guarded("listing.manage")
def end_listing(ref: str) -> ResponseReturnValue:
    return _move(ref, service.end, {"ended": _("It has ended. Orders that were placed go on.")})


@bp.get("/hs-codes")
@guarded("merchant.work")
def hs_codes() -> ResponseReturnValue:
    """The customs tariff by words or by the first digits."""
    words = request.args.get("q", "").strip()[:80]
    return render_template("merchant/hs_codes.html", console=True, words=words, found=tariff.find(words))


def _form(values: dict[str, Any] | None = None) -> ListingForm:
    form = ListingForm(data=values)
    form.origin.choices = countries()
    shop = service.merchant_of(actor())
    if values is not None and not form.origin.data:
        form.origin.data = shop.country
    for field in (form.price, form.domestic_freight):
        field.currency = shop.currency
    return form


def _values(listing: Listing) -> dict[str, Any]:
    """A listing as its form shows it."""
    own = [*(name for name in TEXTS if name not in DETAILS), *NUMBERS, "hs_code", "version"]
    plain = {name: str(getattr(listing, name)) for name in own}
    chinese = listing.translations.get("zh_Hans", {})
    details = {name: text for name, text in listing.details.items() if name != "purchased_on"}
    bought = listing.details.get("purchased_on")
    return {
        **plain,
        **details,
        "purchased_on": Day.read(bought) if bought else None,
        "title_zh": chinese.get("title", ""),
        "description_zh": chinese.get("description", ""),
        "price": str(listing.price.decimal),
        "domestic_freight": str(listing.domestic_freight.decimal),
    }


def _take_newer_version(form: ListingForm, refusal: Invalid | Impossible) -> None:
    """After "changed elsewhere" the same words can be saved again, on top of what stands now."""
    if "version" in refusal.facts:
        form.version.data, form.version.raw_data = str(refusal.facts["version"]), None


def _show(form: ListingForm, listing: Listing | None = None) -> str:
    return render_template(
        "merchant/listing.html",
        console=True,
        form=form,
        listing=listing,
        states=STATES,
        lacking=missing(listing) if listing else [],
        case=risk.latest(listing.id) if listing else None,
        needed=PHOTOS_NEEDED,
        scale=CONDITION_WORDS,
        looks=CONDITION_LOOKS[listing.category if listing else next(iter(CONDITION_LOOKS))],
        views=VIEWS,
        lacking_views=[VIEWS[view] for view in missing_views(listing)] if listing else [],
        codes=suggestions(),
        currency=form.price.currency,
    )


def _move(ref: str, work: Any, words: dict[str, str]) -> ResponseReturnValue:
    """Do it, and say what the state that it led to means."""
    try:
        flash(words[work(actor(), ref).state], "success")
    except Impossible as refusal:
        flash(str(refusal.message), "error")
    return redirect(url_for("merchant.edit_listing", ref=ref), 303)
