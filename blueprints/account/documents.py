"""Sealed files, for those who may read them. Each reading stands in the log before the first byte leaves."""

from __future__ import annotations

from flask import Response
from flask.typing import ResponseReturnValue

from blueprints.guard import actor, guarded
from blueprints.security import policy
from daigou.documents import service

from . import bp

NOTHING = "default-src 'none'; sandbox"  # should a browser show it after all
EXTENSIONS = {"application/pdf": "pdf", "image/jpeg": "jpg", "image/png": "png", "image/webp": "webp"}


@bp.get("/documents/<ref>")
@guarded("account.use")
@policy(NOTHING)
def document(ref: str) -> ResponseReturnValue:
    file = service.view(actor(), ref)
    response = Response(service.open_stream(file), mimetype=file.media_type)
    name = f"{file.ref}.{EXTENSIONS.get(file.media_type, 'bin')}"
    response.headers.set("Content-Disposition", "attachment", filename=name)
    response.headers["Cache-Control"] = "no-store"
    response.content_length = file.size
    return response
