"""Arrivals: scan the label, weigh, put it on a shelf, scan the next one."""

from __future__ import annotations

from flask import flash, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from wtforms import StringField
from wtforms.validators import InputRequired, Length, NumberRange, Regexp

from blueprints.fields import WholeNumberField
from blueprints.guard import actor, guarded
from blueprints.once import once
from blueprints.pages import fail
from daigou.core.db import load
from daigou.core.errors import Invalid
from daigou.core.i18n import _, lazy
from daigou.orders.models import OrderItem
from daigou.warehouse import rules, service

from . import bp

_MM = NumberRange(1, rules.LONGEST_MM, lazy("Between %(min)s and %(max)s mm."))


class ArrivalForm(FlaskForm):
    bin = StringField(
        lazy("Shelf"),
        [
            InputRequired(lazy("Scan or type the shelf.")),
            Length(max=20, message=lazy("A shelf's name has at most %(max)d characters.")),
            Regexp(
                r"^[A-Za-z0-9][A-Za-z0-9 ./-]*$", message=lazy("A shelf's name has letters, digits and dashes only.")
            ),
        ],
        filters=[lambda v: rules.code_of(v) if v else v],
    )
    weight_g = WholeNumberField(
        lazy("Weight in grams"), [NumberRange(1, rules.HEAVIEST_G, lazy("Between %(min)s and %(max)s grams."))]
    )
    length_mm = WholeNumberField(lazy("Length in mm"), [_MM])
    width_mm = WholeNumberField(lazy("Width in mm"), [_MM])
    height_mm = WholeNumberField(lazy("Height in mm"), [_MM])

    def arrival(self) -> rules.Arrival:
        return rules.Arrival(
            self.bin.data, self.weight_g.data, self.length_mm.data, self.width_mm.data, self.height_mm.data
        )


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
