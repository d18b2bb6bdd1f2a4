"""The public side of the audit log, at the addresses of C2SP tlog-tiles, and a page that says what it is."""

from __future__ import annotations

from flask import Response, abort, current_app, render_template, request
from flask.typing import ResponseReturnValue

from blueprints.guard import guarded
from compliance.audit import publishing
from compliance.audit.note import KeyFileError
from compliance.audit.tiles import WIDTH, NoSuchTile
from daigou.core.errors import Unavailable
from daigou.core.i18n import lazy

from . import bp

YEAR = 365 * 24 * 3600
HOUR = 3600


@bp.get("/log")
@guarded("public.view")
def log_page() -> str:
    signed = publishing.newest()
    said = publishing.read(signed) if signed else None
    origin = current_app.extensions["config"].log_origin
    return render_template("public/log.html", signed=signed, said=said, origin=origin, vkey=_vkey())


@bp.get("/log/checkpoint")
@guarded("public.view")
def log_checkpoint() -> ResponseReturnValue:
    """The newest signed checkpoint; 404 while there is none."""
    signed = publishing.newest()
    if signed is None:
        abort(404)
    return _plain(signed.note, 1)


@bp.get("/log/vkey")
@guarded("public.view")
def log_vkey() -> Response:
    """The key that checkpoints and exports are verified with."""
    return _plain(_vkey() + "\n", HOUR)


@bp.get("/log/tile/<path:place>")
@guarded("public.view")
def log_tile(place: str) -> ResponseReturnValue:
    """Hashes only. A full tile never changes; a partial one is soon replaced by a wider."""
    try:
        tile, content = publishing.tile(f"tile/{place}")
    except NoSuchTile:
        abort(404)
    response = Response(content, mimetype="application/octet-stream")
    response.cache_control.public = True
    response.cache_control.max_age = YEAR if tile.width == WIDTH else HOUR
    response.cache_control.immutable = tile.width == WIDTH
    response.add_etag()
    return response.make_conditional(request)


def _plain(text: str, seconds: int) -> Response:
    response = Response(text, content_type="text/plain; charset=utf-8")
    response.cache_control.public = True
    response.cache_control.max_age = seconds
    return response


def _vkey() -> str:
    try:
        return publishing.vkey()
    except KeyFileError as error:
        current_app.logger.warning("the log's key can't be read: %s", error)
        raise Unavailable("log.no_key", lazy("The log’s key can’t be read right now. Try again later.")) from error
