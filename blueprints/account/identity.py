"""Who one is known to be: the tier, what it allows, and the ways to rise."""

from __future__ import annotations

from typing import Any

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from flask_wtf import FlaskForm
from flask_wtf.file import FileField

from blueprints import fields
from blueprints.guard import actor, guarded
from blueprints.once import once
from blueprints.pages import fail
from compliance.identity import checking, judging, photos, reading, words
from daigou.accounts import directory
from daigou.core.errors import Impossible, Invalid, Refusal, Unavailable
from daigou.core.i18n import _, lazy
from daigou.orders import limits

from . import bp


class NameForm(FlaskForm):
    name = fields.Line(lazy("Your full name, as your document shows it"), 120, required=True)


class PhotosForm(NameForm):
    document = FileField(lazy("Your document, held in your hand"), [fields.needed()])
    face = FileField(lazy("Your face"), [fields.needed()])


@bp.get("/account/identity")
@guarded("identity.raise")
def identity() -> str:
    return _page()


@bp.post("/account/identity/check")
@guarded("identity.raise")
def start_check() -> ResponseReturnValue:
    """To the provider's page. Sent twice, it is the same check."""
    form = NameForm()
    if form.validate_on_submit():
        try:
            return redirect(checking.start(actor(), form.name.data), 303)
        except Refusal as refusal:
            fail(form, refusal)
            return _page(form), refusal.status
    return _page(form), 422


@bp.post("/account/identity/card")
@guarded("identity.raise")
def start_card() -> ResponseReturnValue:
    try:
        return redirect(checking.start_card(actor()), 303)
    except (Impossible, Unavailable) as refusal:
        flash(str(refusal.message), "error")
        return _page(), refusal.status


@bp.get("/account/identity/return")
@guarded("identity.raise")
def identity_return() -> ResponseReturnValue:
    """Being led here proves nothing: the provider is asked, and the page follows what it says."""
    checking.came_back(actor())
    flash(_("Thank you. This page shows the outcome as soon as it is known, usually within a minute."), "info")
    return redirect(url_for("account.identity"), 303)


@bp.get("/account/identity/photos")
@guarded("identity.raise")
def identity_photos() -> str:
    return render_template("account/identity_photos.html", form=PhotosForm(formdata=None))


@bp.post("/account/identity/photos")
@guarded("identity.raise")
def send_photos() -> ResponseReturnValue:
    form = PhotosForm()
    if form.validate_on_submit():
        try:
            checking.require_name(form.name.data)
            sent = [photos.read_photo(request.files[field], field) for field in ("document", "face")]
            return once(lambda: _send(form.name.data, *sent))
        except (Invalid, Impossible, Unavailable) as refusal:
            fail(form, refusal)
            return render_template("account/identity_photos.html", form=form), refusal.status
    return render_template("account/identity_photos.html", form=form), 422


@bp.post("/account/identity/checks/<ref>/cancel")
@guarded("identity.raise")
def cancel_check(ref: str) -> ResponseReturnValue:
    checking.cancel(actor(), ref)
    flash(_("The check is given up. You can begin another one at any time."), "success")
    return redirect(url_for("account.identity"), 303)


@bp.post("/account/identity/advanced")
@guarded("identity.raise")
def ask_for_advanced() -> ResponseReturnValue:
    judging.ask_for_advanced(actor())
    flash(_("Two officers look at it, and you get a mail."), "success")
    return redirect(url_for("account.identity"), 303)


def _send(name: str, document: Any, face: Any) -> str:
    photos.send(actor(), name, document, face)
    flash(_("Your photos are with an officer. You get a mail, usually within two working days."), "success")
    return url_for("account.identity")


def _page(form: NameForm | None = None) -> str:
    account = directory.own(actor())
    allowed, spent = limits.of_shopper(account.id)
    return render_template(
        "account/identity.html",
        form=form or NameForm(formdata=None, name=account.name),
        view=reading.of_account(account),
        limits=allowed,
        spent=spent,
        words=words,
    )
