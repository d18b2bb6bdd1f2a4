"""The papers of an application, one page each."""

from __future__ import annotations

from typing import Any

from flask import flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from flask_wtf.file import FileField

from blueprints import countries, fields, qualification
from blueprints.guard import actor, guarded
from blueprints.once import once
from blueprints.pages import fail
from compliance.qualification import applying
from compliance.qualification.rules import ENDING, PaperFacts
from daigou.core.errors import Invalid, NotFound, Unavailable
from daigou.core.i18n import _, lazy
from daigou.documents.inspection import Checked

from . import bp


class PaperForm(FlaskForm):
    file = FileField(lazy("The paper, as PDF or picture"), [fields.needed()])
    issuer = fields.Line(lazy("Who issued it"), 120, required=True)
    country = fields.OneOf(lazy("Country that issued it"))
    number = fields.Line(lazy("Number on the paper"), 80)
    valid_from = fields.Day(lazy("Valid from"), required=False, future=True)
    valid_to = fields.Day(lazy("Valid until"), required=False, future=True)

    def __init__(self, **more: Any) -> None:
        super().__init__(**more)
        self.country.choices = fields.options(countries.choices())

    def facts(self, kind: str) -> PaperFacts:
        number, days = self.number.data or "", (self.valid_from.data, self.valid_to.data)
        return PaperFacts(kind, self.issuer.data, self.country.data, number, *days)


@bp.get("/apply/papers/<kind>")
@guarded("application.start")
def paper(kind: str) -> str:
    application = applying.mine(actor())
    return _page(kind, PaperForm(formdata=None, country=application.country if application else None))


@bp.post("/apply/papers/<kind>")
@guarded("application.start")
def send_paper(kind: str) -> ResponseReturnValue:
    _title(kind)
    form = PaperForm()
    if form.validate_on_submit():
        try:
            # Read before the transaction: a large file must not hold locks while it is looked at.
            upload = applying.read_upload(request.files["file"])
            return once(lambda: _send(kind, form, upload))
        except (Invalid, Unavailable) as refusal:
            fail(form, refusal)
            return _page(kind, form), refusal.status
    return _page(kind, form), 422


def _send(kind: str, form: PaperForm, upload: Checked) -> str:
    applying.add_paper(actor(), form.facts(kind), upload)
    flash(_("The paper is with your application."), "success")
    return url_for("merchant.apply")


def _page(kind: str, form: PaperForm) -> str:
    return render_template("merchant/apply_paper.html", form=form, title=_title(kind), ends=kind in ENDING)


def _title(kind: str) -> object:
    if kind not in qualification.PAPERS:
        raise NotFound("paper.kind", lazy("There is no such kind of paper."))
    return qualification.PAPERS[kind]
