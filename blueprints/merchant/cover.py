"""An extended warranty that a merchant includes in a listing, at its cost."""

from __future__ import annotations

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from wtforms import RadioField
from wtforms.fields.choices import SelectChoice

from blueprints.guard import actor, guarded
from blueprints.pages import fail
from daigou.core.errors import Invalid
from daigou.core.i18n import _, lazy, ngettext
from daigou.warranty import offering

from . import bp


class IncludedForm(FlaskForm):
    plan = RadioField(lazy("Extended warranty"), [])


@bp.get("/listings/<ref>/cover")
@guarded("listing.manage")
def listing_cover(ref: str) -> ResponseReturnValue:
    return _page(ref, IncludedForm(formdata=None))


@bp.post("/listings/<ref>/cover")
@guarded("listing.manage")
def include_cover(ref: str) -> ResponseReturnValue:
    form = _with_plans(IncludedForm(), ref)
    try:
        if form.validate():
            offering.include(actor(), ref, form.plan.data or "")
            flash(_("Saved. It holds from the next order on."), "success")
            return redirect(url_for("merchant.listing_cover", ref=ref), 303)
    except Invalid as refusal:
        fail(form, refusal)
    return _page(ref, form), 422


def _with_plans(form: IncludedForm, ref: str) -> IncludedForm:
    _listing, offers, _now = offering.for_listing(actor(), ref)
    plans = [(o.plan.code, ngettext("%(num)d month", "%(num)d months", o.plan.months)) for o in offers]
    form.plan.choices = [SelectChoice(*row) for row in (("", _("None")), *plans)]
    return form


def _page(ref: str, form: IncludedForm) -> str:
    listing, offers, now = offering.for_listing(actor(), ref)
    return render_template(
        "merchant/cover.html", console=True, listing=listing, offers=offers, now=now, form=_with_plans(form, ref)
    )
