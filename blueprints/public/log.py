"""The public side of the audit log, at the addresses of C2SP tlog-tiles, and a page that says what it is."""

from __future__ import annotations

import base64

from flask import Response, abort, current_app, jsonify, render_template, request
from flask.typing import ResponseReturnValue

from blueprints.guard import guarded
from compliance.audit import publishing
from compliance.audit.log import NotInLog
from compliance.audit.note import KeyFileError
from compliance.audit.tiles import WIDTH, NoSuchTile
from daigou.core.errors import Unavailable
from daigou.core.i18n import lazy

from . import bp

YEAR = 365 * 24 * 3600
HOUR = 3600
LONGEST_NUMBER = 18


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


@bp.get("/log/handovers")
@guarded("public.view")
def log_handovers() -> Response:
    """The keys that signed this log, oldest first, and for each but the first the number of its hand-over."""
    lines = [f"{number} {key.size} {key.vkey}" for number, key in enumerate(publishing.key_history())]
    return _plain("".join(f"{line}\n" for line in lines), HOUR)


@bp.get("/log/handovers/<int:number>")
@guarded("public.view")
def log_handover(number: int) -> Response:
    """The note, signed by both, by which a key handed the log over to the next."""
    known = publishing.key_history()[number : number + 1]
    if not known or known[0].handover is None:
        abort(404)
    return _plain(known[0].handover, YEAR)


@bp.get("/log/proof/entry/<int:index>")
@guarded("public.view")
def log_entry_proof(index: int) -> ResponseReturnValue:
    """Hashes that lead from a leaf to the root of a signed tree (``size``, or the newest). No entry is shown."""
    try:
        proof = publishing.entry_proof(index, _number("size"))
    except NotInLog:
        abort(404)
    hashes = {"leaf_hash": _b64(proof.leaf_hash), "hashes": [_b64(h) for h in proof.hashes]}
    return jsonify(index=index, tree_size=proof.size, root_hash=_b64(proof.root), **hashes)


@bp.get("/log/proof/growth/<int:old>")
@guarded("public.view")
def log_growth_proof(old: int) -> ResponseReturnValue:
    """Hashes that show a signed tree (``size``, or the newest) to continue that of ``old`` entries."""
    try:
        signed, hashes = publishing.growth_proof(old, _number("size"))
    except NotInLog:
        abort(404)
    return jsonify(from_size=old, to_size=signed.size, root_hash=_b64(signed.root), hashes=[_b64(h) for h in hashes])


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


def _number(name: str) -> int | None:
    """A count in the query; 404 for what is none, or for more than a tree can have."""
    text = request.args.get(name)
    if text is None:
        return None
    if not text.isascii() or not text.isdigit() or len(text) > LONGEST_NUMBER:
        abort(404)
    return int(text)


def _b64(data: bytes) -> str:
    return base64.b64encode(data).decode("ascii")


def _vkey() -> str:
    try:
        return publishing.vkey()
    except KeyFileError as error:
        current_app.logger.warning("the log's key can't be read: %s", error)
        raise Unavailable("log.no_key", lazy("The log’s key can’t be read right now. Try again later.")) from error
