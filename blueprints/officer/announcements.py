"""What we tell everybody, written by officers."""

from __future__ import annotations

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm

from blueprints.fields import Line, OneOf, Passage
from blueprints.guard import actor, guarded
from blueprints.once import once
from blueprints.pages import fail
from daigou.announcing import rules, service
from daigou.core.errors import Invalid
from daigou.core.i18n import _, lazy

from . import bp


class AnnouncementForm(FlaskForm):
    kind = OneOf(lazy("What it is"), rules.KINDS.items())
    title = Line(lazy("Title"), rules.TITLE_MOST, required=True)
    body = Passage(lazy("Text"), rules.BODY_MOST, required=True)
    title_zh = Line(lazy("Title in Chinese"), rules.TITLE_MOST)
    body_zh = Passage(lazy("Text in Chinese"), rules.BODY_MOST)

    def texts(self) -> dict[str, dict[str, str]]:
        found = {"en": {"title": self.title.data or "", "body": self.body.data or ""}}
        if self.title_zh.data and self.body_zh.data:
            found["zh_Hans"] = {"title": self.title_zh.data, "body": self.body_zh.data}
        return found


@bp.get("/announcements")
@guarded("announcement.post")
def announcements() -> str:
    return _page(AnnouncementForm(formdata=None))


@bp.post("/announcements")
@guarded("announcement.post")
def post_announcement() -> ResponseReturnValue:
    form = AnnouncementForm()
    if not form.validate():
        return _page(form), 422
    try:
        return once(lambda: _posted(form))
    except Invalid as refusal:
        fail(form, refusal)
        return _page(form), 422


@bp.post("/announcements/<ref>/take-down")
@guarded("announcement.post")
def take_down_announcement(ref: str) -> ResponseReturnValue:
    service.take_down(actor(), ref)
    flash(_("Nobody sees it any more."), "success")
    return redirect(url_for("officer.announcements"), 303)


def _posted(form: AnnouncementForm) -> str:
    row = service.post(actor(), form.kind.data, form.texts())
    told = _("Posted, and on its way to everybody.") if row.kind in rules.MAILED else _("Posted in the safety centre.")
    flash(told, "success")
    return url_for("officer.announcements")


def _page(form: AnnouncementForm) -> str:
    page = service.shown(request.args.get("cursor"))
    return render_template("officer/announcements.html", console=True, page=page, form=form, kinds=rules.KINDS)
