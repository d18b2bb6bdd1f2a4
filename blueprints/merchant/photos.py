"""The photos of a listing: sent by a form of their own, so that a mistake in the text never loses them."""

from __future__ import annotations

from flask import flash, redirect, request, url_for
from flask.typing import ResponseReturnValue

from blueprints.guard import actor, guarded
from daigou.catalog import service
from daigou.core.errors import Impossible, Invalid, Refusal
from daigou.core.i18n import _

from . import bp


@bp.post("/listings/<ref>/photos")
@guarded("listing.manage")
def add_photos(ref: str) -> ResponseReturnValue:
    uploads = [each for each in request.files.getlist("photos") if each.filename]
    views = [request.form.get("view", "")] * len(uploads)
    return _do(ref, lambda: service.add_photos(actor(), ref, uploads, views), _("The photos are kept."))


@bp.post("/listings/<ref>/photos/views")
@guarded("listing.manage")
def label_photos(ref: str) -> ResponseReturnValue:
    views = dict(zip(request.form.getlist("photo"), request.form.getlist("view"), strict=False))
    return _do(ref, lambda: service.label_photos(actor(), ref, views), _("It is noted what the photos show."))


@bp.post("/listings/<ref>/photos/remove")
@guarded("listing.manage")
def remove_photo(ref: str) -> ResponseReturnValue:
    photo = request.form.get("photo", "")
    return _do(ref, lambda: service.remove_photo(actor(), ref, photo), _("The photo is taken out."))


@bp.post("/listings/<ref>/photos/cover")
@guarded("listing.manage")
def make_cover(ref: str) -> ResponseReturnValue:
    photo = request.form.get("photo", "")
    return _do(ref, lambda: service.make_cover(actor(), ref, photo), _("This photo stands first now."))


def _do(ref: str, work: object, words: str) -> ResponseReturnValue:
    try:
        work()  # type: ignore[operator]
        flash(words, "success")
    except (Invalid, Impossible) as refusal:
        flash(_words(refusal), "error")
    return redirect(url_for("merchant.edit_listing", ref=ref, _anchor="photos"), 303)


def _words(refusal: Refusal) -> str:
    fields = getattr(refusal, "fields", {})
    return str(next(iter(fields.values()), refusal.message))
