"""What buyers said of this shop: answered once, or reported."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm

from blueprints.fields import OneOf, Passage
from blueprints.guard import actor, guarded
from blueprints.pages import fail
from blueprints.public.standing import words_of
from daigou.core.errors import Impossible, Invalid
from daigou.core.i18n import _, lazy
from daigou.reputation import service

from . import bp

WHY = (
    ("false", lazy("It is not true")),
    ("abusive", lazy("It insults or threatens")),
    ("blackmail", lazy("It was used to demand something")),
    ("other_shop", lazy("It is about something else")),
)
STATES = {
    "shown": (lazy("Shown"), "success"),
    "held": (lazy("Being looked at"), "info"),
    "withheld": (lazy("Withheld"), "warning"),
}


class ReplyForm(FlaskForm):
    reply = Passage(lazy("Your answer, which everybody reads"), 1000, required=True)


class ReportForm(FlaskForm):
    reason = OneOf(lazy("Why"), WHY)


@bp.get("/reviews")
@guarded("review.read")
def reviews() -> str:
    return _page()


@bp.post("/reviews/<ref>/reply")
@guarded("review.answer")
def reply_to_review(ref: str) -> ResponseReturnValue:
    form = ReplyForm()
    if not form.validate():
        return _page(ref, form), 422
    try:
        service.reply(actor(), ref, form.reply.data or "")
    except (Invalid, Impossible) as refusal:
        fail(form, refusal)
        return _page(ref, form), refusal.status
    flash(_("Your answer stands beside the review."), "success")
    return redirect(url_for("merchant.reviews"), 303)


@bp.post("/reviews/<ref>/report")
@guarded("review.answer")
def report_review(ref: str) -> ResponseReturnValue:
    form = ReportForm()
    if not form.validate():
        return _page(ref, None, form), 422
    try:
        service.report(actor(), ref, form.reason.data)
    except Impossible as refusal:
        fail(form, refusal)
        return _page(ref, None, form), refusal.status
    flash(_("It is out of sight until an officer has decided, within a day."), "success")
    return redirect(url_for("merchant.reviews"), 303)


def _page(ref: str = "", reply: ReplyForm | None = None, report: ReportForm | None = None) -> str:
    return render_template(
        "merchant/reviews.html",
        console=True,
        page=service.of_shop(actor(), request.args.get("cursor")),
        standing=words_of(actor().merchant_id),
        at=ref,
        forms=(reply or ReplyForm(formdata=None), report or ReportForm(formdata=None)),
        states=STATES,
        why=WHY,
    )
