"""Many listings at once: a table is checked row by row, and all that is wrong is said together."""

from __future__ import annotations

from typing import Any

from flask import Response, flash, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from werkzeug.datastructures import MultiDict

from blueprints import fields
from blueprints.guard import actor, guarded
from blueprints.once import once
from blueprints.pages import fail
from daigou.catalog import service, sheet
from daigou.core.errors import Invalid
from daigou.core.i18n import _, lazy, ngettext

from . import bp
from .goods import countries
from .listings import ListingForm

MODES = {
    "all": lazy("Only if every row is right"),
    "good": lazy("Take the rows that are right, leave the others"),
}
Faults = list[tuple[int, str, str]]  # row number as the spreadsheet shows it, label of the field, words


class TableForm(FlaskForm):
    file = FileField(lazy("Table (CSV)"))
    mode = fields.OneOf(lazy("What to do"), MODES.items(), default="all")


@bp.get("/listings/bulk")
@guarded("listing.manage")
def bulk() -> str:
    return _page(TableForm(formdata=None))


@bp.post("/listings/bulk")
@guarded("listing.manage")
def take_table() -> ResponseReturnValue:
    form = TableForm()
    faults: Faults = []
    if form.validate_on_submit():
        try:
            good, faults = _checked(sheet.read(form.file.data.read(sheet.BYTES_MOST + 1) if form.file.data else b""))
            if good and (form.mode.data == "good" or not faults):
                return _take(good, faults)
        except Invalid as refusal:
            fail(form, refusal)
    return _page(form, faults), 422


@bp.get("/listings/bulk/template.csv")
@guarded("listing.manage")
def bulk_template() -> Response:
    return _file(sheet.template(), "listings-template.csv")


@bp.get("/listings/export.csv")
@guarded("listing.manage")
def export_listings() -> Response:
    return _file(sheet.export(actor()), "listings.csv")


def _take(good: list[service.Terms], faults: Faults) -> ResponseReturnValue:
    """Drafts of the good rows. What was left out is told once more, on the page they come to."""
    answer = once(lambda: (sheet.draft_all(actor(), good), url_for("merchant.listings", state="draft"))[1])
    said = ngettext("%(num)d listing was drafted. Add its photos.", "%(num)d listings were drafted. Add their photos.",
                    len(good))  # fmt: skip
    flash(said, "success")
    for row, label, words in faults[:20]:
        flash(_("Row %(row)s, %(field)s: %(words)s", row=row, field=label, words=words), "error")
    return answer


def _checked(rows: list[dict[str, str]]) -> tuple[list[service.Terms], Faults]:
    """Every row through the form that a single listing goes through."""
    currency, land = service.merchant_of(actor()).currency, countries()
    good: list[service.Terms] = []
    faults: Faults = []
    for number, row in enumerate(rows, start=2):
        form: Any = ListingForm(formdata=MultiDict(row), meta={"csrf": False})
        form.origin.choices = land
        form.price.currency = form.domestic_freight.currency = currency
        if form.validate():
            good.append(form.terms())
        else:
            faults += [(number, str(form[name].label.text), str(w)) for name, all_ in form.errors.items() for w in all_]
    return good, faults


def _page(form: TableForm, faults: Faults | None = None) -> str:
    return render_template("merchant/bulk.html", console=True, form=form, faults=faults or [], columns=sheet.COLUMNS)


def _file(text: str, name: str) -> Response:
    answer = Response(text, mimetype="text/csv")
    answer.headers.set("Content-Disposition", "attachment", filename=name)
    answer.headers["Cache-Control"] = "no-store"
    return answer
