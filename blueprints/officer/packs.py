"""Legal packs: all of one case in a file that proves itself."""

from __future__ import annotations

from datetime import timedelta

from flask import Response, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from wtforms import BooleanField, SelectChoice, SelectField

from blueprints.fields import Line, Passage
from blueprints.guard import actor, guarded
from blueprints.once import once
from blueprints.pages import fail, ui
from blueprints.stepped import stepped_up
from compliance.audit import references
from daigou.accounts.directory import names_of
from daigou.casework import packs as service
from daigou.core import clock
from daigou.core.errors import Refusal
from daigou.core.i18n import LOCALES, lazy

from . import bp
from .exports import FAULTS, STATES

STILL = timedelta(seconds=10)


class PackForm(FlaskForm):
    about = Line(lazy("Order, parcel, return or dispute"), 40, required=True)
    reason = Passage(lazy("What it is for"), 1000, required=True)
    locale = SelectField(lazy("Language of the cover page"), choices=[SelectChoice(*pair) for pair in LOCALES.items()])
    people = BooleanField(
        lazy("With documents, tracking and messages"),
        description=lazy("They are personal data in clear: another officer must agree first."),
    )


@bp.get("/packs")
@guarded("pack.ask")
def packs() -> str:
    locale = ui().locale if ui().locale in LOCALES else "en"
    return _page(PackForm(formdata=None, about=request.args.get("about", ""), locale=locale))


@bp.post("/packs")
@guarded("pack.ask")
@stepped_up
def ask_pack() -> ResponseReturnValue:
    form = PackForm()
    try:
        if form.validate():
            return once(lambda: url_for("officer.pack", ref=_ask(form)))
    except Refusal as refusal:
        fail(form, refusal)
        return _page(form), refusal.status
    return _page(form), 422


def _ask(form: PackForm) -> str:
    about = references.reference(form.about.data or "") or ""
    return service.ask(actor(), about, form.reason.data or "", form.locale.data, form.people.data).ref


@bp.get("/packs/<ref>")
@guarded("pack.ask")
def pack(ref: str) -> ResponseReturnValue:
    row = service.find_pack(actor(), ref)
    done = row.is_("ready", "failed") and clock.now() - row.state_since > STILL
    if done and request.headers.get("X-Requested-With") == "poll":
        return "", 204
    label, tone = STATES[row.state]
    return render_template(
        "officer/pack.html", console=True, pack=row, label=label, tone=tone, fault=FAULTS.get(row.error or "", ""),
        second=service.second_person(row), people=names_of({row.requested_by}),
    )  # fmt: skip


@bp.get("/packs/<ref>/pack.zip")
@guarded("pack.fetch")
def pack_file(ref: str) -> Response:
    row, pieces = service.fetch(actor(), ref)
    response = Response(pieces, mimetype="application/zip")
    response.headers.set("Content-Disposition", "attachment", filename=f"{row.ref}.zip")
    response.headers["Cache-Control"] = "no-store"
    response.content_length = row.size or 0
    return response


def _page(form: PackForm) -> str:
    page = service.history(actor(), request.args.get("cursor"))
    return render_template("officer/packs.html", console=True, form=form, page=page, states=STATES)
