"""Work that was given up after many tries: again, or set aside with a reason."""

from __future__ import annotations

from uuid import UUID

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm

from blueprints.fields import Passage
from blueprints.guard import actor, guarded
from blueprints.pages import key_of, shown_on
from compliance.audit import givenup as service
from compliance.audit import proposals
from daigou.core.i18n import _, lazy

from . import bp


class AsideForm(FlaskForm):
    reason = Passage(lazy("Why it need not be done any more"), proposals.LONGEST, required=True)


@bp.get("/work")
@guarded("work.resume")
def given_up() -> str:
    return _page(AsideForm(formdata=None))


@bp.post("/work/<key>/resume")
@guarded("work.resume")
def resume_work(key: str) -> ResponseReturnValue:
    service.resume(actor(), key_of(key))
    flash(_("It is tried again now."), "info")
    return redirect(url_for("officer.given_up"), 303)


@bp.post("/work/<key>/set-aside")
@guarded("work.resume")
def set_work_aside(key: str) -> ResponseReturnValue:
    form = AsideForm()
    with shown_on(form) as shown:
        if form.validate():
            service.set_aside(actor(), key_of(key), form.reason.data or "")
            flash(_("Set aside, with your reason."), "info")
            return redirect(url_for("officer.given_up"), 303)
    return _page(form, key_of(key)), shown.status


def _page(form: AsideForm, key: UUID | None = None) -> str:
    page = service.waiting(actor(), request.args.get("cursor"))
    return render_template("officer/given_up.html", console=True, page=page, form=form, key=key)
