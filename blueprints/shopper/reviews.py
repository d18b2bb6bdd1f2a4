"""What a shopper thought of an item and of its shop."""

from __future__ import annotations

from flask import flash, render_template, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm

from blueprints.fields import OneOf, Passage
from blueprints.guard import actor, guarded
from blueprints.once import once
from blueprints.pages import fail
from daigou.core.errors import Impossible, Invalid
from daigou.core.i18n import _, lazy
from daigou.orders.models import OrderItem
from daigou.reputation import rules, service

from . import bp

MARKS = (
    ("5", lazy("5: very good")),
    ("4", lazy("4: good")),
    ("3", lazy("3: fair")),
    ("2", lazy("2: poor")),
    ("1", lazy("1: very poor")),
)


class ReviewForm(FlaskForm):
    goods = OneOf(lazy("The item itself"), MARKS)
    described = OneOf(lazy("As described"), MARKS)
    communication = OneOf(lazy("Communication"), MARKS)
    dispatch = OneOf(lazy("Speed of buying and sending"), MARKS)
    words = Passage(lazy("In your words"), 2000)

    def opinion(self) -> service.Opinion:
        marks = {name: int(getattr(self, name).data) for name in rules.DIMENSIONS}
        return service.Opinion(**marks, words=self.words.data or "")


@bp.get("/orders/items/<ref>/review")
@guarded("review.write")
def review(ref: str) -> ResponseReturnValue:
    item = service.item_to_review(actor(), ref)
    try:
        service.refuse_unreviewable(actor(), item)
    except Impossible as refusal:
        return _form(item, ReviewForm(formdata=None), refusal.message), refusal.status
    return _form(item, ReviewForm(formdata=None))


@bp.post("/orders/items/<ref>/review")
@guarded("review.write")
def write_review(ref: str) -> ResponseReturnValue:
    item, form = service.item_to_review(actor(), ref), ReviewForm()
    if not form.validate():
        return _form(item, form), 422
    try:
        return once(lambda: _reviewed(item, form))
    except (Invalid, Impossible) as refusal:
        fail(form, refusal)
        return _form(item, form), refusal.status


def _reviewed(item: OrderItem, form: ReviewForm) -> str:
    row = service.review(actor(), item.ref, form.opinion())
    flash(_("Thank you.") if row.is_("shown") else _("Thank you. An officer reads it before others do."), "success")
    return url_for("shopper.order", ref=item.order_ref)


def _form(item: OrderItem, form: ReviewForm, obstacle: object = None) -> str:
    return render_template("shopper/review.html", item=item, form=form, obstacle=obstacle)
