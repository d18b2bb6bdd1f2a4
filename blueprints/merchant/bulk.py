"""Many listings at once: a table (with photos) is sent, a job works it through, and its page tells."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from flask import Response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from werkzeug.datastructures import MultiDict

from blueprints import fields
from blueprints.guard import actor, guarded
from blueprints.once import once
from blueprints.pages import fail, ui
from daigou.accounts.models import Merchant
from daigou.catalog import sheet
from daigou.catalog.bulk import reading, rules, service
from daigou.core.errors import Impossible, Invalid
from daigou.core.i18n import lazy

from . import bp
from .goods import countries
from .listings import ListingForm

MODES = {
    rules.ONLY_WHOLE: lazy("Only if every row is right"),
    rules.RIGHT_ONES: lazy("Take the rows that are right, leave the others"),
}
STATES = {
    "checking": (lazy("Being checked"), "info"),
    "keeping": (lazy("Drafts are being made"), "info"),
    "finished": (lazy("Done"), "success"),
    "refused": (lazy("Nothing more was kept"), "error"),
}


class TableForm(FlaskForm):
    file = FileField(lazy("Table (CSV)"), description=lazy("Up to 10,000 rows. From Excel: save it as CSV UTF-8."))
    archive = FileField(
        lazy("Photos (ZIP)"),
        description=lazy("If you have them: up to 200 MB. The column “photos” names each row’s files, with | between."),
    )
    mode = fields.OneOf(lazy("What to do"), MODES.items(), default=rules.ONLY_WHOLE)

    def sent(self) -> service.Sent:
        """The table, read; Invalid at ``file`` when it is none."""
        rows = sheet.read(self.file.data.read(sheet.BYTES_MOST + 1) if self.file.data else b"")
        photos = self.archive.data.stream if self.archive.data else None
        return service.Sent(rows, photos, self.mode.data, ui().locale)


@bp.get("/listings/bulk")
@guarded("listing.manage")
def bulk() -> str:
    return _page(TableForm(formdata=None))


@bp.post("/listings/bulk")
@guarded("listing.manage")
def take_table() -> ResponseReturnValue:
    form = TableForm()
    if form.validate_on_submit():
        try:
            sent = form.sent()
            return once(lambda: url_for("merchant.listing_import", ref=service.send(actor(), sent).ref))
        except (Invalid, Impossible) as refusal:
            fail(form, refusal)
    return _page(form), 422


@bp.get("/listings/bulk/<ref>")
@guarded("import.view")
def listing_import(ref: str) -> str:
    table = service.find(actor(), ref)
    return render_template(
        "merchant/import.html", console=True, table=table, progress=service.progress(table), state=STATES[table.state],
        wrong=service.wrong(table, request.args.get("after")),
    )  # fmt: skip


@bp.get("/listings/bulk/<ref>/to-correct.csv")
@guarded("import.view")
def import_to_correct(ref: str) -> Response:
    table = service.find(actor(), ref)
    return _file(service.to_correct(table), f"{table.ref}-to-correct.csv")


@bp.get("/listings/bulk/template.csv")
@guarded("listing.manage")
def bulk_template() -> Response:
    return _file(sheet.template(), "listings-template.csv")


@bp.get("/listings/export.csv")
@guarded("listing.manage")
def export_listings() -> Response:
    return _file(sheet.export(actor()), "listings.csv")


def _reader_for(merchant: Merchant) -> reading.Reader:
    """Every row goes through the form that a single listing goes through."""
    land = countries()

    def read(cells: Mapping[str, str]) -> Any:
        form: Any = ListingForm(formdata=MultiDict(cells), meta={"csrf": False})
        form.origin.choices = land
        form.price.currency = form.domestic_freight.currency = merchant.currency
        if form.validate():
            return form.terms()
        return [[str(form[name].label.text), str(words)] for name, found in form.errors.items() for words in found]

    return read


reading.give(_reader_for)


def _page(form: TableForm) -> str:
    page = service.own(actor(), request.args.get("after"))
    return render_template(
        "merchant/bulk.html", console=True, form=form, page=page, states=STATES
    )


def _file(text: str, name: str) -> Response:
    answer = Response(text, mimetype="text/csv")
    answer.headers.set("Content-Disposition", "attachment", filename=name)
    answer.headers["Cache-Control"] = "no-store"
    return answer
