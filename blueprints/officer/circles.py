"""Circles as they are kept: made, described, closed; and who is excluded from one."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm

from blueprints import circles as pages
from blueprints.fields import Line, OneOf, Passage
from blueprints.guard import actor, guarded
from blueprints.once import once
from blueprints.pages import fail
from daigou.catalog.rules import CATEGORY_WORDS
from daigou.circles import service
from daigou.circles.models import Circle
from daigou.core.errors import Invalid
from daigou.core.i18n import _, lazy

from . import bp

STATES = {"open": (lazy("Open"), "success"), "closed": (lazy("Closed"), "")}


class CircleForm(FlaskForm):
    category = OneOf(lazy("Category"), CATEGORY_WORDS.items())
    brand = Line(lazy("Brand"), 80)
    name = Line(lazy("Name"), 80, required=True)
    about = Passage(lazy("What it is about"), 1000, required=True)
    name_zh = Line(lazy("Name in Chinese"), 80)
    about_zh = Passage(lazy("What it is about, in Chinese"), 1000)

    def plan(self) -> service.Plan:
        texts = {"en": {"name": self.name.data or "", "about": self.about.data or ""}}
        if self.name_zh.data and self.about_zh.data:
            texts["zh_Hans"] = {"name": self.name_zh.data, "about": self.about_zh.data}
        return service.Plan(self.category.data, self.brand.data or "", texts)


@bp.get("/circles")
@guarded("circle.keep")
def circles() -> str:
    return _page(CircleForm(formdata=None))


@bp.get("/circles/<ref>")
@guarded("circle.keep")
def kept_circle(ref: str) -> str:
    circle = service.circle(ref)
    return _page(CircleForm(formdata=None, data=_values(circle)), circle)


@bp.post("/circles")
@guarded("circle.keep")
def make_circle() -> ResponseReturnValue:
    form = CircleForm()
    if not form.validate():
        return _page(form), 422
    try:
        return once(lambda: _kept(service.make(actor(), form.plan())))
    except Invalid as refusal:
        fail(form, refusal)
        return _page(form), 422


@bp.post("/circles/<ref>")
@guarded("circle.keep")
def edit_circle(ref: str) -> ResponseReturnValue:
    form = CircleForm()
    if not form.validate():
        return _page(form, service.circle(ref)), 422
    return redirect(_kept(service.edit(actor(), ref, form.plan())), 303)


@bp.post("/circles/<ref>/close")
@guarded("circle.keep")
def close_circle(ref: str) -> ResponseReturnValue:
    return redirect(_kept(service.close(actor(), ref)), 303)


@bp.post("/circles/<ref>/reopen")
@guarded("circle.keep")
def reopen_circle(ref: str) -> ResponseReturnValue:
    return redirect(_kept(service.reopen(actor(), ref)), 303)


@bp.post("/circles/posts/<ref>/exclude")
@guarded("circle.moderate")
def exclude_author(ref: str) -> ResponseReturnValue:
    form = pages.ExclusionForm()
    if not form.validate():
        return pages.single(service.post(actor(), ref), exclusion=form), 422
    service.exclude(actor(), ref, form.reason.data or "")
    flash(_("The author writes in this circle no more, and reads your reason."), "success")
    return redirect(url_for("public.circle_post", ref=ref), 303)


@bp.post("/circles/posts/<ref>/readmit")
@guarded("circle.moderate")
def readmit_author(ref: str) -> ResponseReturnValue:
    service.readmit(actor(), ref)
    flash(_("The author may join again."), "success")
    return redirect(url_for("public.circle_post", ref=ref), 303)


def _kept(circle: Circle) -> str:
    flash(_("Saved."), "success")
    return url_for("officer.kept_circle", ref=circle.ref)


def _values(circle: Circle) -> dict[str, str]:
    chinese = circle.texts.get("zh_Hans", {})
    own = {"category": circle.category, "brand": circle.brand, **circle.texts["en"]}
    return {**own, "name_zh": chinese.get("name", ""), "about_zh": chinese.get("about", "")}


def _page(form: CircleForm, circle: Circle | None = None) -> str:
    page = service.every(request.args.get("cursor"))
    return render_template(
        "officer/circles.html", console=True, page=page, form=form, circle=circle, states=STATES,
        categories=CATEGORY_WORDS,
    )  # fmt: skip
