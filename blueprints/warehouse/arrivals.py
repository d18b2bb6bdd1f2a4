"""Arrivals: scan the label, weigh, put it on a shelf, scan the next one."""

from __future__ import annotations

from flask import flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from wtforms.validators import Regexp

from blueprints.fields import Line, Whole
from blueprints.guard import actor, guarded
from blueprints.once import once
from blueprints.pages import fail
from daigou.core.db import load
from daigou.core.errors import Invalid
from daigou.core.i18n import _, lazy
from daigou.orders.models import OrderItem
from daigou.warehouse import rules, service

from . import bp

_SHELF = Regexp(r"^[A-Za-z0-9][A-Za-z0-9 ./-]*$", message=lazy("A shelf’s name has letters, digits and dashes only."))


class ArrivalForm(FlaskForm):
    bin = Line(lazy("Shelf"), 20, required=True, validators=[_SHELF])
    weight_g = Whole(lazy("Weight in grams"), 1, rules.HEAVIEST_G)
    length_mm = Whole(lazy("Length in mm"), 1, rules.LONGEST_MM)
    width_mm = Whole(lazy("Width in mm"), 1, rules.LONGEST_MM)
    height_mm = Whole(lazy("Height in mm"), 1, rules.LONGEST_MM)

    def arrival(self) -> rules.Arrival:
        sizes = [f.number or 0 for f in (self.weight_g, self.length_mm, self.width_mm, self.height_mm)]
        return rules.Arrival(rules.code_of(self.bin.data or ""), *sizes)


@bp.get("/arrivals")
@guarded("warehouse.work")
def arrivals() -> ResponseReturnValue:
    code = request.args.get("q", "").strip()[:60]
    found = service.scan(actor(), code) if code else []
    ready = [i for i in found if i.is_("purchased")]
    chosen = ready[0] if len(ready) == 1 else None
    return _page(chosen, ArrivalForm(formdata=None), code=code, found=found)


@bp.get("/arrivals/<ref>")
@guarded("warehouse.work")
def arrival(ref: str) -> ResponseReturnValue:
    return _page(load(OrderItem, ref=ref), ArrivalForm(formdata=None))


@bp.post("/arrivals/<ref>/receive")
@guarded("warehouse.work")
def receive(ref: str) -> ResponseReturnValue:
    form = ArrivalForm()
    if not form.validate():
        return _page(load(OrderItem, ref=ref), form), 422
    try:
        return once(lambda: _receive(ref, form))
    except Invalid as refusal:
        fail(form, refusal)
        return _page(load(OrderItem, ref=ref), form), 422


def _receive(ref: str, form: ArrivalForm) -> str:
    unit = service.receive(actor(), ref, form.arrival())
    flash(_("Received. It lies in %(bin)s.", bin=unit.bin), "success")
    return url_for(".arrivals", done=ref)


def _page(chosen: OrderItem | None, form: ArrivalForm, **more: object) -> str:
    page = service.expected(actor(), request.args.get("after") if request.method == "GET" else None)
    done = request.args.get("done", "")[:20]
    return render_template(
        "warehouse/arrivals.html", console=True, page=page, chosen=chosen, form=form, done=done, **{"code": "", **more}
    )
