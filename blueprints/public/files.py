"""Pictures that everybody may see. A file never changes under its reference, so a browser keeps it for a year."""

from __future__ import annotations

from flask import Response, request
from flask.typing import ResponseReturnValue

from blueprints.guard import guarded
from daigou.documents import service

from . import bp

YEAR = 365 * 24 * 3600


@bp.get("/files/<ref>")
@guarded("public.view")
def file(ref: str) -> ResponseReturnValue:
    found = service.find_public(ref)
    response = Response(mimetype=found.media_type)
    response.set_etag(found.sha256)
    response.cache_control.public = True
    response.cache_control.max_age = YEAR
    response.cache_control.immutable = True
    if request.if_none_match.contains(found.sha256):
        response.status_code = 304
        return response
    response.content_length = found.size
    if request.method == "GET":
        response.response = service.open_stream(found)
    return response
