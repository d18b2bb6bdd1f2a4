"""The packing table."""

from __future__ import annotations

from flask import flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from wtforms import BooleanField

from blueprints.fields import Whole
from blueprints.guard import actor, guarded
from blueprints.once import once
from blueprints.pages import fail
from daigou.core.errors import Invalid
from daigou.core.i18n import _, lazy
from daigou.documents import service as documents
from daigou.shipping import service
from daigou.warehouse import rules

from . import bp


class PackForm(FlaskForm):
    weight_g = Whole(lazy("Weight of the packed parcel in grams"), 1, rules.HEAVIEST_G)
    sure = BooleanField(lazy("Weighed twice, it is heavier than billed. We bear the difference."))


@bp.get("/packing")
@guarded("warehouse.work")
def packing() -> ResponseReturnValue:
    return _page(request.args.get("q", "").strip()[:60].upper(), PackForm(formdata=None))


@bp.get("/packing/<ref>")
@guarded("warehouse.work")
def parcel(ref: str) -> ResponseReturnValue:
    return _page(ref, PackForm(formdata=None))


@bp.post("/packing/<ref>/pack")
@guarded("parcel.pack")
def pack(ref: str) -> ResponseReturnValue:
    form = PackForm()
    if not form.validate():
        return _page(ref, form), 422
    try:
        return once(lambda: _pack(ref, form))
    except Invalid as refusal:
        fail(form, refusal)
        return _page(ref, form), 422


def _pack(ref: str, form: PackForm) -> str:
    service.pack(actor(), ref, form.weight_g.number or 0, sure=bool(form.sure.data))
    flash(_("Packed. Buy the label and hand it over."), "success")
    return url_for(".parcel", ref=ref)


@bp.post("/packing/<ref>/ship")
@guarded("parcel.ship")
def ship(ref: str) -> ResponseReturnValue:
    return once(lambda: _ship(ref))


def _ship(ref: str) -> str:
    service.ask_to_ship(actor(), ref)
    flash(_("The label is being bought. It stands here in a moment."), "success")
    return url_for(".parcel", ref=ref)


def _page(ref: str, form: PackForm) -> str:
    page = service.to_pack(actor(), request.args.get("after") if request.method == "GET" else None)
    chosen, inside = service.on_table(actor(), ref) if ref else (None, [])
    labels = documents.files_about(chosen.stream, "label") if chosen else []
    return render_template(
        "warehouse/packing.html",
        console=True,
        page=page,
        chosen=chosen,
        inside=inside,
        line=service.line_of(chosen) if chosen else None,
        label=labels[0] if labels else None,
        papers=[f for k in ("customs_form", "invoice") for f in documents.files_about(chosen.stream, k)]
        if chosen
        else [],
        form=form,
    )
