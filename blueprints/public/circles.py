"""Circles, as everybody reads them."""

from __future__ import annotations

from flask import Response, redirect, url_for
from flask.typing import ResponseReturnValue

from blueprints import circles as pages
from blueprints.guard import actor, guarded
from daigou.catalog import service as catalog
from daigou.circles import service
from daigou.core.access import can
from daigou.documents import service as documents

from . import bp

KEPT_SECONDS = 600  # a photo that was withheld is gone from browsers after that


@bp.get("/circles")
@guarded("public.view")
def circles() -> str:
    return pages.listed()


@bp.get("/circles/<ref>")
@guarded("public.view")
def circle(ref: str) -> str:
    return pages.of(service.circle(ref))


@bp.get("/circles/for/<ref>")
@guarded("public.view")
def circle_for(ref: str) -> ResponseReturnValue:
    """From an item to where its like is talked of; with an account, straight to asking about it."""
    listing, _shop = catalog.item(ref)
    found = service.for_listing(listing.category, listing.brand)
    if found is None:
        return redirect(url_for("public.circles"), 303)
    if can(actor(), "circle.write"):
        return redirect(url_for("shopper.new_check", ref=found.ref, listing=ref), 303)
    return redirect(url_for("public.circle", ref=found.ref), 303)


@bp.get("/circles/threads/<ref>")
@guarded("public.view")
def circle_thread(ref: str) -> str:
    return pages.talk(service.thread(actor(), ref))


@bp.get("/circles/posts/<ref>")
@guarded("public.view")
def circle_post(ref: str) -> str:
    return pages.single(service.post(actor(), ref))


@bp.get("/circles/photos/<ref>")
@guarded("public.view")
def circle_photo(ref: str) -> ResponseReturnValue:
    file = service.photo(actor(), ref)
    response = Response(documents.open_stream(file), mimetype=file.media_type)
    response.cache_control.private = True
    response.cache_control.max_age = KEPT_SECONDS
    response.content_length = file.size
    return response


# Opened by itself, it may do nothing.
circle_photo.talisman_view_options = {"content_security_policy": {"default-src": "'none'", "sandbox": ""}}  # type: ignore[attr-defined]
